package e2e

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	day    = "2024-12-19"
	next   = "2024-12-20"
	domain = "betagouv.ovh"
)

// plan is what « jobs plan --json » tells.
type plan struct {
	Job        string `json:"job"`
	Today      string `json:"today"`
	Population int    `json:"population"`
	Actions    []struct{ Key, Verb, Subject, Reason string }
	Skipped    []struct{ Subject, Reason string }
}

// run is what « jobs run --json » tells.
type run struct {
	Applied bool
	State   string
	Plan    plan
	Counts  map[string]int
}

// TestPortalAndCommands uses one demonstration in every way that a script can.
func TestPortalAndCommands(t *testing.T) {
	d := newDemo(t)
	d.start(settle{today: day, noWorker: true})
	for name, test := range map[string]func(*testing.T, *demo){
		"pages": pages, "other origins": otherOrigins, "metrics": metrics, "search": search, "export": export,
		"jobs": jobs, "wrong OVH keys": wrongKeys, "routes": routes, "doctor": doctor,
	} {
		t.Run(name, func(t *testing.T) {
			mine := *d
			mine.t = t
			test(t, &mine)
		})
	}
}

func pages(t *testing.T, d *demo) {
	v := d.visitor()
	for path, want := range map[string]int{
		"/healthz": 200, "/login": 200, "/accessibilite": 200, "/rien-ici": 404, "/community/rien": 303, "/community": 303, "/static/rien": 404,
	} {
		if got := v.get(path); got.Status != want {
			t.Errorf("GET %s: %d, want %d", path, got.Status, want)
		}
	}
	v.logIn("admin.member@" + domain)
	if got := v.get("/rien-ici"); got.Status != 404 || got.Heading() != "Page non trouvée" || !strings.Contains(got.Body, "lang=\"fr\"") {
		t.Errorf("an unknown page: %d %q", got.Status, got.Heading())
	}
	if got := v.get("/dashboard"); got.Status != 200 || !strings.Contains(got.Body, "Admin Member") {
		t.Errorf("home: %d %s", got.Status, got.Text())
	}
	if got := v.get("/community/personne.inconnue"); got.Status != 404 {
		t.Errorf("an unknown member: %d", got.Status)
	}
	v.post("/logout", url.Values{})
	if got := v.get("/dashboard"); got.Status != 303 || got.Header.Get("Location") != "/login" {
		t.Errorf("after logging out: %d %s", got.Status, got.Header.Get("Location"))
	}
}

func otherOrigins(t *testing.T, d *demo) {
	v := d.visitor()
	v.logIn("valid.member@" + domain)
	for name, header := range map[string]http.Header{
		"Origin":         {"Origin": {"https://pirate.example"}},
		"null Origin":    {"Origin": {"null"}},
		"Sec-Fetch-Site": {"Sec-Fetch-Site": {"cross-site"}},
		"a sister site":  {"Sec-Fetch-Site": {"same-site"}},
	} {
		if got := v.send(http.MethodPost, "/logout", url.Values{}, header); got.Status != http.StatusForbidden {
			t.Errorf("a form of another site (%s): %d, want 403", name, got.Status)
		}
	}
	if got := v.get("/dashboard"); got.Status != 200 {
		t.Errorf("another site logged us out: %d", got.Status)
	}
}

func metrics(t *testing.T, d *demo) {
	v := d.visitor()
	counted := func() string {
		line := regexp.MustCompile(`espace_membre_http_requests_total\{method="GET",route="/login",status="200"\} (\d+)`)
		found := line.FindStringSubmatch(v.get("/metrics").Body)
		if found == nil {
			return "0"
		}
		return found[1]
	}
	before := counted()
	v.get("/login")
	if after := counted(); after == before || after == "0" {
		t.Errorf("GET /login was counted %s times, then %s", before, after)
	}
	if body := v.get("/metrics").Body; strings.Contains(body, "valid.member") || strings.Contains(body, "@") {
		t.Error("the metrics name somebody")
	}
}

func search(t *testing.T, d *demo) {
	v := d.visitor()
	v.logIn("valid.member@" + domain)
	for _, text := range []string{"Éléa Jonchères", "elea joncheres", "ELEA  Joncheres", "elea.joncheres", "jonchères éléa"} {
		got := v.get("/community?q=" + url.QueryEscape(text))
		if got.Status != 200 {
			t.Fatalf("search %q: %d", text, got.Status)
		}
		if !strings.Contains(got.Body, "/community/elea.joncheres") {
			t.Errorf("search %q does not find Éléa Jonchères: %s", text, got.Text())
		}
	}
	if got := v.get("/community?q=" + url.QueryEscape("zzyzx")); strings.Contains(got.Body, "/community/elea") {
		t.Error("a search that nobody matches finds somebody")
	}
}

func export(t *testing.T, d *demo) {
	v := d.visitor()
	v.logIn("admin.member@" + domain)
	got := v.get("/community.csv")
	if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/csv") {
		t.Fatalf("export: %d %s", got.Status, got.Header.Get("Content-Type"))
	}
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body, "\ufeff"))).ReadAll()
	if err != nil || len(lines) < 120 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if !strings.Contains(got.Body, "valid.member@"+domain) {
		t.Error("no primary address in the export")
	}
	for _, secondary := range d.rows(`SELECT secondary_email FROM member WHERE secondary_email IS NOT NULL`) {
		if strings.Contains(got.Body, secondary) {
			t.Fatalf("the export tells the secondary address %s", secondary)
		}
	}
}

// jobs plans, runs and runs again: what is done once is not done twice.
func jobs(t *testing.T, d *demo) {
	first := told[plan](d, "jobs", "plan", "emailCreationJob")
	if first.Job != "emailCreationJob" || first.Today != day || len(first.Actions) == 0 || first.Population < len(first.Actions) {
		t.Fatalf("plan: %+v", first)
	}
	for _, a := range first.Actions {
		if !strings.HasPrefix(a.Key, "emailCreationJob/") || a.Verb != "créer" || a.Subject == "" || a.Reason == "" {
			t.Errorf("action: %+v", a)
		}
	}
	before := d.mailboxes()
	if got := told[run](d, "jobs", "run", "emailCreationJob"); got.Applied || len(d.mailboxes()) != len(before) {
		t.Errorf("without --confirm: %+v, %d mailboxes", got, len(d.mailboxes()))
	}
	if got := told[run](d, "jobs", "run", "emailCreationJob", "--confirm"); !got.Applied || got.State != "ok" || got.Counts["done"] != len(first.Actions) {
		t.Errorf("with --confirm: %+v", got)
	}
	after := d.mailboxes()
	for _, a := range first.Actions {
		if before[a.Subject] || !after[a.Subject] {
			t.Errorf("mailbox of %s: before %v, after %v", a.Subject, before[a.Subject], after[a.Subject])
		}
	}
	if got := told[run](d, "jobs", "run", "emailCreationJob", "--confirm"); len(got.Plan.Actions) != 0 || len(d.mailboxes()) != len(after) {
		t.Errorf("confirmed again: %+v, %d mailboxes, want %d", got, len(d.mailboxes()), len(after))
	}
	created := d.rows(`SELECT subject FROM audit_event WHERE code = 'MEMBER_EMAIL_CREATED' ORDER BY subject`)
	if len(created) != len(first.Actions) || len(slices.Compact(created)) != len(created) {
		t.Errorf("the history tells %v", created)
	}
	if _, code := d.run("jobs", "plan", "uneTacheInconnue"); code != 5 {
		t.Errorf("an unknown job: exit code %d, want 5", code)
	}
}

// wrongKeys spoils the secret with which requests to OVH are signed.
func wrongKeys(t *testing.T, d *demo) {
	text, err := os.ReadFile(d.environment())
	if err != nil {
		t.Fatal(err)
	}
	spoilt := filepath.Join(t.TempDir(), "env")
	wrong := regexp.MustCompile(`(?m)^OVH_APP_SECRET=.*$`).ReplaceAllString(string(text), "OVH_APP_SECRET=un-autre-secret")
	if wrong == string(text) {
		t.Fatal("no OVH_APP_SECRET in the settings of the demonstration")
	}
	if err := os.WriteFile(spoilt, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	output, code := d.runWith(spoilt, "doctor")
	if code != 4 || !strings.Contains(output, "✗ OVH : OVH refuse notre signature : vérifie OVH_APP_SECRET") {
		t.Errorf("doctor: exit code %d\n%s", code, output)
	}
	if strings.Contains(output, "un-autre-secret") {
		t.Error("doctor tells the secret")
	}
	journal := fetchText(t, d.sandbox("/journal?vendor=ovh&limit=1"))
	if !strings.Contains(journal, `"status":400`) {
		t.Errorf("the simulated OVH did not refuse: %s", journal)
	}
}

func routes(t *testing.T, d *demo) {
	type route struct{ Method, Pattern, Policy, Room string }
	list := told[[]route](d, "routes")
	if !slices.Contains(list, route{"GET", "/community", "member", "member"}) || !slices.Contains(list, route{"GET", "/healthz", "public", "web"}) {
		t.Errorf("routes: %+v", list)
	}
	for _, r := range list {
		if r.Method == "" || r.Pattern == "" || r.Policy == "" || r.Room == "" {
			t.Errorf("incomplete: %+v", r)
		}
	}
}

func doctor(t *testing.T, d *demo) {
	output := d.must("doctor")
	for _, want := range []string{"✓ PostgreSQL", "✓ OVH", "✓ Annuaire des agents publics"} {
		if !strings.Contains(output, want) {
			t.Errorf("doctor does not say %q:\n%s", want, output)
		}
	}
}
