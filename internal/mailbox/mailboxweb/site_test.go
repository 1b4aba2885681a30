package mailboxweb_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo"
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxovh"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxweb"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/platform/worker"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

const goodSecret = "Un-tres-Long-Secret1"

// door is a vendor, which may be out of order.
type door struct {
	next http.Handler

	mu      sync.Mutex
	fault   string // "": none; "503": refuses; "hang": never answers
	changes []string
}

func (d *door) set(fault string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = fault
}

// called gives the changes asked since the last look.
func (d *door) called() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.changes
	d.changes = nil
	return list
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	fault := d.fault
	if fault == "" && r.Method != http.MethodGet {
		d.changes = append(d.changes, r.Method+" "+r.URL.Path)
	}
	d.mu.Unlock()
	switch fault {
	case "503":
		http.Error(w, "down", http.StatusServiceUnavailable)
	case "hang":
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
	default:
		d.next.ServeHTTP(w, r)
	}
}

// late breaks the circle between the room and the worker.
type late struct{ worker *worker.Worker }

func (l *late) Request(ctx context.Context, tx pgx.Tx, a job.Action) error {
	return l.worker.Request(ctx, tx, a)
}

// portal is a site with the pages of mailboxes inside those about a person, the real engine, and
// simulated vendors.
type portal struct {
	*webtest.Site
	t     *testing.T
	ovh   *ovhsim.Sim
	door  *door
	brevo *brevosim.Sim
	// listings counts how many times Brevo was asked its blocks.
	listings atomic.Int32

	worker *worker.Worker
	ask    *late
	bare   bool // no vendor is configured
}

func open(t *testing.T) *portal {
	t.Helper()
	return openAs(t, &portal{t: t, ask: &late{}})
}

func openAs(t *testing.T, p *portal) *portal {
	t.Helper()
	p.Site = webtest.New(t, func(site *webtest.Site, config *web.Config) []web.Module {
		room, self := p.rooms(site)
		pages := mailboxweb.New(self, site.Clock)
		persons := profile.New(site.Pool, site.Clock, &webtest.Requests{}, profile.Ports{Files: files.NewRows(site.Pool)},
			profile.Config{Domain: "beta.gouv.fr", BaseURL: "http://portail.test", Key: []byte("clé")})
		p.engine(site, append(append(room.Jobs(), self.Jobs()...), chatpost.Spec(nil, site.Clock)), config.Logger)
		return []web.Module{pages.Module(), profileweb.New(profileweb.Config{
			Profile: persons, Clock: site.Clock, Domain: "beta.gouv.fr", Logger: config.Logger,
			Panels: []profileweb.Panel{
				{ID: mailboxweb.PanelID, Title: "Boîte mail", Tab: profileweb.TabMailbox, Render: pages.Panel},
				{ID: mailboxweb.AdminPanelID, Title: "Administration de la boîte", Tab: profileweb.TabMailbox, Render: pages.AdminPanel},
			},
		}).Module()}
	})
	return p
}

// rooms builds the room and its self-service on simulated vendors.
func (p *portal) rooms(site *webtest.Site) (*mailbox.Service, *mailbox.SelfService) {
	p.ovh = ovhsim.New(ovhsim.Config{
		AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "beta.gouv.fr",
		ProService: "pro-1", ExchangeService: "ex-1", Clock: site.Clock,
	})
	p.door = &door{next: p.ovh}
	vendor := httptest.NewServer(p.door)
	p.t.Cleanup(func() {
		vendor.CloseClientConnections()
		vendor.Close()
	})
	client := ovh.New(ovh.Config{
		Endpoint: vendor.URL + "/1.0", AppKey: "app", AppSecret: "secret", ConsumerKey: "consumer", Domain: "beta.gouv.fr",
		ProService: "pro-1", ExchangeService: "ex-1", PerSecond: 1000, Clock: site.Clock,
	})
	p.brevo = brevosim.New(brevosim.Config{APIKey: "key", Clock: site.Clock})
	mails := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/smtp/blockedContacts") {
			p.listings.Add(1)
		}
		p.brevo.ServeHTTP(w, r)
	}))
	p.t.Cleanup(mails.Close)
	config := mailbox.Config{Domain: "beta.gouv.fr", LeavesEmail: "depart@beta.gouv.fr"}
	if p.bare {
		room := mailbox.New(site.Pool, site.Clock, mailbox.Ports{}, config)
		return room, mailbox.NewSelfService(room, mailbox.SelfPorts{Requester: p.ask}, mailbox.SelfConfig{Admins: []string{webtest.AdminUsername}})
	}
	room := mailbox.New(site.Pool, site.Clock, mailbox.Ports{Provider: mailboxovh.New(client)}, config)
	return room, mailbox.NewSelfService(room, mailbox.SelfPorts{
		Requester: p.ask, Blocks: mailboxbrevo.NewBlocks(brevo.New(brevo.Config{APIKey: "key", BaseURL: mails.URL + "/v3", PerSecond: 1000})),
	}, mailbox.SelfConfig{Admins: []string{webtest.AdminUsername}})
}

func (p *portal) engine(site *webtest.Site, specs []job.Spec, log *slog.Logger) {
	var err error
	p.worker, err = worker.New(worker.Options{Pool: site.Pool, Clock: site.Clock, Specs: specs, SealKey: [32]byte{7}, Logger: log})
	if err != nil {
		p.t.Fatal(err)
	}
	p.ask.worker = p.worker
}

// drain performs what is due now.
func (p *portal) drain() {
	p.t.Helper()
	if _, err := p.worker.Drain(context.WithoutCancel(p.t.Context()), worker.DrainOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// owner makes a member with an MX mailbox and a secondary address, and logs them in.
func (p *portal) owner(username string) (uuid.UUID, *webtest.Client) {
	p.t.Helper()
	p.ovh.AddMailbox("EMAIL_PLAN_BASIC", username)
	id := p.Member(p.t, webtest.Person{Username: username, Secondary: username + "@prive.exemple"})
	return id, p.As(p.t, id)
}

func (p *portal) exec(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.Pool.Exec(p.t.Context(), sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *portal) count(sql string, args ...any) (n int) {
	p.t.Helper()
	if err := p.Pool.QueryRow(p.t.Context(), sql, args...).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

// state is what the simulated OVH keeps, as JSON.
func (p *portal) state() string {
	p.t.Helper()
	text, err := json.Marshal(p.ovh.State())
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// says fails the test unless a page has a status and says something.
func says(t *testing.T, page *webtest.Answer, status int, words ...string) {
	t.Helper()
	if page.Status != status {
		t.Errorf("status %d, want %d: %s", page.Status, status, page.Text())
	}
	for _, word := range words {
		if !strings.Contains(page.Text(), word) {
			t.Errorf("the page does not say %q: %s", word, page.Text())
		}
	}
}
