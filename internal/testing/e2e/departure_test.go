package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestLeavingAndComingBack follows somebody who shortens their mission, leaves, loses their mailbox, asks to
// come back and is accepted by a colleague: everything in browsers, the days in between by the jobs.
func TestLeavingAndComingBack(t *testing.T) {
	program(t) // skips first
	s := &story{demo: newDemo(t), browser: webtest.OpenBrowser(t)}
	s.start(settle{today: day, noWorker: true})
	s.leaves("2024-12-21")
	s.at("2024-12-23")
	s.inGrace()
	s.at("2024-12-27")
	s.suspended()
	s.asksToComeBack("2025-06-30")
	s.accepted("2025-06-30")
	s.backAgain()
}

// at starts the demonstration again, on another day.
func (s *story) at(day string) {
	s.t.Helper()
	s.stop()
	s.start(settle{today: day, noWorker: true})
}

// leaves shortens one's own mission: the record tells at once what stops when.
func (s *story) leaves(last string) {
	s.t.Helper()
	tab := s.logIn(owner + "@" + domain)
	tab.Open("/account")
	if strings.Contains(tab.Text(), "Demander une prolongation") {
		s.t.Errorf("a mission of ten months is told as near its end: %s", tab.Text())
	}
	tab.Press("Modifier la fiche")
	s.accessible(tab)
	tab.Fill("Fin de la mission", last)
	tab.Press("Enregistrer")
	tab.Open("/account")
	if text := tab.Text(); !strings.Contains(text, "Demander une prolongation") || !strings.Contains(text, "21 décembre 2024") {
		s.t.Fatalf("the record does not tell the end of the mission: %s", text)
	}
	s.accessible(tab)
	tab.Press("Voir toutes les étapes")
	s.accessible(tab)
	if !strings.Contains(tab.Text(), "26 décembre 2024") { // the mailbox is suspended
		s.t.Errorf("the steps of the departure: %s", tab.Text())
	}
}

// inGrace still has everything two days after the end, and was told at both addresses.
func (s *story) inGrace() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "sendJ1Email", "--confirm")
		s.must("jobs", "run", "reinitPasswordEmail", "--confirm")
	}
	for _, address := range []string{owner + "@" + domain, private} {
		var told int
		for _, m := range s.mailsTo(address) {
			if strings.Contains(m.Text, "prolongation") && strings.Contains(m.HTML, "prolongation") {
				told++
			}
		}
		if told != 1 {
			s.t.Errorf("%s was told %d times that the mission is over: %v", address, told, s.subjects(address))
		}
	}
	if got := s.status(owner); got != "EMAIL_ACTIVE" {
		s.t.Errorf("two days after the end the address is %s", got)
	}
	tab := s.logIn(owner + "@" + domain)
	for path, want := range map[string]string{"/account": "Demander une prolongation", "/community": "Membres"} {
		if tab.Open(path); tab.Path() != path || !strings.Contains(tab.Text(), want) {
			s.t.Errorf("in the days of grace %s shows %s: %s", path, tab.Path(), tab.Text())
		}
	}
}

// suspended has no mailbox any more: the other address opens the record, and nothing else.
func (s *story) suspended() {
	s.t.Helper()
	for range 2 {
		s.must("jobs", "run", "reinitPasswordEmail", "--confirm")
	}
	if got := s.status(owner); got != "EMAIL_SUSPENDED" {
		s.t.Fatalf("six days after the end the address is %s", got)
	}
	if got := s.outside().MX[owner].PasswordChanges; got != 1 {
		s.t.Errorf("the password of the mailbox was changed %d times at OVH, want once", got)
	}
	s.theirs = s.logIn(private)
	for _, path := range []string{"/community", "/community/valid.member", "/account/redirections"} {
		s.theirs.Open(path)
		if text := s.theirs.Text(); strings.Contains(text, "Valid Member") || s.theirs.Has("Ajouter la redirection") {
			s.t.Errorf("who left still opens %s: %s", path, text)
		}
	}
}

// asksToComeBack is the only thing left to do.
func (s *story) asksToComeBack(until string) {
	s.t.Helper()
	tab := s.theirs
	tab.Open("/account")
	s.accessible(tab)
	tab.Press("Demander une prolongation")
	s.accessible(tab)
	tab.Fill("Nouveau dernier jour de mission", "2024-12-01")
	tab.Press("Envoyer ma demande")
	if strings.Contains(tab.Text(), "Ta demande attend une réponse") {
		s.t.Errorf("a day that is over was accepted: %s", tab.Text())
	}
	tab.Fill("Nouveau dernier jour de mission", until)
	tab.Fill("Un mot pour la personne", "Nous ouvrons en mars, et je reste sur Bac Clair.")
	tab.Press("Envoyer ma demande")
	if !strings.Contains(tab.Text(), "Ta demande attend une réponse") {
		s.t.Fatalf("after asking: %s", tab.Text())
	}
}

var decision = regexp.MustCompile(`http://\S+(/community/` + owner + `/extension/[0-9a-f-]+)`)

// accepted is one click of a colleague, from the mail.
func (s *story) accepted(until string) {
	s.t.Helper()
	const address = "valid.member@" + domain
	var link []string
	s.await("the colleague is asked", func() bool {
		for _, m := range s.mailsTo(address) {
			if link = decision.FindStringSubmatch(m.Text); link != nil {
				return true
			}
		}
		return false
	})
	s.ours = s.logIn(address)
	s.ours.Open("/extensions")
	if !s.ours.Has("Alba Boisclair") {
		s.t.Errorf("the list of requests: %s", s.ours.Text())
	}
	s.accessible(s.ours)
	s.ours.Open(link[1])
	s.accessible(s.ours)
	if !strings.Contains(s.ours.Text(), "Nous ouvrons en mars") {
		s.t.Errorf("the message is not shown: %s", s.ours.Text())
	}
	s.ours.Press("Accepter")
	got := s.rows(`SELECT max(end_day)::text FROM mission JOIN member ON member.id = member_id WHERE username = $1`, owner)
	if got[0] != until {
		s.t.Errorf("the mission ends on %s, want %s: %s", got[0], until, s.ours.Text())
	}
	s.quiet(s.ours)
}

// backAgain has a mailbox to open with a new password, and the whole portal.
func (s *story) backAgain() {
	s.t.Helper()
	s.await("the address is back", func() bool { return s.status(owner) == "EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING" })
	tab := s.theirs
	tab.Open("/community")
	if tab.Path() != "/community" {
		s.t.Errorf("who came back is led to %s: %s", tab.Path(), tab.Text())
	}
	tab.Open("/account")
	if strings.Contains(tab.Text(), "Demander une prolongation") {
		s.t.Errorf("the record still tells an end: %s", tab.Text())
	}
	tab.Open("/account/password")
	tab.Fill("Nouveau mot de passe", phrase)
	tab.Press("Définir mon mot de passe")
	s.done(tab)
	if got := s.status(owner); got != "EMAIL_ACTIVE" {
		s.t.Errorf("with a password the address is %s", got)
	}
	var answers int
	for _, m := range s.mailsTo(private) {
		if strings.Contains(m.Subject, "prolong") && strings.Contains(m.Text, "30 juin 2025") {
			answers++
		}
	}
	if answers != 1 {
		s.t.Errorf("the answer was told %d times: %v", answers, s.subjects(private))
	}
	s.quiet(tab, "422", "403") // a day that is over; the pages of members
}
