package e2e

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

const (
	owner   = "alba.boisclair" // somebody of the sample, with a mailbox of the MX Plan
	other   = "alba.ailleurs@exemple.test"
	private = owner + "@exemple.test"
	phrase  = "Sept-Cerises-Vertes-9"
)

// TestMailboxStories is what somebody does of their own mailbox, in a browser: every demand is
// followed until it tells its result, and is looked at where it counts, at the simulated OVH.
func TestMailboxStories(t *testing.T) {
	program(t) // skips first
	browser := webtest.OpenBrowser(t)
	s := &story{demo: newDemo(t), browser: browser}
	s.start(settle{today: day, noWorker: true})
	s.theirs = s.logIn(owner + "@" + domain)
	for _, step := range []struct {
		name string
		run  func(*story)
	}{
		{"password", (*story).passwordSet},
		{"redirection", (*story).redirectionAdded},
		{"absence", (*story).absenceTold},
		{"address", (*story).addressProved},
		{"vendor down", (*story).askedWhileDown},
	} {
		t.Run(step.name, func(t *testing.T) {
			mine := *s
			mine.demo = s.on(t)
			mine.theirs = s.theirs.On(t)
			step.run(&mine)
			mine.quiet(mine.theirs, "422")
		})
	}
}

// on is the same demonstration in the hands of a part of the test.
func (d *demo) on(t *testing.T) *demo {
	mine := *d
	mine.t = t
	return &mine
}

// quiet checks that the browser complained of nothing but the answers that were looked for.
func (s *story) quiet(tab *webtest.Tab, wanted ...string) {
	s.t.Helper()
	for _, problem := range tab.Problems() {
		if !slices.ContainsFunc(wanted, func(w string) bool { return strings.Contains(problem, "status of "+w) }) {
			s.t.Errorf("the browser complains: %s", problem)
		}
	}
}

// done follows the page of a demand until it is over, as it reloads by itself.
func (s *story) done(tab *webtest.Tab) {
	s.t.Helper()
	if !strings.HasSuffix(tab.Path(), "/mailbox/progress") {
		s.t.Fatalf("the demand led to %s: %s", tab.Path(), tab.Text())
	}
	s.fits(tab)
	for end := time.Now().Add(patience); !strings.Contains(tab.Text(), "C’est fait."); tab.Press("Voir où en est la demande") {
		if time.Now().After(end) || !strings.Contains(tab.Text(), "C’est en cours.") {
			s.t.Fatalf("the demand is not done: %s", tab.Text())
		}
		time.Sleep(300 * time.Millisecond)
		if strings.Contains(tab.Text(), "C’est fait.") { // reloaded meanwhile
			return
		}
	}
}

// passwordSet refuses a weak password with its reason, and sets a good one, once.
func (s *story) passwordSet() {
	s.t.Helper()
	tab := s.theirs
	tab.Open("/account/mailbox")
	tab.Press("Changer mon mot de passe")
	s.accessible(tab)
	tab.Fill("Nouveau mot de passe", "court")
	tab.Press("Changer mon mot de passe")
	if text := tab.Text(); tab.Path() != "/account/password" || !strings.Contains(text, "entre 14 et 30 caractères") {
		s.t.Fatalf("a password of five letters is answered on %s: %s", tab.Path(), text)
	}
	tab.Fill("Nouveau mot de passe", phrase)
	tab.Press("Changer mon mot de passe")
	s.done(tab)
	box := s.outside().MX[owner]
	if box.PasswordChanges != 1 || box.Digest == "" {
		s.t.Errorf("OVH changed the password %d times", box.PasswordChanges)
	}
	for place, text := range map[string]string{
		"page": tab.Whole(), "log": s.said(), "journal": fetchText(s.t, s.sandbox("/journal")),
		"actions": strings.Join(s.rows(`SELECT a::text FROM job_action a`), " "), "history": strings.Join(s.rows(`SELECT e::text FROM audit_event e`), " "),
	} {
		if !strings.Contains(text, owner) && place != "page" {
			s.t.Errorf("the %s tells nothing of %s", place, owner)
		}
		if strings.Contains(text, phrase) {
			s.t.Errorf("the %s tells the password", place)
		}
	}
}

// redirectionAdded feeds another address, keeps a copy, then stops.
func (s *story) redirectionAdded() {
	s.t.Helper()
	tab := s.theirs
	tab.Open("/account/redirections")
	s.accessible(tab)
	tab.Fill("Rediriger mes mails vers", "pas une adresse")
	tab.Press("Ajouter la redirection")
	if tab.Path() != "/account/redirections" || tab.Value("Rediriger mes mails vers") != "pas une adresse" {
		s.t.Fatalf("a wrong address is answered on %s: %s", tab.Path(), tab.Text())
	}
	tab.Fill("Rediriger mes mails vers", other)
	tab.Press("Ajouter la redirection")
	s.done(tab)
	if got := s.redirectionsOf(owner); !maps.Equal(got, map[string]bool{other: true}) {
		s.t.Errorf("OVH feeds %v (true: with a copy in the mailbox)", got)
	}
	tab.Open("/account/redirections")
	tab.Press("Supprimer la redirection vers " + other)
	s.done(tab)
	if got := s.redirectionsOf(owner); len(got) > 0 {
		s.t.Errorf("OVH still feeds %v", got)
	}
}

// absenceTold says when somebody is away, changes it, then stops.
func (s *story) absenceTold() {
	s.t.Helper()
	tab := s.theirs
	tab.Open("/account/auto-reply")
	s.accessible(tab)
	tab.Fill("Message d’absence", "Je reviens en janvier.")
	tab.Fill("Premier jour", "2025-01-03")
	tab.Fill("Dernier jour", "2024-12-23")
	tab.Press("Enregistrer la réponse automatique")
	if tab.Path() != "/account/auto-reply" || tab.Value("Message d’absence") != "Je reviens en janvier." {
		s.t.Fatalf("dates in the wrong order are answered on %s: %s", tab.Path(), tab.Text())
	}
	tab.Fill("Premier jour", "2024-12-23")
	tab.Fill("Dernier jour", "2025-01-03")
	tab.Press("Enregistrer la réponse automatique")
	s.done(tab)
	reply := s.outside().Responders[owner]
	if reply.Content != "Je reviens en janvier." || !reply.From.Equal(time.Date(2024, 12, 22, 23, 0, 0, 0, time.UTC)) {
		s.t.Errorf("OVH answers %+v", reply)
	}
	tab.Open("/account/auto-reply")
	if tab.Value("Dernier jour") != "2025-01-03" {
		s.t.Errorf("the reply in place ends on %s", tab.Value("Dernier jour"))
	}
	tab.Fill("Message d’absence", "Écris plutôt à l’équipe.")
	tab.Press("Enregistrer la réponse automatique")
	s.done(tab)
	if got := s.outside().Responders[owner].Content; got != "Écris plutôt à l’équipe." {
		s.t.Errorf("OVH answers %q after the change", got)
	}
	tab.Open("/account/auto-reply")
	tab.Press("Arrêter la réponse automatique")
	s.done(tab)
	if reply, still := s.outside().Responders[owner]; still {
		s.t.Errorf("OVH still answers %+v", reply)
	}
}

var proof = regexp.MustCompile(`http://\S+(/account/address/confirm\?\S+)`)

// addressProved changes the secondary address: nothing moves before the link is used, in another
// browser, and the old address then opens nothing.
func (s *story) addressProved() {
	s.t.Helper()
	tab := s.theirs
	tab.Open("/account/mailbox")
	tab.Press("Changer d’adresse secondaire")
	s.accessible(tab)
	tab.Fill("Nouvelle adresse secondaire", other)
	tab.Press("Envoyer le lien de confirmation")
	s.await("the proof is asked", func() bool { return len(s.mailsTo(other)) == 1 })
	if got := s.secondary(); got != private {
		s.t.Fatalf("the address is %s before any proof", got)
	}
	link := proof.FindStringSubmatch(s.mailsTo(other)[0].Text)
	if link == nil {
		s.t.Fatalf("no link in: %s", s.mailsTo(other)[0].Text)
	}
	elsewhere := s.browser.Tab(s.t, s.url())
	elsewhere.Open(link[1])
	s.accessible(elsewhere)
	elsewhere.Press("Confirmer cette adresse")
	if got := s.secondary(); got != other || !strings.Contains(elsewhere.Text(), "C’est fait") {
		s.t.Errorf("the address is %s; %s", got, elsewhere.Text())
	}
	elsewhere.Open(link[1])
	if elsewhere.Heading() != "Lien expiré" {
		s.t.Errorf("the link opens again: %s", elsewhere.Text())
	}
	s.await("the old address is told", func() bool { return len(s.mailsTo(private)) > 0 })
}

func (s *story) secondary() string {
	s.t.Helper()
	return strings.Join(s.rows(`SELECT secondary_email FROM member WHERE username = $1`, owner), " ")
}

// askedWhileDown asks while OVH does not answer: the account comes at once with a grey block, and
// the demand is done, once, when OVH is back.
func (s *story) askedWhileDown() {
	s.t.Helper()
	const somebody = "valid.member" // of whom the portal has asked nothing yet
	tab := s.logIn(somebody + "@" + domain)
	before := s.outside().MX[somebody].PasswordChanges
	s.fault(`{"vendor": "ovh", "kind": "slow", "latency_ms": 20000}`)
	start := time.Now()
	tab.Open("/account/mailbox")
	if took := time.Since(start); took > 2*time.Second || !strings.Contains(tab.Text(), "ne répond pas") {
		s.t.Errorf("with OVH down the account comes after %s: %s", took, tab.Text())
	}
	tab.Open("/account/password")
	tab.Fill("Nouveau mot de passe", phrase+"b")
	tab.Press("Changer mon mot de passe")
	if !strings.Contains(tab.Text(), "C’est en cours.") {
		s.t.Errorf("the demand made meanwhile: %s", tab.Text())
	}
	s.calm()
	s.done(tab)
	if got := s.outside().MX[somebody].PasswordChanges; got != before+1 {
		s.t.Errorf("OVH changed the password %d times, want once", got-before)
	}
}

// hosting is what the simulated OVH tells of its mailboxes.
type hosting struct {
	MX map[string]struct {
		PasswordChanges int    `json:"password_changes"`
		Digest          string `json:"password_digest"`
	} `json:"mx"`
	Redirections map[string]struct {
		From, To string
	} `json:"redirections"`
	Responders map[string]struct {
		Content  string
		From, To time.Time
	} `json:"responders"`
}

func (d *demo) outside() hosting {
	d.t.Helper()
	return fetch[hosting](d.t, d.sandbox("/state/ovh"))
}

// redirectionsOf lists where the mails of somebody go, and whether a copy stays in the mailbox.
func (d *demo) redirectionsOf(username string) map[string]bool {
	d.t.Helper()
	address, list, kept := username+"@"+domain, map[string]bool{}, false
	all := d.outside().Redirections
	for _, r := range all { // OVH keeps a copy by a redirection to oneself
		kept = kept || r.From == address && r.To == address
	}
	for _, r := range all {
		if r.From == address && r.To != address {
			list[r.To] = kept
		}
	}
	return list
}

// accessible checks a page with axe, at the width of a telephone and of a desk.
func (s *story) accessible(tab *webtest.Tab) {
	s.t.Helper()
	s.fits(tab)
	for _, width := range []int64{390, 1280} {
		tab.Resize(width)
		if faults := tab.Axe(); len(faults) > 0 {
			s.t.Errorf("%s at %d: %v", tab.Path(), width, faults)
		}
	}
}
