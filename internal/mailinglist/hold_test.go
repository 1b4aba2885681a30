package mailinglist_test

import (
	"context"
	"testing"
)

// An administrator's decision about a departure keeps people on their lists until its day.
func TestHeldDeparturesKeepTheirLists(t *testing.T) {
	w := newWorld(t)
	later, never := w.add(person{username: "anne.later", end: "2024-11-18"}), w.add(person{username: "bea.never", end: "2024-11-18"})
	w.add(person{username: "cleo.gone", end: "2024-11-18"})
	for _, hold := range []struct {
		id          any
		step, until string
	}{{later, "incubator-list", "2024-12-20"}, {later, "lists", "2024-12-19"}, {never, "all", ""}} {
		if _, err := w.db.Exec(context.Background(), `
			INSERT INTO departure_hold (member_id, step, end_day, until_day, held_by, why, held_at)
			VALUES ($1, $2, '2024-11-18', NULLIF($3, '')::date, 'admin.member', 'essai', '2024-11-20')`, hold.id, hold.step, hold.until); err != nil {
			t.Fatal(err)
		}
	}
	w.ovh.AddList("incubateur", "anne.later@exemple.org", "bea.never@exemple.org", "cleo.gone@exemple.org")
	w.expectPlan(unsubscribe,
		"population 3",
		"désinscrire cleo.gone (destructive) : mission terminée le 18 novembre 2024",
		"laisser anne.later : étape du départ reportée au 20 décembre 2024 par admin.member",
		"laisser bea.never : étape du départ annulée par admin.member")
	leaving := map[string]bool{}
	for _, a := range w.plan(departure).Actions {
		leaving[a.Label] = true
	}
	if leaving["bea.never"] || !leaving["anne.later"] || !leaving["cleo.gone"] { // a postponement ends on its day
		t.Errorf("leave the lists: %v", leaving)
	}
}

// What an administrator decides after the plan counts when it is applied.
func TestDepartureHeldSinceThePlanIsMoot(t *testing.T) {
	const anne, bea = "anne.gone@exemple.org", "reste@exemple.org"
	for name, c := range map[string]struct {
		job, step, until string
		refused          bool
		moot             string
	}{
		"list, cancelled":           {unsubscribe, "incubator-list", "", false, "étape du départ annulée par admin.member"},
		"list, postponed":           {unsubscribe, "incubator-list", "2025-01-10", false, "étape du départ reportée au 10 janvier 2025 par admin.member"},
		"list, whole departure":     {unsubscribe, "all", "", false, "étape du départ annulée par admin.member"},
		"list, another step":        {unsubscribe, "lists", "", false, ""},
		"list, postponed to today":  {unsubscribe, "incubator-list", "2024-12-19", false, ""},
		"list, refused by them":     {unsubscribe, "incubator-list", "", true, ""},
		"lists, cancelled":          {departure, "lists", "", false, "étape du départ annulée par admin.member"},
		"lists, postponed":          {departure, "lists", "2025-01-10", false, "étape du départ reportée au 10 janvier 2025 par admin.member"},
		"lists, another step":       {departure, "incubator-list", "", false, ""},
		"lists, postponed to today": {departure, "lists", "2024-12-19", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.crowd()
			w.ovh.AddList("incubateur", anne)
			w.brevo.AddContact(anne, nil, 332)
			id := w.add(person{username: "anne.gone", end: "2024-11-18", refused: c.refused})
			a := w.plan(c.job).Actions[0]
			w.exec(`INSERT INTO departure_hold (member_id, step, end_day, until_day, held_by, why, held_at)
				VALUES ($1, $2, '2024-11-18', NULLIF($3, '')::date, 'admin.member', 'essai', $4)`, id, c.step, c.until, w.clock.Now())
			if outcome := w.apply(a); outcome.Moot != c.moot {
				t.Errorf("moot %q, want %q", outcome.Moot, c.moot)
			}
			want := []string{anne, bea}
			if c.moot == "" {
				want = []string{bea}
			}
			if c.job == departure {
				w.expect("newsletter", w.contacts(332), want...)
			}
			w.expect("incubateur", w.on("incubateur"), want...)
		})
	}
}
