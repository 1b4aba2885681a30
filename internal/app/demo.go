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
	"time"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
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
	sandbox *sandbox.Sandbox
	env     map[string]string
	// accounts are the mailboxes of the sample, for the simulated OVH.
	accounts []sample.Account
}

// Demo runs the whole product on a private database and simulated vendors until the context
// ends. It reads no setting of the process: nothing real can be reached.
func Demo(ctx context.Context, o DemoOptions) error {
	if err := prepareDemoDir(o.Dir, o.Reset); err != nil {
		return err
	}
	d := &demo{options: o, offset: offsetTo(o.Today, time.Now())}
	d.clock = clock.System{Offset: d.offset}
	defer d.close()
	if err := d.startDatabase(ctx); err != nil {
		return err
	}
	if err := d.startSandbox(); err != nil {
		return err
	}
	settings, err := d.settings()
	if err != nil {
		return err
	}
	return d.run(ctx, settings)
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
	if _, err = postgres.MigrateUp(ctx, d.server.URL(demoDatabase), migrations.New); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, d.server.URL(demoDatabase), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	members, err := postgres.Scalar[int](ctx, pool, `SELECT count(*) FROM member`)
	if err != nil || members > 0 { // an earlier start seeded it; people may have been added since
		return err
	}
	d.accounts, err = sample.Seed(ctx, pool, clock.Today(d.clock), demoDomain)
	return err
}

// Keys of the simulated vendors. They open nothing else.
const (
	simOVHKey, simOVHSecret, simOVHConsumer = "demo-application-key", "demo-application-secret", "demo-consumer-key"
	simBrevoKey                             = "demo-brevo-key"
	simPro, simExchange                     = "emailpro-demo", "hosted-exchange-demo"
)

func (d *demo) startSandbox() error {
	mailboxes := ovhsim.New(ovhsim.Config{
		AppKey: simOVHKey, AppSecret: simOVHSecret, ConsumerKey: simOVHConsumer, Domain: demoDomain,
		ProService: simPro, ExchangeService: simExchange, Clock: d.clock,
	})
	mailboxes.AddPlaceholders("EMAIL_PLAN_PRO", 5)
	mailboxes.AddPlaceholders("EMAIL_PLAN_EXCHANGE", 5)
	for _, account := range d.accounts {
		mailboxes.AddMailbox(account.Plan, account.Name)
	}
	contacts := brevosim.New(brevosim.Config{APIKey: simBrevoKey, Clock: d.clock, Deliver: func(m brevosim.Delivery) error { return d.sandbox.FromBrevo(m) }})
	fillLists(mailboxes, contacts, sample.People(clock.Today(d.clock), demoDomain))
	var err error
	d.sandbox, err = sandbox.New(sandbox.Options{
		Dir: filepath.Join(d.options.Dir, "sandbox"), Clock: d.clock, DatabaseURL: d.server.URL(demoDatabase), PortalURL: d.url(d.options.Port),
		HookURL: d.url(d.options.Port) + "/api/hook/" + demoHook,
		Vendors: []sandbox.Vendor{
			{Name: "ovh", Title: "OVH", Prefix: "/ovh", Simulator: mailboxes},
			{Name: "brevo", Title: "Brevo", Prefix: "/brevo", Simulator: contacts},
			{Name: "chat", Title: "Messagerie (webhooks)", Prefix: "/chat", Simulator: demoChat(d.clock)},
		},
	})
	if err != nil {
		return fmt.Errorf("prepare the sandbox: %w", err)
	}
	if err := d.sandbox.Flush(); err != nil {
		return fmt.Errorf("keep the sandbox's first state: %w", err)
	}
	_, err = d.sandbox.Start(d.options.SandboxPort, d.options.SMTPPort)
	return err
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
		"DATABASE_URL": d.server.URL(demoDatabase), "PORT": strconv.Itoa(d.options.Port), "NEXTAUTH_URL": d.url(d.options.Port),
		"SECURE": "false", "SESSION_SECRET": session, "PASSWORD_ENCRYPT_KEY": encrypt,
		"SECRETARIAT_DOMAIN": demoDomain, "ESPACE_MEMBRE_ADMIN": "admin.member",
		"MAIL_HOST": "127.0.0.1", "MAIL_PORT": strconv.Itoa(d.options.SMTPPort), "MAIL_IGNORE_TLS": "true",
		"MAIL_SENDER":  "espace-membre@" + demoDomain,
		"OVH_ENDPOINT": box + "/ovh/1.0", "OVH_APP_KEY": simOVHKey, "OVH_APP_SECRET": simOVHSecret, "OVH_CONSUMER_KEY": simOVHConsumer,
		"OVH_EMAIL_PRO_NAME": simPro, "OVH_EMAIL_EXCHANGE_NAME": simExchange,
		"BREVO_API_URL": box + "/brevo/v3", "SIB_APIKEY_PRIVATE": simBrevoKey,
	}
	maps.Copy(d.env, chatEnv(box))
	settings, problems := config.Load(d.env)
	if err := config.Err(problems); err != nil {
		return settings, err
	}
	return settings, config.WriteFile(file, d.env)
}

func (d *demo) run(ctx context.Context, settings config.Config) error {
	a, err := New(ctx, settings)
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
