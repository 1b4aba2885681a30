package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/integration/tchap/tchapsim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/sandbox"
	"github.com/betagouv/espace-membre/migrations"
)

// DemoOptions say where and when a demonstration runs.
type DemoOptions struct {
	Port, SandboxPort, SMTPPort int
	Dir                         string
	Today                       clock.Day // zero: the real day
	Reset                       bool
	NoWorker                    bool
	Bare                        bool              // without the sample: tests put their own people
	Clock                       clock.Clock       // nil: the real time, shifted to Today
	Env                         map[string]string // settings added to the demonstration's own, for tests
	Out                         io.Writer
}

const (
	demoDomain   = "betagouv.ovh"
	demoDatabase = "espace_membre"
	demoGrace    = 5 * time.Second
)

// demo is what a demonstration runs beside the product.
type demo struct {
	options DemoOptions
	clock   clock.Clock
	offset  time.Duration
	server  *postgres.Private
	// database is the address of the private database.
	database string
	sandbox  *sandbox.Sandbox
	env      map[string]string
	// outside is what the simulated vendors should hold of the sample just seeded.
	outside sample.Outside
}

// Demo runs the whole product on a private database and simulated vendors until the context
// ends. It reads no setting of the process: nothing real can be reached.
func Demo(ctx context.Context, o DemoOptions) error {
	d, settings, err := openDemo(ctx, o)
	if err != nil {
		return err
	}
	defer d.close()
	return d.run(ctx, settings)
}

// openDemo starts what a demonstration runs beside the product, and gives its settings.
func openDemo(ctx context.Context, o DemoOptions) (d *demo, settings config.Config, err error) {
	if err := prepareDemoDir(o.Dir, o.Reset); err != nil {
		return nil, settings, err
	}
	d = &demo{options: o, offset: offsetTo(o.Today, time.Now()), clock: o.Clock}
	if d.clock == nil {
		d.clock = clock.System{Offset: d.offset}
	}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if err := d.startDatabase(ctx); err != nil {
		return d, settings, err
	}
	if err := d.startSandbox(); err != nil {
		return d, settings, err
	}
	settings, err = d.settings()
	return d, settings, err
}

func (d *demo) close() {
	ctx, cancel := context.WithTimeout(context.Background(), demoGrace)
	defer cancel()
	if d.sandbox != nil {
		if err := d.sandbox.Close(ctx); err != nil {
			fmt.Fprintln(d.options.Out, "bac à sable :", err)
		}
	}
	if d.server != nil {
		d.server.Stop()
	}
}

func (d *demo) startDatabase(ctx context.Context) error {
	var err error
	if d.server, err = postgres.StartPrivate(ctx, postgres.PrivateOptions{Dir: clusterDir(d.options.Dir)}); err != nil {
		return err
	}
	if err := d.server.EnsureDatabase(ctx, demoDatabase); err != nil {
		return err
	}
	d.database = d.server.URL(demoDatabase)
	if _, err = postgres.MigrateUp(ctx, d.database, migrations.New); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, d.database, 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	members, err := postgres.Scalar[int](ctx, pool, `SELECT count(*) FROM member`)
	if err != nil || members > 0 || d.options.Bare { // an earlier start seeded it; people may have been added since
		return err
	}
	d.outside, err = sample.Seed(ctx, pool, sample.Settings{Today: clock.Today(d.clock), Domain: demoDomain, Lists: demoLists()})
	return err
}

// Keys of the simulated vendors. They open nothing else.
const (
	simOVHKey, simOVHSecret, simOVHConsumer = "demo-application-key", "demo-application-secret", "demo-consumer-key"
	simBrevoKey                             = "demo-brevo-key"
	simPro, simExchange                     = "emailpro-demo", "hosted-exchange-demo"
)

// demoVendors makes the simulated vendors, empty; deliver receives what Brevo sends.
func demoVendors(clk clock.Clock, deliver func(brevosim.Delivery) error) sample.Vendors {
	return sample.Vendors{
		OVH: ovhsim.New(ovhsim.Config{
			AppKey: simOVHKey, AppSecret: simOVHSecret, ConsumerKey: simOVHConsumer, Domain: demoDomain,
			ProService: simPro, ExchangeService: simExchange, Clock: clk,
		}),
		Brevo: brevosim.New(brevosim.Config{APIKey: simBrevoKey, Clock: clk, Deliver: deliver}),
	}
}

// demoLists are the contact lists that members join, by their default numbers: the newsletter
// and the onboarding.
func demoLists() []int { return []int{332, 333} }

func (d *demo) startSandbox() error {
	vendors := demoVendors(d.clock, func(m brevosim.Delivery) error { return d.sandbox.FromBrevo(m) })
	mailboxes, contacts := vendors.OVH, vendors.Brevo
	mailboxes.AddPlaceholders("EMAIL_PLAN_PRO", 5)
	mailboxes.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 5)
	d.outside.Fill(vendors)
	mailboxes.AddList("incubateur", "ancienne.adresse@ailleurs.fr") // kept by hand: nobody of the portal
	var err error
	d.sandbox, err = sandbox.New(sandbox.Options{
		Dir: filepath.Join(d.options.Dir, "sandbox"), Clock: d.clock, DatabaseURL: d.database, PortalURL: d.url(d.options.Port),
		HookURL: d.url(d.options.Port) + "/api/hook/" + demoHook,
		Vendors: []sandbox.Vendor{
			{Name: "ovh", Title: "OVH", Prefix: "/ovh", Simulator: mailboxes},
			{Name: "brevo", Title: "Brevo", Prefix: "/brevo", Simulator: contacts},
			{Name: "tchap", Title: "Tchap", Prefix: "/tchap", Simulator: d.directory()},
			{Name: "chat", Title: "Messagerie (webhooks)", Prefix: "/chat", Simulator: demoChat(d.clock)},
		},
	})
	if err != nil {
		return fmt.Errorf("prepare the sandbox: %w", err)
	}
	if err := d.sandbox.Flush(); err != nil {
		return fmt.Errorf("keep the sandbox's first state: %w", err)
	}
	at, err := d.sandbox.Start(d.options.SandboxPort, d.options.SMTPPort)
	if err != nil {
		return err
	}
	d.options.SandboxPort, d.options.SMTPPort = portOf(at.HTTP), portOf(at.SMTP)
	return nil
}

// portOf reads the port of "127.0.0.1:8101".
func portOf(address string) int {
	_, port, _ := strings.Cut(address, ":")
	n, _ := strconv.Atoi(port) // written by net.Listener: always a number
	return n
}

// directory is a simulated Tchap that knows a few made-up administrations.
func (d *demo) directory() *tchapsim.Sim {
	directory := tchapsim.New(tchapsim.Config{Clock: d.clock})
	directory.AddDomain("gouv.fr", "agent.dinum.tchap.gouv.fr")
	directory.AddDomain("culture.gouv.fr", "agent.culture.tchap.gouv.fr")
	directory.AddDomain("ministere.test", "agent.tchap.gouv.fr")
	directory.AddAgent("agent@mairie.test", "agent.collectivites.tchap.gouv.fr")
	return directory
}

func (d *demo) url(port int) string { return "http://localhost:" + strconv.Itoa(port) }

// settings makes the settings of the demonstration and writes them in DIR/env, so that other
// commands can work beside it with --env-file.
func (d *demo) settings() (config.Config, error) {
	file := filepath.Join(d.options.Dir, "env")
	session, encrypt, err := demoSecrets(file)
	if err != nil {
		return config.Config{}, err
	}
	absolute, err := filepath.Abs(d.options.Dir)
	if err != nil {
		return config.Config{}, err
	}
	box := "http://127.0.0.1:" + strconv.Itoa(d.options.SandboxPort)
	d.env = map[string]string{
		"DEMO_DIR": absolute, "CLOCK_OFFSET": d.offset.String(), "SANDBOX_URL": d.url(d.options.SandboxPort),
		"DATABASE_URL": d.database, "PORT": strconv.Itoa(d.options.Port), "NEXTAUTH_URL": d.url(d.options.Port),
		"SECURE": "false", "SESSION_SECRET": session, "PASSWORD_ENCRYPT_KEY": encrypt,
		"SECRETARIAT_DOMAIN": demoDomain, "ESPACE_MEMBRE_ADMIN": "admin.member",
		"MAIL_HOST": "127.0.0.1", "MAIL_PORT": strconv.Itoa(d.options.SMTPPort), "MAIL_IGNORE_TLS": "true",
		"MAIL_SENDER":  "espace-membre@" + demoDomain,
		"OVH_ENDPOINT": box + "/ovh/1.0", "OVH_APP_KEY": simOVHKey, "OVH_APP_SECRET": simOVHSecret, "OVH_CONSUMER_KEY": simOVHConsumer,
		"OVH_EMAIL_PRO_NAME": simPro, "OVH_EMAIL_EXCHANGE_NAME": simExchange,
		"BREVO_API_URL": box + "/brevo/v3", "SIB_APIKEY_PRIVATE": simBrevoKey,
		"TCHAP_API": box + sandbox.TchapPath,
	}
	maps.Copy(d.env, chatEnv(box))
	maps.Copy(d.env, d.options.Env)
	settings, problems := config.Load(d.env)
	if err := config.Err(problems); err != nil {
		return settings, err
	}
	return settings, config.WriteFile(file, d.env)
}

func (d *demo) run(ctx context.Context, settings config.Config) error {
	a, err := newAt(ctx, settings, d.clock)
	if err != nil {
		return err
	}
	defer a.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(d.options.Port))
	if err != nil {
		return fmt.Errorf("le port %d est déjà pris : choisis-en un autre avec --port (%w)", d.options.Port, err)
	}
	d.welcome()
	role := Both
	if d.options.NoWorker {
		role = Portal
	}
	err = a.Serve(ctx, listener, role, demoGrace)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (d *demo) welcome() {
	fmt.Fprintf(d.options.Out, `
Espace Membre, démonstration du %s (tout y est fictif)

  Portail      %s
  Bac à sable  %s   (mails attrapés, services simulés, pannes à volonté)
  Réglages     %s

Connecte-toi avec valid.member@%[5]s ou admin.member@%[5]s :
le lien de connexion arrive dans le bac à sable. Ctrl-C pour arrêter.

`, clock.Today(d.clock).French(), d.url(d.options.Port), d.url(d.options.SandboxPort), filepath.Join(d.options.Dir, "env"), demoDomain)
}
