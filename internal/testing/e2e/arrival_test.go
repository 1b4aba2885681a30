package e2e

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// The newcomer of the story. The address has a sign that careless links lose.
const (
	newcomer  = "nova.aubepine"
	personal  = "nova.aubepine+pro@exemple.test"
	colleague = "valid.member@" + domain
)

// TestArrival is the main job of the product: from the public directory to a member who reads
// their mail, with every step seen by a person.
func TestArrival(t *testing.T) {
	program(t) // skips first
	browser := webtest.OpenBrowser(t)
	s := &story{demo: newDemo(t), browser: browser}
	s.start(settle{today: day, noWorker: true})
	s.importDirectory()
	s.createdByAColleague()
	s.invited()
	s.verified()
	s.mailboxMade()
	s.stop()
	s.start(settle{today: next, noWorker: true}) // OVH has had the time to make the mailbox
	s.welcomed()
	s.seen()
}

type story struct {
	*demo
	browser *webtest.Browser
	theirs  *webtest.Tab // the newcomer's
	ours    *webtest.Tab // the colleague's
}

// importDirectory creates the members of the public directory, once.
func (s *story) importDirectory() {
	s.t.Helper()
	file := filepath.Join("testdata", "authors.json")
	s.must("import", "directory", "--authors", file)
	want := []string{"tancrede.orvault", "ysee.beaulac"}
	const sql = `SELECT username FROM member WHERE username IN ('tancrede.orvault', 'ysee.beaulac') ORDER BY username`
	if got := s.rows(sql); !slices.Equal(got, want) {
		s.t.Fatalf("imported %v, want %v", got, want)
	}
	before := s.rows(`SELECT username FROM member ORDER BY username`)
	s.must("import", "directory", "--authors", file)
	if after := s.rows(`SELECT username FROM member ORDER BY username`); !slices.Equal(before, after) {
		s.t.Errorf("imported again: %d members, then %d", len(before), len(after))
	}
}

// logIn opens a tab of somebody who asked for a link and followed it.
func (s *story) logIn(address string) *webtest.Tab {
	s.t.Helper()
	tab := s.browser.Tab(s.t, s.url())
	tab.Open("/login")
	tab.Fill("Mon email", address)
	s.followLink(tab, address)
	return tab
}

// followLink asks for the link of an address on the login page, and follows it.
func (s *story) followLink(tab *webtest.Tab, address string) {
	s.t.Helper()
	before := len(s.mailsTo(address))
	tab.Press("Recevoir le lien de connexion")
	tab.Open(s.loginLink(address, before))
	tab.Press("Me connecter")
}

// createdByAColleague fills the form of a new member.
func (s *story) createdByAColleague() {
	s.t.Helper()
	s.ours = s.logIn(colleague)
	tab := s.ours
	tab.Open("/community?q=ysee")
	if !tab.Has("Ysée Beaulac") {
		s.t.Errorf("the imported member is not found: %s", tab.Text())
	}
	tab.Open("/community/create")
	tab.Fill("Prénom", "Nova")
	tab.Fill("Nom", "Aubépine")
	tab.Fill("Email", personal)
	tab.Fill("Domaine", "Design")
	tab.Fill("Début de la mission", day)
	tab.Fill("Fin de la mission", "2025-06-30")
	tab.Fill("Entité qui gère le contrat", "Exemple")
	tab.Press("Créer la fiche")
	if tab.Path() != "/community/"+newcomer || !strings.Contains(tab.Whole(), "Nova Aubépine") {
		s.t.Fatalf("after creating: %s\n%s", tab.Path(), tab.Whole())
	}
	if strings.Contains(tab.Whole(), personal) {
		s.t.Error("the colleague reads the private address of the newcomer")
	}
}

// invited sends the invitation, once.
func (s *story) invited() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "sendOnboardingVerificationPendingEmail", "--confirm")
	}
	mails := s.mailsTo(personal)
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "Valid Member") {
		s.t.Fatalf("%d invitations: %+v", len(mails), mails)
	}
}

// verified follows the invitation, is sent to the record from every page, and confirms it.
func (s *story) verified() {
	s.t.Helper()
	link := regexp.MustCompile(`http://\S+/login\?secondary_email=\S+`).FindString(s.mailsTo(personal)[0].Text)
	s.theirs = s.browser.Tab(s.t, s.url())
	tab := s.theirs
	tab.Open(link)
	if !strings.Contains(tab.Text(), personal) {
		s.t.Fatalf("the invitation does not fill in the address: %s", tab.Text())
	}
	s.followLink(tab, personal)
	for _, path := range []string{"/dashboard", "/community", "/community/" + newcomer} {
		if tab.Open(path); tab.Path() != "/verify" {
			s.t.Errorf("%s shows %s before the record is verified", path, tab.Path())
		}
	}
	tab.Fill("Rôle actuel", "Designer de services")
	tab.Press("Mettre à jour mes informations")
	if tab.Path() == "/verify" || !strings.Contains(tab.Whole(), newcomer+"@"+domain) {
		s.t.Fatalf("after verifying: %s\n%s", tab.Path(), tab.Whole())
	}
}

// mailboxMade creates the mailbox at OVH, once.
func (s *story) mailboxMade() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "emailCreationJob", "--confirm")
	}
	if !s.mailboxes()[newcomer] || s.created()[newcomer] != 1 {
		s.t.Fatalf("mailbox at OVH: %v, made %d times", s.mailboxes()[newcomer], s.created()[newcomer])
	}
	if got := s.status(); got != "EMAIL_CREATION_PENDING" {
		s.t.Errorf("the address is %s", got)
	}
}

func (s *story) status() string {
	s.t.Helper()
	return s.rows(`SELECT primary_email_status FROM member WHERE username = $1`, newcomer)[0]
}

// welcomed makes the address active, and tells its owner, once.
func (s *story) welcomed() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "setEmailAddressesActive", "--confirm")
	}
	if got := s.status(); got != "EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING" {
		s.t.Errorf("the address is %s", got)
	}
	var welcomes int
	for _, m := range s.mailsTo(personal) {
		if m.Subject == ready && strings.Contains(m.Text, newcomer+"@"+domain) && strings.Contains(m.HTML, newcomer+"@"+domain) {
			welcomes++
		}
	}
	if welcomes != 1 {
		s.t.Errorf("%d messages say that the address is ready, want 1: %v", welcomes, s.subjects(personal))
	}
}

// seen looks at the record as its owner, as a colleague and as an administrator do.
func (s *story) seen() {
	s.t.Helper()
	page := "/community/" + newcomer
	s.ours.Open(page)
	if text := s.ours.Text(); !strings.Contains(text, newcomer+"@"+domain) || !strings.Contains(text, "Designer de services") || strings.Contains(text, personal) {
		s.t.Errorf("the colleague sees: %s", text)
	}
	s.theirs.Open("/dashboard")
	if s.theirs.Path() != "/dashboard" {
		s.t.Errorf("the newcomer is still sent to %s", s.theirs.Path())
	}
	admin := s.logIn("admin.member@" + domain)
	admin.Open(page)
	want := []string{
		"MEMBER_CREATED", "EMAIL_VERIFICATION_WAITING_SENT", "MEMBER_LOGIN", "MEMBER_VERIFIED", "MEMBER_EMAIL_CREATED", "MEMBER_EMAIL_STATUS_UPDATED",
	}
	told := s.rows(`SELECT DISTINCT code FROM audit_event WHERE subject = $1`, newcomer)
	for _, code := range want {
		if !slices.Contains(told, code) {
			s.t.Errorf("the history does not tell %s: %v", code, told)
		}
	}
	for _, tab := range []*webtest.Tab{s.ours, s.theirs, admin} {
		if problems := tab.Problems(); len(problems) > 0 {
			s.t.Errorf("the browser complains: %v", problems)
		}
	}
}
