package member

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// addressForm is what vendors and mail servers of the community accept: no quotes, no letter
// outside ASCII, so that two addresses which look the same are the same.
var addressForm = regexp.MustCompile(`^[a-z0-9!#$%&'*+/=?^_{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*[a-z0-9]$`)

const badAddress = "Saisis une adresse au bon format, par exemple prenom.nom@exemple.fr."

// wellFormed accepts what may be an address, already normalised; whether it works, only a mail
// tells.
func wellFormed(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address && len(address) <= 254 && len(local) <= 64 && addressForm.MatchString(address)
}

// sharedNames are the words which say that several people read a mailbox.
var sharedNames = []string{
	"admin", "administrator", "administrateur", "support", "root", "sysadmin", "superuser", "team", "equipe", "staff", "moderator",
	"moderateur", "service", "helpdesk", "contact", "management", "noreply", "nepasrepondre", "master", "webmaster", "postmaster",
	"hostmaster", "info", "infos", "secretariat", "accueil",
}

// Shared tells whether an address looks like one that several people read: its local part has a
// word such as "contact". The domain does not count, nor the inside of a word: a person may be
// named Falstaff, and work at service-public.fr.
func Shared(address string) bool {
	local, _, _ := strings.Cut(NormalizeAddress(address), "@")
	local, _, _ = strings.Cut(local, "+")
	local = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, local)
	words := strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("._-", r) })
	words = append(words, strings.Join(words, "")) // no-reply
	return slices.ContainsFunc(words, func(word string) bool { return slices.Contains(sharedNames, word) })
}

// ours tells whether an address is of the community's domain.
func (s *Service) ours(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return domain != "" && domain == strings.ToLower(s.config.Domain)
}

// ownName tells whether an address of our domain is the one that a username may have.
func (s *Service) ownName(username, address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return s.ours(address) && (local == username || local == username+s.config.RedirectionSuffix)
}

// address reads an address which must be somebody's own.
func (c checks) address(field, text string) string {
	address := NormalizeAddress(text)
	switch {
	case address == "":
		c.refuse(field, "L’adresse est obligatoire.")
	case !wellFormed(address):
		c.refuse(field, badAddress)
	case Shared(address):
		c.refuse(field, "Cette adresse semble partagée entre plusieurs personnes. L’accès est personnel : donne une adresse nominative.")
	}
	return address
}

// AddressKind is one of the two addresses of a member.
type AddressKind string

// The kinds.
const (
	Primary   AddressKind = "primary"
	Secondary AddressKind = "secondary"
)

// holder tells who owns an address; the nil uuid when nobody does.
func holder(ctx context.Context, db postgres.DB, address string) (owner uuid.UUID, kind AddressKind, err error) {
	err = db.QueryRow(ctx, `
		SELECT member_id, kind
		FROM member_address
		WHERE address = $1`, address).Scan(&owner, &kind)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, "", nil
	}
	if err != nil {
		return uuid.Nil, "", fmt.Errorf("look for the owner of an address: %w", postgres.Fault(err))
	}
	return owner, kind, nil
}

// OwnAddress gives the address of our domain that a member gets.
func (s *Service) OwnAddress(m Member) string {
	if m.EmailIsRedirection {
		return m.Username + s.config.RedirectionSuffix + "@" + s.config.Domain
	}
	return m.Username + "@" + s.config.Domain
}
