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
