package profile_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profilemail"
	"github.com/betagouv/espace-membre/internal/testing/lettertest"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// outbox keeps what would leave.
type outbox struct{ sent []mail.Message }

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.sent = append(o.sent, m)
	return nil
}

// host has the mailboxes of a list, or is down.
type host struct {
	names []string
	down  bool
	calls int
}

func (h *host) Find(_ context.Context, local string) (mailbox.Box, error) {
	h.calls++
	if h.down {
		return mailbox.Box{}, fault.New(fault.Unavailable, "", "down")
	}
	for _, name := range h.names {
		if name == local {
			return mailbox.Box{Plan: mailbox.PlanBasic}, nil
		}
	}
	return mailbox.Box{}, fault.New(fault.NotFound, "", "no mailbox")
}

type bench struct {
	*profile.Service
	db       pgx.Tx
	clock    *clock.Fake
	requests *webtest.Requests
	outbox   *outbox
	host     *host
}

func setUp(t *testing.T) *bench {
	t.Helper()
	b := &bench{db: pgtest.Tx(t), clock: clock.At(clock.MustDay("2024-12-19"), 10, 0), requests: &webtest.Requests{}, outbox: &outbox{}, host: &host{names: []string{"camille.durand"}}}
	b.Service = profile.New(b.db, b.clock, b.requests, profile.Ports{
		Files: files.NewRows(b.db), Letters: profilemail.New(b.outbox), Mailboxes: b.host,
	}, profile.Config{Domain: "beta.gouv.fr", BaseURL: "https://portail.test", Key: []byte("clé"), SupportEmail: "aide@exemple.org"})
	return b
}

func (b *bench) add(t *testing.T, username, primary, secondary, status string) uuid.UUID {
	t.Helper()
	id, err := postgres.Scalar[uuid.UUID](t.Context(), b.db, `
		INSERT INTO member (username, fullname, primary_email, secondary_email, primary_email_status, primary_email_status_changed_at, created_at, updated_at)
		VALUES ($1, 'Camille Durand', NULLIF($2, ''), NULLIF($3, ''), $4, $5, $5, $5)
		RETURNING id`, username, primary, secondary, status, b.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(t.Context(), `INSERT INTO mission (member_id, start_day) VALUES ($1, '2024-01-01')`, id); err != nil {
		t.Fatal(err)
	}
	return id
}

// ask asks for a diagnosis and performs what follows.
func (b *bench) ask(t *testing.T, target string) []string {
	t.Helper()
	if err := b.RequestDiagnosis(t.Context(), profile.Ask{Target: target, Client: "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
	outcomes, err := b.requests.Apply(t.Context(), b.db, b.Jobs())
	if err != nil {
		t.Fatal(err)
	}
	var moot []string
	for _, outcome := range outcomes {
		moot = append(moot, outcome.Moot)
	}
	return moot
}

func TestADiagnosisGoesToTheAddressesOfThePersonOnly(t *testing.T) {
	for _, target := range []string{"camille.durand", " Camille.Durand@BETA.gouv.fr ", "camille@prive.exemple"} {
		t.Run(target, func(t *testing.T) { sentTo(t, target) })
	}
}

func sentTo(t *testing.T, target string) {
	t.Helper()
	b := setUp(t)
	id := b.add(t, "camille.durand", "camille.durand@beta.gouv.fr", "camille@prive.exemple", "EMAIL_SUSPENDED")
	for address, kind := range map[string]string{"camille@prive.exemple": "hard_bounce", "camille.durand@beta.gouv.fr": "soft_bounce"} {
		if _, err := b.db.Exec(t.Context(), `INSERT INTO mail_refusal (address, kind, source, times, first_at, last_at) VALUES ($1, $2, 'smtp', 1, $3, $3)`,
			address, kind, b.clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	b.ask(t, target)
	if len(b.outbox.sent) != 2 || b.outbox.sent[0].To != "camille.durand@beta.gouv.fr" || b.outbox.sent[1].To != "camille@prive.exemple" {
		t.Fatalf("sent %+v", b.outbox.sent)
	}
	text := b.outbox.sent[0].Text
	for _, want := range []string{"Camille Durand", "Ta boîte est suspendue", "https://portail.test/account/mailbox#password", "EM-M0-A9-B0-R2-S1-C9", "aide@exemple.org"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "prive.exemple") {
		t.Error("the letter tells the secondary address")
	}
	n, err := postgres.Scalar[int](t.Context(), b.db, `SELECT count(*) FROM audit_event WHERE member_id = $1 AND code = 'MEMBER_DIAGNOSIS_SENT'`, id)
	if err != nil || n != 2 {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestNobodyIsWrittenToAboutAnUnknownName(t *testing.T) {
	b := setUp(t)
	b.add(t, "camille.durand", "", "camille@prive.exemple", "EMAIL_UNSET")
	if moot := b.ask(t, "personne.inconnue@exemple.org"); len(b.outbox.sent) != 0 || len(moot) != 2 || moot[0] == "" {
		t.Errorf("sent %d, %v", len(b.outbox.sent), moot)
	}
	if moot := b.ask(t, "camille.durand"); len(b.outbox.sent) != 1 || moot[0] == "" || moot[1] != "" {
		t.Errorf("without primary address: sent %d, %v", len(b.outbox.sent), moot)
	}
}

func TestWhatFollowsARequestIsTheSameForAnybody(t *testing.T) {
	b := setUp(t)
	b.add(t, "camille.durand", "camille.durand@beta.gouv.fr", "", "EMAIL_ACTIVE")
	for _, target := range []string{"camille.durand", "personne.inconnue"} {
		if err := b.RequestDiagnosis(t.Context(), profile.Ask{Target: target, Client: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
		actions := b.requests.Take()
		if len(actions) != 2 || string(actions[0].Secret) != target || strings.Contains(actions[0].Key+actions[0].Label+string(actions[0].Args), "camille") {
			t.Errorf("%s: %+v", target, actions)
		}
	}
	if b.host.calls != 0 {
		t.Error("a page asked the vendor")
	}
}

func TestRequestsAreLimited(t *testing.T) {
	b := setUp(t)
	ask := func(target, client string) error {
		return b.RequestDiagnosis(t.Context(), profile.Ask{Target: target, Client: client})
	}
	for range 3 {
		if err := ask("camille.durand", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask("Camille.Durand ", "192.0.2.2"); !errors.Is(err, profile.ErrTooMany) {
		t.Errorf("a fourth about the same person: %v", err)
	}
	for i := range 17 {
		if err := ask("autre"+strings.Repeat("x", i), "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask("encore", "192.0.2.1"); !errors.Is(err, profile.ErrTooMany) {
		t.Errorf("a 21st of the same client: %v", err)
	}
	b.clock.Advance(time.Hour + time.Second)
	if err := ask("camille.durand", "192.0.2.1"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	b.clock.Advance(25 * time.Hour)
	if err := ask("camille.durand", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if n, _ := postgres.Scalar[int](t.Context(), b.db, `SELECT count(*) FROM diagnostic_request`); n != 1 {
		t.Errorf("%d requests are kept, want the last", n)
	}
}

func TestWhatCannotBeAnAddressIsRefused(t *testing.T) {
	b := setUp(t)
	for _, target := range []string{"", "  ", "a b", "<script>", "\x00", "a\xff", strings.Repeat("a", 255), "é", "..", "a\nb", `a\b`, "a/b"} {
		err := b.RequestDiagnosis(t.Context(), profile.Ask{Target: target, Client: "192.0.2.1"})
		if !fault.Is(err, fault.Invalid) || fault.FieldMessages(err)["qui"] == "" {
			t.Errorf("%q: %v", target, err)
		}
	}
	if n := len(b.requests.Pending()); n != 0 {
		t.Errorf("%d actions", n)
	}
}

func TestAnAnswerOfTheHostIsKeptForAMinuteAndAnOutageForAMoment(t *testing.T) {
	b := setUp(t)
	ctx := context.Background()
	for range 3 {
		if presence, box := b.Mailbox(ctx, "camille.durand"); presence != profile.Present || box.Plan != mailbox.PlanBasic {
			t.Fatalf("%v %+v", presence, box)
		}
	}
	if presence, _ := b.Mailbox(ctx, "zoe.partie"); presence != profile.Absent || b.host.calls != 2 {
		t.Errorf("%v after %d calls", presence, b.host.calls)
	}
	b.host.down = true
	if presence, _ := b.Mailbox(ctx, "camille.durand"); presence != profile.Present {
		t.Errorf("within the minute: %v", presence)
	}
	b.clock.Advance(time.Minute)
	if presence, _ := b.Mailbox(ctx, "camille.durand"); presence != profile.Unknown {
		t.Errorf("after it: %v", presence)
	}
	asked := b.host.calls
	if presence, _ := b.Mailbox(ctx, "camille.durand"); presence != profile.Unknown || b.host.calls != asked {
		t.Errorf("a host that is down is asked at each view: %v, %d calls", presence, b.host.calls-asked)
	}
	b.host.down = false
	b.clock.Advance(15 * time.Second)
	if presence, _ := b.Mailbox(ctx, "camille.durand"); presence != profile.Present {
		t.Errorf("once back: %v", presence)
	}
}

func TestTheLetterObeysTheRules(t *testing.T) { lettertest.Check(t, profilemail.Specimens()...) }
