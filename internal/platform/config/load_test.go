package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

type env = map[string]string

// load reads settings that must all be accepted.
func load(t *testing.T, environ env) Config {
	t.Helper()
	c, problems := Load(environ)
	for _, p := range Refusals(problems) {
		t.Fatalf("unexpected refusal: %s", p)
	}
	return c
}

func reasons(problems []Problem) []string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return lines
}

func TestDefaultsAreAccepted(t *testing.T) {
	c, problems := Load(nil)
	if len(problems) != 0 {
		t.Fatalf("problems with nothing set: %v", problems)
	}
	if c.Core.Port != 8100 || !c.Core.Secure || c.Core.Domain != "beta.gouv.fr" || c.OVH.DefaultPlan != PlanBasic {
		t.Errorf("defaults: %+v %+v", c.Core, c.OVH)
	}
	if c.Site.Users != "https://beta.gouv.fr/api/v1.6/authors.json" {
		t.Errorf("USERS_API = %q", c.Site.Users)
	}
	if c.Newsletter.SentDay != time.Thursday || c.Brevo.NewsletterList != 332 || c.Mail.Port != 25 {
		t.Errorf("defaults: %+v %+v %+v", c.Newsletter, c.Brevo, c.Mail)
	}
}

func TestBooleansAreStrict(t *testing.T) {
	for text, want := range map[string]bool{
		"true": true, "TRUE": true, "1": true, "Yes": true, "on": true,
		"false": false, "0": false, "NO": false, "Off": false,
	} {
		got, err := ParseBool(text)
		if err != nil || got != want {
			t.Errorf("%q: %t, %v", text, got, err)
		}
	}
	if got, err := ParseBool(" true "); err != nil || !got {
		t.Errorf("spaces around do not count: %t, %v", got, err)
	}
	for _, text := range []string{"oui", "2", "vrai", "enabled", "t", ""} {
		if _, err := ParseBool(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestFormerAnyTextFlagsAreBooleans(t *testing.T) {
	for _, name := range []string{
		"FEATURE_DELETE_MATOMO_ACCOUNT", "FEATURE_DELETE_SENTRY_ACCOUNT",
		"FEATURE_APPLY_CREATE_REDIRECTION_EMAIL", "FEATURE_UNBLOCK_CONTACT_EMAIL",
	} {
		c := load(t, env{name: "false"})
		if on, set := c.Jobs.Flags[name]; on || !set {
			t.Errorf("%s=false: on=%t set=%t", name, on, set)
		}
		if _, problems := Load(env{name: "oui"}); len(Refusals(problems)) != 1 {
			t.Errorf("%s=oui is accepted", name)
		}
	}
}

func TestAllProblemsAreToldTogetherWithoutSecrets(t *testing.T) {
	_, problems := Load(env{
		"PORT":                             "808O",
		"SECURE":                           "peut-être",
		"SESSION_SECRET":                   "hush-too-short", // SECURE is unreadable, so not checked
		"DATABASE_URL":                     "mysql://root:hunter2@db/x",
		"PASSWORD_ENCRYPT_KEY":             "deadbeef",
		"MATTERMOST_URL":                   "mattermost.local",
		"EMAIL_DEFAULT_PLAN":               "GOLD",
		"CALENDAR_CRON_TIME":               "tous les lundis",
		"CALENDAR_URL":                     "webcal://agenda/private-token",
		"NEXT_PUBLIC_ALERT_MESSAGE_PUBLIC": `{"title":"Maintenance","severity":"rouge"}`,
		"MATTERMOST_EMAIL_REGEX_EXCEPTION": "^a, (",
		"NEWSLETTER_SENT_DAY":              "SUNDAY",
		"JOB_EMAILCREATIONJOB":             "peut-être",
		"CLOCK_OFFSET":                     "-24h",
	})
	want := []string{
		"SECURE : attend un booléen : true/false, 1/0, yes/no ou on/off ; lu : « peut-être »",
		"PORT : attend un nombre entier ; lu : « 808O »",
		"PASSWORD_ENCRYPT_KEY : attend 64 caractères hexadécimaux (32 octets)",
		"DATABASE_URL : attend une adresse postgres://utilisateur:motdepasse@hôte:port/base",
		"EMAIL_DEFAULT_PLAN : attend l’un de : EMAIL_PLAN_BASIC, EMAIL_PLAN_PRO, EMAIL_PLAN_EXCHANGE ; lu : « GOLD »",
		"MATTERMOST_URL : attend une adresse complète, en http:// ou https:// ; lu : « mattermost.local »",
		"MATTERMOST_EMAIL_REGEX_EXCEPTION : l’expression régulière n° 2 est illisible ; lu : « ^a, ( »",
		"NEWSLETTER_SENT_DAY : attend MONDAY, TUESDAY, WEDNESDAY, THURSDAY ou FRIDAY ; lu : « SUNDAY »",
		"CALENDAR_URL : attend une adresse complète, en http:// ou https://",
		"CALENDAR_CRON_TIME : attend une expression cron de cinq champs, ou six (secondes d’abord) ; lu : « tous les lundis »",
		"NEXT_PUBLIC_ALERT_MESSAGE_PUBLIC : « severity » vaut info ou warning ; lu : « {\"title\":\"Maintenance\",\"severity\":\"rouge… »",
		"JOB_EMAILCREATIONJOB : attend un booléen : true/false, 1/0, yes/no ou on/off ; lu : « peut-être »",
		"CLOCK_OFFSET : n’est permise que dans une démonstration (DEMO_DIR)",
	}
	if diff := cmp.Diff(want, reasons(Refusals(problems))); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	err := Err(problems)
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("Err: %v", err)
	}
	for _, secret := range []string{"hunter2", "deadbeef", "private-token", "hush"} {
		if strings.Contains(fault.Public(err)+err.Error(), secret) {
			t.Errorf("the error shows %q", secret)
		}
	}
}

func TestNothingRefusedIsNoError(t *testing.T) {
	_, problems := Load(env{"REDIS_URL": "redis://x"})
	if err := Err(problems); err != nil {
		t.Errorf("a notice refused the start: %v", err)
	}
}

func TestSessionSecretIsLongWhenSecure(t *testing.T) {
	short, long := strings.Repeat("x", 31), strings.Repeat("x", 32)
	for _, c := range []struct {
		secret, secure string
		refused        int
	}{{short, "true", 1}, {short, "", 1}, {short, "false", 0}, {long, "true", 0}, {"", "true", 0}} {
		_, problems := Load(env{"SESSION_SECRET": c.secret, "SECURE": c.secure})
		if got := len(Refusals(problems)); got != c.refused {
			t.Errorf("%d characters, SECURE=%q: %d refusals, want %d", len(c.secret), c.secure, got, c.refused)
		}
	}
}

func TestBaseAddressPrecedence(t *testing.T) {
	all := env{
		"NEXTAUTH_URL": "https://espace.example/", "APP_BASE_URL": "https://app.example",
		"NEXT_PUBLIC_APP_BASE_URL": "https://public.example", "HOSTNAME": "host.example:8443", "PORT": "9000",
	}
	steps := []struct{ without, want, from string }{
		{"", "https://espace.example", "NEXTAUTH_URL"},
		{"NEXTAUTH_URL", "https://app.example", "APP_BASE_URL"},
		{"APP_BASE_URL", "https://public.example", "APP_BASE_URL"},
		{"NEXT_PUBLIC_APP_BASE_URL", "https://host.example:8443", "HOSTNAME"},
		{"HOSTNAME", "http://localhost:9000", "PORT"},
	}
	for _, step := range steps {
		delete(all, step.without)
		c := load(t, all)
		if c.Core.BaseURL != step.want || c.Core.BaseURLFrom != step.from {
			t.Errorf("without %s: %s from %s", step.without, c.Core.BaseURL, c.Core.BaseURLFrom)
		}
	}
	if c := load(t, env{"HOSTNAME": "host.example", "SECURE": "no"}); c.Core.BaseURL != "http://host.example" {
		t.Errorf("SECURE=no: %s", c.Core.BaseURL)
	}
}

func TestProxyIsDeducedFromHTTPS(t *testing.T) {
	for _, c := range []struct {
		address, proxy string
		want           bool
	}{
		{"https://espace.example", "", true},
		{"https://espace.example", "no", false},
		{"http://espace.example", "", false},
		{"http://espace.example", "on", true},
		{"", "", false},
	} {
		if got := load(t, env{"NEXTAUTH_URL": c.address, "BEHIND_PROXY": c.proxy}).Core.BehindProxy; got != c.want {
			t.Errorf("%q, BEHIND_PROXY=%q: %t", c.address, c.proxy, got)
		}
	}
}

func TestMailServicePresetsWin(t *testing.T) {
	m := load(t, env{"MAIL_SERVICE": "Maildev", "MAIL_HOST": "smtp.example", "MAIL_PORT": "587"}).Mail
	if m.Host != "localhost" || m.Port != 1025 || !m.IgnoreTLS {
		t.Errorf("maildev: %+v", m)
	}
	if named := load(t, env{"MAIL_SENDER": "Espace Membre <espace@example.org>"}).Mail; named.Sender != "espace@example.org" || named.SenderName != "Espace Membre" {
		t.Errorf("sender with a name: %+v", named)
	}
	c, problems := Load(env{"MAIL_SERVICE": "pigeon", "MAIL_HOST": "smtp.example"})
	if c.Mail.Host != "smtp.example" || len(Notices(problems)) != 1 {
		t.Errorf("unknown service: %+v, %v", c.Mail, problems)
	}
}

func TestRetiredAndUnknownVariablesAreReported(t *testing.T) {
	_, problems := Load(env{
		"REDIS_URL": "redis://:pw@host", "FEATURE_SEND_J1_EMAILS": "true", "FEATURE_ZZZ": "x",
		"FEATURE_USE_NEW_MARRAINAGE": "true", "CI": "true", "PATH": "/bin",
	})
	want := []string{
		"FEATURE_SEND_J1_EMAILS : inconnue, sans effet ; voulais-tu écrire FEATURE_SEND_J1_EMAIL ?",
		"FEATURE_USE_NEW_MARRAINAGE : retirée, sans effet : le marrainage n’existe plus",
		"FEATURE_ZZZ : inconnue, sans effet",
		"REDIS_URL : retirée, sans effet : les sessions et la file des tâches sont dans PostgreSQL",
	}
	if diff := cmp.Diff(want, reasons(problems)); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestListsAndStructuredValues(t *testing.T) {
	c := load(t, env{
		"ESPACE_MEMBRE_ADMIN":                " un.admin , deux.admin,, ",
		"PROTECTED_API_KEYS":                 "k1, k2",
		"MATTERMOST_EMAIL_REGEX_EXCEPTION":   `@partner\.example$`,
		"NEXT_PUBLIC_ALERT_MESSAGE_PRIVATE":  `{"title":"Bonjour"}`,
		"GITHUB_REPOSITORY":                  "beta.gouv.fr",
		"S3_HOST":                            "s3.example",
		"OVH_ENDPOINT":                       "ovh-eu",
		"TCHAP_API":                          "https://tchap.example/info?address=",
		"NEXT_PUBLIC_SENTRY_DSN":             "https://key@sentry.example/1",
		"CHATWOOT_IGNORE_EMAILS":             "Bruit@example.org",
		"SENTRY_DSN":                         " ",
		"NEXT_PUBLIC_CHATWOOT_WEBSITE_TOKEN": "tok",
	})
	if diff := cmp.Diff([]string{"un.admin", "deux.admin"}, c.Core.Admins); diff != "" {
		t.Error(diff)
	}
	if len(c.API.Keys) != 2 || c.API.Keys[1].Reveal() != "k2" {
		t.Errorf("keys: %v", c.API.Keys)
	}
	if !c.Mattermost.EmailException[0].MatchString("Someone@PARTNER.example") {
		t.Error("exceptions must ignore the case")
	}
	if b := c.Support.PrivateBanner; b == nil || b.Severity != "info" || c.Support.PublicBanner != nil {
		t.Errorf("banners: %+v", c.Support)
	}
	for got, want := range map[string]string{
		c.GitHub.Repository: "betagouv/beta.gouv.fr", c.S3.Host: "https://s3.example",
		c.OVH.Endpoint: "https://eu.api.ovh.com/1.0", c.Tchap.URL: "https://tchap.example/info?address=",
		c.Sentry.DSN.Reveal(): "https://key@sentry.example/1", c.Support.ChatwootIgnored[0]: "bruit@example.org",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRequireNamesWhatARoleLacks(t *testing.T) {
	for role, want := range map[Role]int{RoleData: 1, RolePortal: 2, RoleWorker: 2} {
		if got := len(load(t, nil).Require(role)); got != want {
			t.Errorf("%s: %d refusals, want %d", role, got, want)
		}
	}
	c := load(t, env{"DATABASE_URL": "postgres://u:p@localhost/x", "SESSION_SECRET": strings.Repeat("s", 32)})
	if got := c.Require(RolePortal); len(got) != 0 {
		t.Errorf("everything is there, yet: %v", got)
	}
}

func TestKeysAreDerivedByPurpose(t *testing.T) {
	c := load(t, env{"SESSION_SECRET": strings.Repeat("s", 32)}).Core
	seal, ok := c.SealKey()
	if !ok {
		t.Fatal("no key")
	}
	if other, _ := c.DeriveKey("links"); other == seal {
		t.Error("two purposes share a key")
	}
	given := load(t, env{"PASSWORD_ENCRYPT_KEY": strings.Repeat("ab", 32)}).Core
	if key, ok := given.SealKey(); !ok || key[0] != 0xab || key[31] != 0xab {
		t.Errorf("PASSWORD_ENCRYPT_KEY is not used: %x %t", key, ok)
	}
	if _, ok := (Core{}).SealKey(); ok {
		t.Error("a key out of nothing")
	}
}
