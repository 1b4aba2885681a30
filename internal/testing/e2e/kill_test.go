package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const ready = "Ton adresse est prête" // subject of the mail that welcomes to a new address

// TestKilledInTheMiddle kills the whole demonstration twice, while mailboxes are being created and
// while people are being told, then lets it end: everything is done, and nobody was told twice.
func TestKilledInTheMiddle(t *testing.T) {
	both := []string{"emailCreationJob", "setEmailAddressesActive"}
	d := newDemo(t)
	d.start(settle{today: "2024-12-18"})
	d.await("the worker knows its jobs", func() bool { return len(d.rows(`SELECT name FROM job WHERE name = 'emailCreationJob'`)) == 1 })
	waiting := d.rows(`
		SELECT username FROM member
		WHERE primary_email_status = 'EMAIL_CREATION_WAITING' AND secondary_email IS NOT NULL ORDER BY username`)
	if len(waiting) < 5 {
		t.Fatalf("only %d addresses to create in the sample", len(waiting))
	}
	d.stop()

	// The next day every job is due. OVH does what it is asked, and takes its time to say so.
	d.launchUnder(settle{today: "2024-12-19"}, `{"vendor": "ovh", "kind": "slow", "when": "after", "latency_ms": 900, "method": "POST"}`)
	d.await("some mailboxes are created", func() bool { return among(d.mailboxes(), waiting) >= 4 })
	d.kill()
	d.start(settle{today: "2024-12-20"})
	d.await("every mailbox is created", func() bool { return d.idle("2024-12-20", "emailCreationJob") })
	if n := len(d.rows(`SELECT key FROM job_action WHERE job = 'emailCreationJob' AND attempt > 1`)); n == 0 {
		t.Error("no creation was tried again: nothing was killed in the middle")
	}
	d.stop()

	// The day after, a person runs the job that tells their owners, and the mail server takes its
	// time. Then everything is killed, the command and the demonstration.
	d.start(settle{today: "2024-12-21", noWorker: true})
	d.fault(`{"vendor": "smtp", "kind": "slow", "when": "after", "latency_ms": 700}`)
	command := d.begin("jobs", "run", "setEmailAddressesActive", "--confirm")
	d.await("some people are told", func() bool { return d.welcomed() >= 3 })
	command()
	d.kill()
	if told := d.kept(); told < 3 || told >= len(waiting) {
		t.Errorf("%d people were told: nothing was killed in the middle", told)
	}
	d.start(settle{today: "2024-12-22"})
	d.await("nothing is left to do", func() bool { return d.idle("2024-12-22", both...) })
	d.everythingOnce(waiting)
}

// launchUnder starts the demonstration with a fault that is there before any job runs.
func (d *demo) launchUnder(s settle, fault string) {
	d.t.Helper()
	d.launch(s)
	d.await("the sandbox answers", func() bool {
		response, err := http.Get(d.sandbox("/faults"))
		if err != nil {
			return false
		}
		return response.Body.Close() == nil
	})
	d.fault(fault)
	d.await("the portal is ready", func() bool { return d.answers("/readyz") })
}

func among(all map[string]bool, wanted []string) (n int) {
	for _, name := range wanted {
		if all[name] {
			n++
		}
	}
	return n
}

// welcomed counts the mails about a new address.
func (d *demo) welcomed() (n int) {
	d.t.Helper()
	for _, m := range d.mailsTo("") {
		if m.Subject == ready {
			n++
		}
	}
	return n
}

// kept counts those mails in the folder of a demonstration that was killed.
func (d *demo) kept() int {
	d.t.Helper()
	return strings.Count(d.file("sandbox/mails.jsonl"), `"subject":"`+ready+`"`)
}

// idle tells that jobs have planned on a day, and that nothing is left to do for them.
func (d *demo) idle(today string, jobs ...string) bool {
	d.t.Helper()
	planned := d.rows(`
		SELECT name FROM job
		WHERE name = ANY($1) AND last_planned_at AT TIME ZONE 'Europe/Paris' >= $2::date`, jobs, today)
	left := d.rows(`SELECT key FROM job_action WHERE job = ANY($1) AND state IN ('started', 'planned')`, jobs)
	return len(planned) == len(jobs) && len(left) == 0
}

// everythingOnce checks the end: each address exists, was created once, and its owner was told
// once, or is listed among those of whom nobody knows.
func (d *demo) everythingOnce(members []string) {
	d.t.Helper()
	boxes, uncertain, created := d.mailboxes(), d.uncertain(), d.created()
	for _, username := range members {
		if !boxes[username] || created[username] != 1 {
			d.t.Errorf("the mailbox of %s is there: %v; OVH made it %d times", username, boxes[username], created[username])
		}
		var mails int
		for _, subject := range d.subjects(username + "@exemple.test") {
			if subject == ready {
				mails++
			}
		}
		if mails > 1 || mails == 0 && !slices.Contains(uncertain, username) {
			d.t.Errorf("%s was told %d times; uncertain: %v", username, mails, uncertain)
		}
	}
	d.t.Logf("%d addresses, %d uncertain mails: %v", len(members), len(uncertain), uncertain)
	done := d.rows(`
		SELECT username FROM member
		WHERE username = ANY($1) AND primary_email = username || '@betagouv.ovh'
		  AND primary_email_status = 'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING' ORDER BY username`, members)
	if !slices.Equal(done, members) {
		d.t.Errorf("active addresses: %v, want %v", done, members)
	}
	told := d.rows(`SELECT subject FROM audit_event WHERE code = 'MEMBER_EMAIL_CREATED' AND subject = ANY($1) ORDER BY subject`, members)
	if !slices.Equal(told, members) {
		d.t.Errorf("the history tells of %v, want each of %v once", told, members)
	}
}

// uncertain lists the people of whose mail « jobs history » says that nobody knows.
func (d *demo) uncertain() (usernames []string) {
	d.t.Helper()
	type passage struct {
		Actions []struct{ Subject, State, Mode string }
	}
	for _, run := range told[[]passage](d, "jobs", "history", "setEmailAddressesActive") {
		for _, a := range run.Actions {
			if a.State == "uncertain" && a.Mode == "once" {
				usernames = append(usernames, a.Subject)
			}
		}
	}
	slices.Sort(usernames)
	return slices.Compact(usernames)
}

// created counts, by name, the mailboxes that the simulated OVH was asked to make and made.
func (d *demo) created() map[string]int {
	d.t.Helper()
	names := map[string]int{}
	for line := range strings.Lines(fetchText(d.t, d.sandbox("/journal?vendor=ovh"))) {
		var entry struct {
			Method, Path string
			Status       int
			Body         json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			d.t.Fatal(err)
		}
		if entry.Method != http.MethodPost || !strings.HasSuffix(entry.Path, "/account") || entry.Status >= 300 {
			continue
		}
		if name := accountName(entry.Body); name != "" {
			names[name]++
		}
	}
	return names
}

// accountName reads the body of a request, which the journal keeps as JSON or as a text.
func accountName(body json.RawMessage) string {
	var text string
	if json.Unmarshal(body, &text) == nil {
		body = json.RawMessage(text)
	}
	var asked struct{ AccountName string }
	if err := json.Unmarshal(body, &asked); err != nil {
		return fmt.Sprintf("unreadable: %s", body)
	}
	return asked.AccountName
}
