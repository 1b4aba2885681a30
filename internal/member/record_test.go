package member_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// post is where letters arrive.
type post struct {
	proofs  []member.ProofLetter
	notices []member.ChangedLetter
}

func (p *post) SendAddressProof(_ context.Context, letter member.ProofLetter) error {
	p.proofs = append(p.proofs, letter)
	return nil
}

func (p *post) SendAddressChanged(_ context.Context, letter member.ChangedLetter) error {
	p.notices = append(p.notices, letter)
	return nil
}

// directory knows the agents of one domain, and can be down.
type directory struct{ down bool }

func (d *directory) IsAgent(_ context.Context, address string) (bool, error) {
	if d.down {
		return false, fault.New(fault.Unavailable, "", "the directory does not answer")
	}
	return strings.HasSuffix(address, "@ministere.gouv.fr"), nil
}

// bench is the room on a transaction that is rolled back.
type bench struct {
	tx       pgx.Tx
	clock    *clock.Fake
	requests *webtest.Requests
	post     *post
	agents   *directory
	service  *member.Service
	product  uuid.UUID // named "Aides Jeunes"
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		tx: pgtest.Tx(t), clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), requests: &webtest.Requests{}, post: &post{}, agents: &directory{},
		product: uuid.New(),
	}
	b.service = member.New(b.tx, b.clock, b.requests, member.Ports{Agents: b.agents, Letters: b.post}, member.Config{
		BaseURL: "https://portail.example", Domain: "betagouv.ovh", Admins: []string{"admin.member", "futur.admin"},
	})
	b.exec(t, `INSERT INTO startup (id, slug, name, created_at, updated_at) VALUES ($1, 'aides.jeunes', 'Aides Jeunes', '2024-01-01', '2024-01-01')`, b.product)
	return b
}

func (b *bench) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := b.tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// person stores a member with a mission until a day, and gives them as an actor.
func (b *bench) person(t *testing.T, username string, status member.Status, end string) actor.Actor {
	t.Helper()
	primary := username + "@betagouv.ovh"
	if status == member.StatusVerificationWaiting {
		primary = ""
	}
	id, err := postgres.Scalar[uuid.UUID](t.Context(), b.tx, `
		INSERT INTO member (username, fullname, role, domain, primary_email, secondary_email, primary_email_status,
		                    primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, initcap(replace($1, '.', ' ')), 'Dev', 'Développement', NULLIF($3, ''), $1 || '@exemple.org', $2, '2024-12-01', '2024-12-01', '2024-12-01')
		RETURNING id`, username, status, primary)
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, `INSERT INTO mission (member_id, start_day, end_day, status, employer) VALUES ($1, '2024-01-01', NULLIF($2, '')::date, 'independent', 'Scop')`, id, end)
	who := actor.Actor{ID: id, Username: username, Standing: actor.Active, Admin: username == "admin.member"}
	if status == member.StatusVerificationWaiting {
		who.Standing = actor.Unverified
	}
	return who
}

func (b *bench) read(t *testing.T, id uuid.UUID) member.Member {
	t.Helper()
	m, err := member.ByID(t.Context(), b.tx, id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (b *bench) missions(t *testing.T, id uuid.UUID) []member.Mission {
	t.Helper()
	missions, err := member.MissionsOf(t.Context(), b.tx, id)
	if err != nil {
		t.Fatal(err)
	}
	return missions
}

func (b *bench) events(t *testing.T, id uuid.UUID) []audit.Entry {
	t.Helper()
	events, err := audit.OfMember(t.Context(), b.tx, id, 50)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func (b *bench) apply(t *testing.T) []job.Outcome {
	t.Helper()
	outcomes, err := b.requests.Apply(t.Context(), b.tx, b.service.Jobs())
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// refused checks that an error is Invalid and says something on each field given, and only there.
func refused(t *testing.T, name string, err error, fields ...string) {
	t.Helper()
	messages := fault.FieldMessages(err)
	if !fault.Is(err, fault.Invalid) || len(messages) != len(fields) {
		t.Errorf("%s: %v %v, want messages on %v", name, err, messages, fields)
		return
	}
	for _, field := range fields {
		if messages[field] == "" {
			t.Errorf("%s: no message on %s: %v", name, field, messages)
		}
	}
}

func draft() member.ProfileDraft {
	return member.ProfileDraft{Fullname: "Camille Durand", Role: "Développeuse", Domain: "Développement", Gender: "NSP"}
}
