package mailbox_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func TestPlanOfErasure(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	for name, p := range map[string]person{
		"anne.deleted": {status: member.StatusDeleted, secondary: "anne@ailleurs.fr"},
		"bea.expired":  {status: member.StatusExpired, secondary: "bea@ailleurs.fr", primary: "bea@ministere.fr"},
		"cleo.none":    {status: member.StatusDeleted},
		"dan.back":     {status: member.StatusDeleted, secondary: "dan@ailleurs.fr", end: "2025-01-01"},
		"eli.recent":   {status: member.StatusDeleted, secondary: "eli@ailleurs.fr", end: "2024-11-20", since: clock.MustDay("2024-11-01").At(9, 0)},
		"fay.active":   {status: member.StatusActive, secondary: "fay@ailleurs.fr", primary: "fay.active@exemple.org"},
	} {
		p.username = name
		if p.since.IsZero() {
			p.since = longAgo
		}
		if p.end == "" {
			p.end = "2024-06-30"
		}
		w.add(p)
	}
	w.goldenPlan(erasure,
		"population 6",
		"state effacer anne.deleted : adresse principale supprimée depuis le 1er août 2024, adresse secondaire à effacer",
		"state effacer bea.expired : adresse principale expirée depuis le 1er août 2024, adresse secondaire à effacer",
		"laisser eli.recent : pas avant le 20 décembre 2024, 30 jours après la fin de mission")
}

func TestSecondaryAddressIsErased(t *testing.T) {
	w := newWorld(t, mailbox.Config{})
	id := w.add(person{username: "anne.leaves", secondary: "anne@ailleurs.fr", status: member.StatusDeleted, end: "2024-06-30", since: longAgo})
	a := w.one(erasure)
	if _, err := w.apply(a); err != nil {
		t.Fatal(err)
	}
	var secondary *string
	var history string
	err := w.tx.QueryRow(t.Context(), `
		SELECT secondary_email, (SELECT string_agg(e::text, ' ') FROM audit_event e WHERE member_id = m.id)
		FROM member m WHERE id = $1`, id).Scan(&secondary, &history)
	if err != nil || secondary != nil {
		t.Errorf("still there: %v, %v", secondary, err)
	}
	if w.events(id, "MEMBER_SECONDARY_EMAIL_DELETED") != 1 || strings.Contains(history, "anne@ailleurs.fr") {
		t.Errorf("not told, or told with the address: %s", history)
	}
	w.expect(id, member.StatusDeleted, "")
	if outcome, err := w.apply(a); err != nil || outcome.Moot == "" {
		t.Errorf("again: %+v, %v", outcome, err)
	}
}
