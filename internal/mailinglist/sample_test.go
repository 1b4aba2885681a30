package mailinglist_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/sample"
)

// TestPlansOfTheSample shows the four plans on the made-up community as it is, with what the vendors
// hold of it, on two days. A plan changes nothing, so all of them are made on the same database.
func TestPlansOfTheSample(t *testing.T) {
	w := newWorld(t)
	outside, err := sample.Seed(t.Context(), w.db, sample.Settings{Today: today, Domain: domain, Lists: []int{332, 333}})
	if err != nil {
		t.Fatal(err)
	}
	outside.Fill(sample.Vendors{OVH: w.ovh, Brevo: w.brevo})
	for _, day := range []clock.Day{today, clock.MustDay("2025-01-20")} {
		w.clock.Set(day.At(12, 0))
		for _, name := range []string{subscribe, unsubscribe, departure, unblock} {
			first, again := strings.Join(told(w.plan(name)), "\n")+"\n", strings.Join(told(w.plan(name)), "\n")+"\n"
			golden(t, name+"-"+day.String()+".txt", first)
			if first != again {
				t.Errorf("%s is not stable", name)
			}
		}
	}
}

// TestUnblockingOfTheSample blocks some of the members at Brevo for each reason: on the sample as it
// is nobody is.
func TestUnblockingOfTheSample(t *testing.T) {
	w := newWorld(t)
	outside, err := sample.Seed(t.Context(), w.db, sample.Settings{Today: today, Domain: domain, Lists: []int{332, 333}})
	if err != nil {
		t.Fatal(err)
	}
	outside.Fill(sample.Vendors{OVH: w.ovh, Brevo: w.brevo})
	for i, p := range sample.People(today, domain) {
		switch address := p.Username + "@" + domain; i % 17 {
		case 5:
			w.brevo.AddBlock(address, "espace@"+domain, "hardBounce")
		case 6:
			w.brevo.AddBlock(address, "espace@"+domain, "unsubscribedViaEmail")
		case 7:
			w.brevo.AddContact(address, nil, 332)
			w.brevo.Blacklist(address, "hardBounce")
		}
	}
	golden(t, unblock+"-blocked.txt", strings.Join(told(w.plan(unblock)), "\n")+"\n")
}
