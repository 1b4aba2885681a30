package sample_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// directory makes a public directory of n people, of whom three quarters are there on a day and
// the others left, one each day before it.
func directory(t *testing.T, n int, today clock.Day) publicsite.Directory {
	t.Helper()
	type mission struct {
		Start  clock.Day `json:"start"`
		End    clock.Day `json:"end"`
		Status string    `json:"status"`
	}
	type author struct {
		ID       string    `json:"id"`
		Fullname string    `json:"fullname"`
		Role     string    `json:"role"`
		Domaine  string    `json:"domaine"`
		Bio      string    `json:"bio"`
		Missions []mission `json:"missions"`
	}
	authors := make([]author, n)
	for i := range authors {
		m := mission{today.Add(-400), today.Add(100 + i), "independent"}
		if i%4 == 3 {
			m.End = today.Add(-(i/4 + 1))
		}
		if i%5 == 0 {
			m.Status = "admin"
		}
		name := fmt.Sprintf("personne.numero%d", i)
		authors[i] = author{name, name, "Rôle", "Design", "", []mission{m}}
	}
	text, err := json.Marshal(authors)
	if err != nil {
		t.Fatal(err)
	}
	return publicsite.Directory{Authors: text}
}

func imported(t *testing.T, db pgx.Tx, n int, today clock.Day) {
	t.Helper()
	source, err := publicsite.ReadDirectory(directory(t, n, today))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := publicsite.Import(context.Background(), db, today.At(9, 0), "system", source, nil); err != nil {
		t.Fatal(err)
	}
}

func populate(t *testing.T, db pgx.Tx, s sample.Settings) (sample.Population, sample.Outside) {
	t.Helper()
	var outside sample.Outside
	population, err := sample.Populate(context.Background(), db, s, func(_ context.Context, o sample.Outside) error {
		outside = o
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return population, outside
}

func TestPopulateGivesACoherentCommunity(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	seed(t, db, s)
	imported(t, db, 800, s.Today)
	population, outside := populate(t, db, s)
	if population.Populated != 800 || population.Active != 600 {
		t.Fatalf("%+v", population)
	}
	coherent(t, db, s.Today)
	for _, state := range []member.Status{member.StatusActive, member.StatusPasswordPending, member.StatusSuspended, member.StatusDeleted, member.StatusExpired, member.StatusRedirectionActive} {
		if population.States[state] == 0 {
			t.Errorf("nobody is %s", state)
		}
	}
	drift := 0
	for _, n := range population.Drift {
		drift += n
	}
	if boxes := count(t, db, `
		SELECT count(*)
		FROM member
		JOIN site_source ON site_source.kind = 'member' AND site_source.slug = username
		WHERE primary_email = username || '@betagouv.ovh'
		  AND EXISTS (SELECT FROM mission WHERE member_id = member.id AND end_day >= $1)`, s.Today); drift != boxes/50 {
		t.Errorf("%d differences for %d active mailboxes, want 2 %%", drift, boxes)
	}
	if len(population.Drift) != 4 {
		t.Errorf("kinds of drift: %v", population.Drift)
	}
	// The vendors hold what the sample has too; here, what was populated only.
	if _, err := db.Exec(context.Background(), `DELETE FROM member WHERE username NOT LIKE 'personne.%'`); err != nil {
		t.Fatal(err)
	}
	vendorsAgree(t, db, outside, population.Drift[sample.DriftNoBox]+population.Drift[sample.DriftOrphan])
}

func TestPopulateIsAlwaysTheSame(t *testing.T) {
	s := settings("2024-12-19")
	var told [2]string
	for i := range told {
		db := pgtest.Tx(t)
		imported(t, db, 300, s.Today)
		_, outside := populate(t, db, s)
		text, err := json.Marshal(outside)
		if err != nil {
			t.Fatal(err)
		}
		told[i] = string(text)
		if err := db.Rollback(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if told[0] != told[1] {
		t.Error("two populations of the same people differ")
	}
}

func TestPopulateTwiceIsPopulateOnce(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	imported(t, db, 100, s.Today)
	populate(t, db, s)
	before := count(t, db, `SELECT hashtext(string_agg(member::text, '' ORDER BY id)) FROM member`)
	again, outside := populate(t, db, settings("2025-01-20"))
	if again.Populated != 0 || len(outside.Boxes) > 0 {
		t.Errorf("%+v", again)
	}
	if after := count(t, db, `SELECT hashtext(string_agg(member::text, '' ORDER BY id)) FROM member`); after != before {
		t.Error("a second run changed somebody")
	}
}

func TestPopulateRefusesADatabaseOfRealAddresses(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	imported(t, db, 10, s.Today)
	if _, err := db.Exec(context.Background(), `UPDATE member SET secondary_email = 'quelqu.un@courrier.fr' WHERE username = 'personne.numero3'`); err != nil {
		t.Fatal(err)
	}
	_, err := sample.Populate(context.Background(), db, s, func(context.Context, sample.Outside) error {
		t.Error("the vendors were told")
		return nil
	})
	if fault.KindOf(err) != fault.Conflict {
		t.Fatalf("want a conflict, got %v", err)
	}
	if n := count(t, db, `SELECT count(*) FROM member_address`); n != 1 {
		t.Errorf("%d addresses", n)
	}
}

func TestPopulateKeepsNothingWhenTheVendorsDoNotAnswer(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	imported(t, db, 10, s.Today)
	down := errors.New("down")
	if _, err := sample.Populate(context.Background(), db, s, func(context.Context, sample.Outside) error { return down }); !errors.Is(err, down) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, db, `SELECT count(*) FROM member_address`); n != 0 {
		t.Errorf("%d addresses", n)
	}
}

func TestADepartureIsWhereItsDateSays(t *testing.T) {
	today := clock.MustDay("2024-12-19")
	for gone, want := range map[int]member.Status{
		0: member.StatusActive, 4: member.StatusActive, 5: member.StatusSuspended, 34: member.StatusSuspended, 35: member.StatusDeleted, 400: member.StatusDeleted,
	} {
		db, s := pgtest.Tx(t), settings("2024-12-19")
		text := fmt.Sprintf(`[{"id": "une.personne", "fullname": "Une Personne", "bio": "", "missions": [{"start": "2020-01-01", "end": %q, "status": "independent"}]}]`, today.Add(-gone))
		source, err := publicsite.ReadDirectory(publicsite.Directory{Authors: []byte(text)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := publicsite.Import(context.Background(), db, today.At(9, 0), "system", source, nil); err != nil {
			t.Fatal(err)
		}
		populate(t, db, s)
		m, err := member.ByUsername(context.Background(), db, "une.personne")
		if err != nil || m.Status != want {
			t.Errorf("gone for %d days: %s, %v", gone, m.Status, err)
		}
		if want == member.StatusDeleted && clock.DayOf(m.StatusChangedAt) != today.Add(-gone+35) {
			t.Errorf("gone for %d days: deleted on %s", gone, clock.DayOf(m.StatusChangedAt))
		}
		if err := db.Rollback(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}
