package postgres

import (
	"context"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// constraints maps the names of our constraints to what a person may read. Constraints are
// the last guard: use-cases check first and give better messages.
var constraints = map[string]struct {
	kind   fault.Kind
	public string
}{
	"member_username_key":             {fault.Conflict, "Ce nom d’utilisateur est déjà pris."},
	"member_address_pkey":             {fault.Conflict, "Cette adresse est déjà utilisée par un autre membre."},
	"mission_dates_check":             {fault.Invalid, "La fin de la mission précède son début."},
	"phase_dates_check":               {fault.Invalid, "La fin de la phase précède son début."},
	"phase_startup_id_name_key":       {fault.Conflict, "Ce produit est déjà passé par cette phase."},
	"startup_slug_key":                {fault.Conflict, "Un produit porte déjà ce nom."},
	"incubator_slug_key":              {fault.Conflict, "Un incubateur porte déjà ce nom."},
	"organization_slug_key":           {fault.Conflict, "Une organisation porte déjà cet acronyme."},
	"organization_name_key":           {fault.Conflict, "Une organisation porte déjà ce nom."},
	"organization_acronym_key":        {fault.Conflict, "Une organisation porte déjà cet acronyme."},
	"team_slug_key":                   {fault.Conflict, "Une équipe porte déjà ce nom dans cet incubateur."},
	"member_primary_email_form_check": {fault.Invalid, "Cette adresse n’est pas valide."},
}

// Fault gives a database error its kind: violated constraints, lost connections. Faults and
// other errors pass unchanged; nil stays nil.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if violation, ok := errors.AsType[*pgconn.PgError](err); ok {
		return faultOfCode(violation, err)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return fault.New(fault.Unavailable, "La base de données ne répond pas.", "%w", err)
	}
	if _, ok := errors.AsType[net.Error](err); ok && !errors.Is(err, context.Canceled) {
		return fault.New(fault.Unavailable, "La base de données ne répond pas.", "%w", err)
	}
	return err
}

func faultOfCode(violation *pgconn.PgError, err error) error {
	if known, ok := constraints[violation.ConstraintName]; ok {
		return fault.New(known.kind, known.public, "%w", err)
	}
	switch violation.Code {
	case "23505": // unique_violation
		return fault.New(fault.Conflict, "Cet élément existe déjà.", "%w", err)
	case "23503", "23514", "22P02", "22021", "22001": // foreign key, check, bad text, bad encoding, too long
		return fault.New(fault.Invalid, "Cette valeur n’est pas acceptée.", "%w", err)
	case "57P01", "57P02", "57P03", "53300": // shutting down, crashed, starting up, too many connections
		return fault.New(fault.Unavailable, "La base de données ne répond pas.", "%w", err)
	}
	return err
}
