package sample_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

const domain = "betagouv.ovh"

func settings(day string) sample.Settings {
	return sample.Settings{Today: clock.MustDay(day), Domain: domain, Lists: []int{332, 333}}
}

func seed(t *testing.T, db postgres.DB, s sample.Settings) sample.Outside {
	t.Helper()
	outside, err := sample.Seed(context.Background(), db, s)
	if err != nil {
		t.Fatal(err)
	}
	return outside
}

func count(t *testing.T, db postgres.DB, sql string, args ...any) int {
	t.Helper()
	n, err := postgres.Scalar[int](context.Background(), db, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSeedTwiceIsSeedOnce(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	begun := time.Now()
	seed(t, db, s)
	t.Logf("seeded in %v", time.Since(begun))
	for table, want := range map[string]int{
		"member": 124, "startup": 30, "incubator": 5, "team": 6, "organization": 8,
	} {
		if n := count(t, db, "SELECT count(*) FROM "+table); n != want {
			t.Errorf("%d rows in %s, want %d", n, table, want)
		}
	}
	missions, history := count(t, db, `SELECT count(*) FROM mission`), count(t, db, `SELECT count(*) FROM audit_event`)
	seed(t, db, s)
	if n := count(t, db, `SELECT count(*) FROM member`); n != 124 {
		t.Errorf("%d members after a second run", n)
	}
	if n := count(t, db, `SELECT count(*) FROM mission`); n != missions {
		t.Errorf("%d missions after a second run, %d before", n, missions)
	}
	if n := count(t, db, `SELECT count(*) FROM audit_event`); n != history {
		t.Errorf("%d events after a second run, %d before", n, history)
	}
}

func TestSeedRefusesOtherPeople(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	if _, err := member.Import(context.Background(), db, s.Today.At(9, 0), []member.ImportRecord{{Username: "une.autre", Fullname: "Une Autre"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := sample.Seed(context.Background(), db, s); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("want a conflict, got %v", err)
	}
}

func TestTheSampleHasEveryState(t *testing.T) {
	db := pgtest.Tx(t)
	seed(t, db, settings("2024-12-19"))
	for _, status := range []member.Status{
		member.StatusUnset, member.StatusVerificationWaiting, member.StatusCreationWaiting, member.StatusCreationPending,
		member.StatusRecreationPending, member.StatusPasswordPending, member.StatusActive, member.StatusRedirectionPending,
		member.StatusRedirectionActive, member.StatusSuspended, member.StatusDeleted, member.StatusExpired,
	} {
		if n := count(t, db, `SELECT count(*) FROM member WHERE primary_email_status = $1`, status); n == 0 {
			t.Errorf("nobody is %s", status)
		}
	}
}

func TestTheSampleHasSomebodyAtEachDateThatCounts(t *testing.T) {
	for _, today := range []string{"2024-12-19", "2024-02-29", "2025-03-30", "2025-10-26"} {
		t.Run(today, func(t *testing.T) {
			db := pgtest.Tx(t)
			seed(t, db, settings(today))
			for _, days := range []int{30, 15, 2, 0, -1, -4, -5, -30} {
				n := count(t, db, `
					SELECT count(*)
					FROM (SELECT max(end_day) AS last FROM mission GROUP BY member_id HAVING bool_and(end_day IS NOT NULL)) AS ends
					WHERE last = $1::date`, clock.MustDay(today).Add(days))
				if n == 0 {
					t.Errorf("nobody's last mission ends on day %+d", days)
				}
			}
		})
	}
}

func TestThePeopleOfTheDocumentationLogInAsItSays(t *testing.T) {
	db, ctx := pgtest.Tx(t), context.Background()
	seed(t, db, settings("2024-12-19"))
	for address, want := range map[string]member.Status{
		"valid.member@betagouv.ovh": member.StatusActive, "admin.member@betagouv.ovh": member.StatusActive,
		"expired.member@exemple.test": member.StatusDeleted, "empty.member@exemple.test": member.StatusUnset,
	} {
		m, err := member.ByAddress(ctx, db, address)
		if err != nil || m.Status != want {
			t.Errorf("%s: %s, %v", address, m.Status, err)
		}
	}
	teammates := count(t, db, `
		SELECT count(DISTINCT other.member_id)
		FROM member
		JOIN mission ON mission.member_id = member.id
		JOIN mission_startup mine ON mine.mission_id = mission.id
		JOIN mission_startup theirs ON theirs.startup_id = mine.startup_id
		JOIN mission other ON other.id = theirs.mission_id AND other.member_id <> member.id
		WHERE member.username = 'valid.member'`)
	if teammates < 3 {
		t.Errorf("valid.member has %d teammates", teammates)
	}
}

// coherent holds that the members of a database obey the rules of a departure.
func coherent(t *testing.T, db pgx.Tx, today clock.Day) {
	t.Helper()
	for rule, broken := range map[string]string{
		"whoever left for 5 days no longer has a working address": `
			primary_email_status IN ('EMAIL_ACTIVE', 'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_REDIRECTION_ACTIVE') AND gone >= 5`,
		"a suspended mailbox is deleted 30 days later": `
			primary_email_status = 'EMAIL_SUSPENDED' AND gone >= 35`,
		"a deleted mailbox is no longer an address": `
			primary_email_status = 'EMAIL_DELETED' AND primary_email IS NOT NULL`,
		"an expired address is not of our domain": `
			primary_email_status = 'EMAIL_EXPIRED' AND primary_email LIKE '%@betagouv.ovh'`,
		"a suspended one is": `
			primary_email_status = 'EMAIL_SUSPENDED' AND primary_email IS DISTINCT FROM username || '@betagouv.ovh'`,
		"no state was reached in the future": `
			primary_email_status_changed_at > $1::date + interval '1 day'`,
		"whoever is active with a mailbox has an address": `
			primary_email_status = 'EMAIL_ACTIVE' AND primary_email IS NULL`,
		"a redirection leads somewhere": `
			primary_email_status LIKE 'EMAIL_REDIRECTION%' AND secondary_email IS NULL`,
		"somebody is written to at an address that exists": `
			communication_email = 'secondary' AND secondary_email IS NULL`,
	} {
		n := count(t, db, `
			SELECT count(*)
			FROM (SELECT member.*, $1::date - (SELECT max(COALESCE(end_day, '9999-12-31')) FROM mission WHERE member_id = member.id) AS gone
			      FROM member) AS m
			WHERE `+broken, today)
		if n > 0 {
			t.Errorf("%s: %d members do not", rule, n)
		}
	}
}

func TestTheSampleIsCoherent(t *testing.T) {
	db, s := pgtest.Tx(t), settings("2024-12-19")
	outside := seed(t, db, s)
	coherent(t, db, s.Today)
	vendorsAgree(t, db, outside, 0)
}

// vendorsAgree holds that the mailboxes and redirections of the vendors are those that the
// members have, but for some.
func vendorsAgree(t *testing.T, db postgres.DB, outside sample.Outside, but int) {
	t.Helper()
	vendors := sample.Vendors{OVH: ovhsim.New(ovhsim.Config{Domain: domain}), Brevo: brevosim.New(brevosim.Config{})}
	outside.Fill(vendors)
	boxes := map[string]bool{}
	for _, box := range outside.Boxes {
		boxes[box.Name] = true
	}
	members, err := postgres.Column[string](context.Background(), db, `
		SELECT username
		FROM member
		WHERE primary_email = username || '@betagouv.ovh'
		  AND primary_email_status <> 'EMAIL_EXPIRED'`)
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, username := range members {
		if !boxes[username] {
			missing++
		}
		delete(boxes, username)
	}
	if missing+len(boxes) != but {
		t.Errorf("%d members without mailbox, %d mailboxes without member, want %d in all", missing, len(boxes), but)
	}
	redirections := count(t, db, `SELECT count(*) FROM member WHERE primary_email_status LIKE 'EMAIL_REDIRECTION%'`)
	if len(outside.Redirections) != redirections {
		t.Errorf("%d redirections for %d members", len(outside.Redirections), redirections)
	}
}
