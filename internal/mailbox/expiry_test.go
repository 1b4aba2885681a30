package mailbox_test

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
)

func TestPlanOfExpiry(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	w.down() // nobody asks OVH about what is not ours
	for name, p := range map[string]person{
		"anne.active":   {status: member.StatusActive, end: "2024-12-14", primary: "anne@ministere.fr"},
		"bea.suspended": {status: member.StatusSuspended, end: "2024-12-01", primary: "bea@ministere.fr"},
		"cleo.lookalik": {status: member.StatusActive, end: "2024-12-01", primary: "cleo@faux-exemple.org"},
		"dan.grace":     {status: member.StatusActive, end: "2024-12-15", primary: "dan@ministere.fr"},
		"eli.stays":     {status: member.StatusActive, primary: "eli@ministere.fr"},
		"fay.ours":      {status: member.StatusActive, end: "2024-12-01", primary: "fay.ours@exemple.org"},
		"gil.none":      {status: member.StatusSuspended, end: "2024-12-01"},
		"hal.expired":   {status: member.StatusExpired, end: "2024-12-01", primary: "hal@ministere.fr"},
		"ida.nomission": {status: member.StatusActive, end: "none", primary: "ida@ministere.fr"},
	} {
		p.username = name
		w.add(p)
	}
	w.goldenPlan(expiry,
		"population 9",
		"state marquer expirée anne.active : mission terminée le 14 décembre 2024, adresse extérieure",
		"state marquer expirée bea.suspended : mission terminée le 1er décembre 2024, adresse extérieure",
		"state marquer expirée cleo.lookalik : mission terminée le 1er décembre 2024, adresse extérieure",
		"laisser dan.grace : pas avant le 20 décembre 2024, 5 jours après la fin de mission",
		"laisser gil.none : pas d’adresse principale",
		"laisser ida.nomission : aucune mission : rien ne dit depuis quand")
}

func TestForeignAddressExpires(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", primary: "anne@ministere.fr", status: member.StatusActive, end: "2024-12-01", since: today.Add(-300).At(9, 0)})
	a := w.one(expiry)
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	w.expect(id, member.StatusExpired, "anne@ministere.fr")
	if w.events(id, "MEMBER_EMAIL_EXPIRED") != 1 || w.events(id, string(member.CodeStatusChanged)) != 1 {
		t.Error("the expiry is not told")
	}
	w.dated(id)
	if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
		t.Errorf("again: %+v, %v", outcome, err)
	}
}
