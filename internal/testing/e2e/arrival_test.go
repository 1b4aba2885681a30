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

	agent  = "mael.fontaine" // another newcomer, who works for the State
	public = "mael.fontaine@ministere.test"
)

// TestArrival is the main job of the product: from the public directory to a member who reads
// their mail, with every step seen by a person.
func TestArrival(t *testing.T) {
	program(t) // skips first
	browser := webtest.OpenBrowser(t)
	s := &story{demo: newDemo(t), browser: browser}
	s.start(settle{today: day, noWorker: true})
	s.importDirectory()
	s.ours = s.logIn(colleague)
	s.createdByAColleague("Nova", "Aubépine", personal)
	s.createdByAColleague("Maël", "Fontaine", public)
	s.invited()
	s.agentKeepsTheirAddress()
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
func (s *story) createdByAColleague(first, last, address string) {
	s.t.Helper()
	tab := s.ours
	tab.Open("/community?q=ysee")
	if !tab.Has("Ysée Beaulac") {
		s.t.Errorf("the imported member is not found: %s", tab.Text())
	}
	tab.Open("/community/create")
	s.fits(tab)
	tab.Fill("Prénom", first)
	tab.Fill("Nom", last)
	tab.Fill("Email", address)
	tab.Fill("Domaine", "Design")
	tab.Fill("Début de la mission", day)
	tab.Fill("Fin de la mission", "2025-06-30")
	tab.Fill("Entité qui gère le contrat", "Exemple")
	tab.Press("Créer la fiche")
	if !strings.HasPrefix(tab.Path(), "/community/") || tab.Path() == "/community/create" || !strings.Contains(tab.Whole(), first+" "+last) {
		s.t.Fatalf("after creating: %s\n%s", tab.Path(), tab.Whole())
	}
	if strings.Contains(tab.Whole(), address) {
		s.t.Error("the colleague reads the private address of the newcomer")
	}
}

// invited sends the invitations, once each.
func (s *story) invited() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "sendOnboardingVerificationPendingEmail", "--confirm")
	}
	for _, address := range []string{personal, public} {
		mails := s.mailsTo(address)
		if len(mails) != 1 || !strings.Contains(mails[0].Text, "Valid Member") {
			s.t.Fatalf("%d invitations of %s: %+v", len(mails), address, mails)
		}
	}
}

// accept follows an invitation and logs in.
func (s *story) accept(address string) *webtest.Tab {
	s.t.Helper()
	link := regexp.MustCompile(`http://\S+/login\?secondary_email=\S+`).FindString(s.mailsTo(address)[0].Text)
	tab := s.browser.Tab(s.t, s.url())
	tab.Open(link)
	if !strings.Contains(tab.Text(), address) {
		s.t.Fatalf("the invitation does not fill in the address: %s", tab.Text())
	}
	s.followLink(tab, address)
	return tab
}

// agentKeepsTheirAddress verifies the record of somebody whom the directory of agents knows: no
// mailbox is to be made.
func (s *story) agentKeepsTheirAddress() {
	s.t.Helper()
	tab := s.accept(public)
	tab.Fill("Rôle actuel", "Chef de projet")
	tab.Press("Mettre à jour mes informations")
	if status := s.status(agent); status != "EMAIL_ACTIVE" || !strings.Contains(tab.Whole(), public) {
		s.t.Errorf("the agent's address is %s; %s", status, tab.Whole())
	}
	if lookups := fetch[struct{ Lookups int }](s.t, s.sandbox("/state/tchap")).Lookups; lookups == 0 {
		s.t.Error("nobody asked the directory of agents")
	}
}

// verified is sent to the record from every page, and confirms it.
func (s *story) verified() {
	s.t.Helper()
	s.theirs = s.accept(personal)
	tab := s.theirs
	for _, path := range []string{"/dashboard", "/community", "/community/" + newcomer} {
		if tab.Open(path); tab.Path() != "/verify" {
			s.t.Errorf("%s shows %s before the record is verified", path, tab.Path())
		}
	}
	s.fits(tab)
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
	if s.mailboxes()[agent] {
		s.t.Error("the agent, who has an address, got a mailbox")
	}
	if got := s.status(newcomer); got != "EMAIL_CREATION_PENDING" {
		s.t.Errorf("the address is %s", got)
	}
}

// status is the state of somebody's primary address; "" when there is no such member.
func (s *story) status(username string) string {
	s.t.Helper()
	return strings.Join(s.rows(`SELECT primary_email_status FROM member WHERE username = $1`, username), " ")
}

// welcomed makes the address active, and tells its owner, once.
func (s *story) welcomed() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "setEmailAddressesActive", "--confirm")
	}
	if got := s.status(newcomer); got != "EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING" {
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

// fits checks that a page holds in a telephone.
func (s *story) fits(tab *webtest.Tab) {
	s.t.Helper()
	tab.Resize(390)
	if wide := tab.Overflow(); wide != "" {
		s.t.Errorf("%s is wider than a telephone: %s", tab.Path(), wide)
	}
	tab.Resize(1280)
}

// seen looks at the record as its owner, as a colleague and as an administrator do.
func (s *story) seen() {
	s.t.Helper()
	page := "/community/" + newcomer
	s.ours.Open(page)
	if text := s.ours.Text(); !strings.Contains(text, newcomer+"@"+domain) || !strings.Contains(text, "Designer de services") || strings.Contains(text, personal) {
		s.t.Errorf("the colleague sees: %s", text)
	}
	s.fits(s.ours)
	s.theirs.Open("/dashboard")
	if s.theirs.Path() != "/dashboard" {
		s.t.Errorf("the newcomer is still sent to %s", s.theirs.Path())
	}
	admin := s.logIn("admin.member@" + domain)
	admin.Open(page + "/history")
	for _, line := range []string{"Fiche créée", "Invitation à vérifier la fiche envoyée", "Fiche vérifiée", "Boîte mail créée"} {
		if !strings.Contains(admin.Text(), line) {
			s.t.Errorf("the history page does not say %q: %s", line, admin.Text())
		}
	}
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
