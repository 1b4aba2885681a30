package member

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// NewMember is a record that a colleague creates, as typed.
type NewMember struct {
	Firstname, Lastname string
	Email               string // becomes the secondary address, whatever its nature, until the person verifies the record
	Domain              string
	Mission             MissionDraft
	// Seen lists the usernames of the people of the same name that the colleague was shown.
	Seen []string
}

// Created is a record just created.
type Created struct {
	ID       uuid.UUID
	Username string
	Fullname string
}

// Homonym is a member whose name is that of a record to create, or nearly.
type Homonym struct {
	Username string
	Fullname string
	Role     string
	Domain   string
	Active   bool
	LastEnd  clock.Day // of the missions; zero: none, or no end
	Startups []string  // names of the products of all missions
}

// HomonymsError asks the colleague to look at people of the same name before creating another.
type HomonymsError struct {
	People   []Homonym
	Username string // that the new record would have
}

// Error gives the English text.
func (e *HomonymsError) Error() string {
	return fmt.Sprintf("%d people bear nearly this name", len(e.People))
}

// Unwrap makes it a Conflict.
func (e *HomonymsError) Unwrap() error {
	return &fault.Error{Kind: fault.Conflict, Public: "Une personne porte déjà ce nom, ou presque."}
}

// Create makes the record of somebody who arrives, with their first mission, by an active
// member. The person is then invited to verify it. It is Invalid with a message by field, or a
// HomonymsError when people of nearly the same name have not been shown yet.
func (s *Service) Create(ctx context.Context, who actor.Actor, n NewMember) (created Created, err error) {
	if err := Can(who, CreateMember, Subject{}); err != nil {
		return created, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		record, err := s.readNew(ctx, tx, n)
		if err != nil {
			return err
		}
		base := UsernameFor(n.Firstname, n.Lastname)
		// Two creations of one name wait for each other, so that the second sees the first.
		if _, err := tx.Exec(ctx, `
			SELECT pg_advisory_xact_lock(hashtextextended('member/' || $1, 0))`, base); err != nil {
			return fmt.Errorf("wait for creations of the same name: %w", err)
		}
		if record.Username, err = s.freeUsername(ctx, tx, base); err != nil {
			return err
		}
		if err := s.checkHomonyms(ctx, tx, record, n.Seen); err != nil {
			return err
		}
		created, err = s.insert(ctx, tx, who, record)
		return err
	})
	return created, err
}

// newRecord is a creation that has been read.
type newRecord struct {
	Username, Fullname, Email, Domain string
	Mission                           Mission
}

func (s *Service) readNew(ctx context.Context, tx pgx.Tx, n NewMember) (newRecord, error) {
	c := checks{}
	first := c.name("firstname", n.Firstname, MaxName, "Le prénom est obligatoire.")
	last := c.name("lastname", n.Lastname, MaxName, "Le nom est obligatoire.")
	r := newRecord{Fullname: first + " " + last, Email: c.address("email", n.Email), Domain: c.choice("domain", n.Domain, domainLabels())}
	for field, name := range map[string]string{"firstname": first, "lastname": last} {
		if handlePart(name) == "" {
			c.refuse(field, "Ce nom ne contient aucune lettre de l’alphabet latin.")
		}
	}
	if r.Domain == "" {
		c.refuse("domain", "Le domaine est obligatoire.")
	}
	if err := s.checkInvited(ctx, tx, c, r.Email); err != nil {
		return r, err
	}
	products, err := AllProducts(ctx, tx)
	if err != nil {
		return r, err
	}
	n.Mission.ID = ""
	r.Mission = judge{checks: c, today: clock.Today(s.clock), products: products}.mission(0, n.Mission)
	return r, c.err()
}

// checkInvited refuses an address that cannot invite anybody.
func (s *Service) checkInvited(ctx context.Context, tx pgx.Tx, c checks, address string) error {
	if c["email"] != "" {
		return nil
	}
	if s.ours(address) {
		c.refuse("email", "Cette adresse est de notre domaine : elle sera créée plus tard. Donne celle où la personne reçoit déjà ses mails.")
		return nil
	}
	owner, _, err := holder(ctx, tx, address)
	if owner != uuid.Nil {
		c.refuse("email", "Cette adresse est déjà celle d’un membre : sa fiche existe sans doute déjà.")
	}
	return err
}

// ProposeUsername gives the handle that a record of these names would get; empty when the names
// leave no letter.
func (s *Service) ProposeUsername(ctx context.Context, firstname, lastname string) (string, error) {
	base := UsernameFor(firstname, lastname)
	if base == "" {
		return "", nil
	}
	return s.freeUsername(ctx, s.db, base)
}

// freeUsername gives a handle that nobody has, whose address nobody has, and that makes nobody
// an administrator: the one derived from the names, else with a number from 2.
func (s *Service) freeUsername(ctx context.Context, db postgres.DB, base string) (string, error) {
	base = strings.TrimRight(base[:min(len(base), maxUsername)], ".-")
	taken, err := postgres.Column[string](ctx, db, `
		SELECT username
		FROM member
		WHERE username LIKE $1 || '%'
		UNION
		SELECT split_part(address, '@', 1)
		FROM member_address
		WHERE address LIKE $1 || '%@' || $2`, base, s.config.Domain)
	if err != nil {
		return "", fmt.Errorf("look for a free username: %w", err)
	}
	taken = append(taken, s.config.Admins...)
	username := base
	for n := 2; slices.Contains(taken, username); n++ {
		username = fmt.Sprintf("%s%d", base, n)
	}
	return username, nil
}

// Homonyms lists the members whose name is nearly the one given, the nearest first.
func (s *Service) Homonyms(ctx context.Context, firstname, lastname string) ([]Homonym, error) {
	return s.homonyms(ctx, s.db, firstname+" "+lastname, UsernameFor(firstname, lastname))
}

func (s *Service) homonyms(ctx context.Context, db postgres.DB, fullname, username string) ([]Homonym, error) {
	people, err := postgres.All[Homonym](ctx, db, `
		SELECT member.username, member.fullname, member.role, member.domain,
		       EXISTS (
		           SELECT FROM mission
		           WHERE mission.member_id = member.id
		             AND (mission.end_day IS NULL OR mission.end_day >= $3)) AS active,
		       (SELECT CASE WHEN bool_or(mission.end_day IS NULL) THEN NULL ELSE max(mission.end_day) END
		        FROM mission
		        WHERE mission.member_id = member.id) AS last_end,
		       ARRAY(
		           SELECT DISTINCT startup.name
		           FROM mission
		           JOIN mission_startup ON mission_startup.mission_id = mission.id
		           JOIN startup ON startup.id = mission_startup.startup_id
		           WHERE mission.member_id = member.id
		           ORDER BY startup.name) AS startups
		FROM member
		WHERE similarity(search_form(member.fullname), search_form($1)) > 0.6
		   OR $2 <> '' AND regexp_replace(member.username, '[0-9]+$', '') = $2
		ORDER BY similarity(search_form(member.fullname), search_form($1)) DESC, member.username
		LIMIT 10`, fullname, username, clock.Today(s.clock))
	if err != nil {
		return nil, fmt.Errorf("look for homonyms: %w", err)
	}
	return people, nil
}

// checkHomonyms stops a creation while somebody of nearly the same name has not been shown.
func (s *Service) checkHomonyms(ctx context.Context, tx pgx.Tx, r newRecord, seen []string) error {
	people, err := s.homonyms(ctx, tx, r.Fullname, strings.TrimRight(r.Username, "0123456789"))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(people, func(h Homonym) bool { return !slices.Contains(seen, h.Username) }) {
		return &HomonymsError{People: people, Username: r.Username}
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx pgx.Tx, who actor.Actor, r newRecord) (Created, error) {
	now := s.clock.Now()
	id, err := postgres.Scalar[uuid.UUID](ctx, tx, `
		INSERT INTO member (username, fullname, domain, secondary_email, primary_email_status,
		                    primary_email_status_changed_at, created_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $6)
		RETURNING id`, r.Username, r.Fullname, r.Domain, r.Email, StatusVerificationWaiting, now, who.Username)
	if err != nil {
		return Created{}, fmt.Errorf("create member %s: %w", r.Username, err)
	}
	if err := saveMission(ctx, tx, id, r.Mission); err != nil {
		return Created{}, err
	}
	missions, err := toldMissions(ctx, tx, id)
	if err != nil {
		return Created{}, err
	}
	return Created{ID: id, Username: r.Username, Fullname: r.Fullname}, audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who.Username, Code: CodeCreated, Member: id, Subject: r.Username,
		After: map[string]any{
			"fullname": r.Fullname, "domain": r.Domain, "missions": missions, PrivatePart: map[string]any{"secondary_email": r.Email},
		},
	})
}
