package mailinglist_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/sample"
)

// TestPlansOfTheSample shows the four plans on the made-up community: some in activity are missing
// from the members' list, some who left are still on it, most who ever had an address are contacts.
func TestPlansOfTheSample(t *testing.T) {
	w := newWorld(t)
	if _, err := sample.Seed(t.Context(), w.db, today, domain); err != nil {
		t.Fatal(err)
	}
	w.ovh.AddList("incubateur", "inconnue@ailleurs.fr")
	for i, p := range sample.People(today, domain) {
		address := p.Username + "@" + domain
		works := p.PrimaryEmail != "" && p.Status != member.StatusSuspended
		if works && i%7 != 3 || !works && i%6 == 1 {
			w.ovh.AddList("incubateur", address)
		}
		if works || i%5 != 0 {
			w.brevo.AddContact(address, nil, 332)
		}
		switch i % 17 {
		case 5:
			w.brevo.AddBlock(address, "espace@"+domain, "hardBounce")
		case 6:
			w.brevo.AddBlock(address, "espace@"+domain, "unsubscribedViaEmail")
		case 7:
			w.brevo.Blacklist(address, "hardBounce")
		}
	}
	for _, name := range []string{subscribe, unsubscribe, departure, unblock} {
		first, again := strings.Join(told(w.plan(name)), "\n")+"\n", strings.Join(told(w.plan(name)), "\n")+"\n"
		golden(t, name+".txt", first)
		if first != again {
			t.Errorf("%s is not stable", name)
		}
	}
}
