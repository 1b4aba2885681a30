package mailbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func TestRuleOfPasswords(t *testing.T) {
	const username = "camille.de-la-tour"
	for password, says := range map[string]string{
		"":                                 "Saisis",
		"Un-secret-de1":                    "entre 14 et 30", // 13
		"Un-secret-de-1":                   "",               // 14
		"Un-secret-de-trente-caracteres":   "",               // 30
		"Un-secret-de-trente-et-un-carac1": "entre 14 et 30", // 32
		"un-secret-sans-majuscule":         "majuscule",
		"UN-SECRET-SANS-MINUSCULE":         "minuscule",
		"UnSecretSansSpecial1":             "spécial",
		"-Un-secret-qui-va":                "au début et à la fin",
		"Un-secret-qui-va!":                "au début et à la fin",
		" Un-secret-qui-va":                "au début et à la fin",
		"Un-secret-qui-va ":                "au début et à la fin",
		"Un secret-qui va":                 "", // spaces inside are fine
		"Un-sécret-qui-va":                 "sans accent",
		"Un-secret\x00-qui-va":             "sans accent",
		"Un-secret\xff-qui-va":             "sans accent",
		"Mon-CAMILLE-a-moi1":               "identifiant",
		"Ma-Tour-est-haute1":               "identifiant",
		"De-tout-et-de-rien1":              "", // "de" and "la" are too short to tell anything
	} {
		err := mailbox.CheckPassword(password, username)
		message := fault.FieldMessages(err)[mailbox.PasswordField]
		if says == "" && err != nil || !strings.Contains(message, says) || says != "" && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q (%v), want %q", password, message, err, says)
		}
		if password != "" && err != nil && strings.Contains(err.Error()+message, password) {
			t.Errorf("%q is in the refusal", password)
		}
	}
}

func TestEveryLineOfTheRuleIsChecked(t *testing.T) {
	bad := []string{"court-A", "AAAA-AAAAAAAAAA", "aaaa-aaaaaaaaaa", "AaaaAaaaAaaaAaa", "-Aaaa-aaaaaaaaa", "Aéaa-aaaaaaaaaa", "Camille-aaaaaaaa"}
	for i, rule := range mailbox.PasswordRules() {
		if rule.Holds(bad[i], []string{"camille"}) {
			t.Errorf("%q accepts %q", rule.Text, bad[i])
		}
		if !rule.Holds(goodSecret, []string{"camille"}) {
			t.Errorf("%q refuses a good password", rule.Text)
		}
	}
}

func TestStrength(t *testing.T) {
	for password, want := range map[string]mailbox.Strength{
		"Aa-aaaaaaaaaaaa": mailbox.Weak, "Abcdefghijklmn-1": mailbox.Weak, "Bonjour-bonjour": mailbox.Weak, "Banane-ananas-1": mailbox.Fair, "k7Rw!zPq-2mXv9Ld": mailbox.Strong,
	} {
		if got := mailbox.StrengthOf(password); got != want {
			t.Errorf("%s: %s, want %s", password, got, want)
		}
	}
}

func TestPasswordIsSetInEachPlan(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for plan, path := range map[mailbox.Plan]string{
		mailbox.PlanBasic:    "POST /email/domain/exemple.org/account/%s/changePassword",
		mailbox.PlanPro:      "POST /email/pro/pro-1/account/%s@exemple.org/changePassword",
		mailbox.PlanExchange: "POST /email/exchange/ex-1/service/ex-1/account/%s@exemple.org/changePassword",
	} {
		username := "owner." + strings.ToLower(strings.TrimPrefix(string(plan), "EMAIL_PLAN_"))
		who := w.withBox(username, plan)
		d := own(who)
		w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
		if len(w.door.called()) != 0 {
			t.Error("the page called OVH")
		}
		w.ends(d, mailbox.Ongoing, "")
		w.drain()
		w.ends(d, mailbox.Done, "Robustesse")
		if got := w.door.called(); len(got) != 1 || got[0] != fmt.Sprintf(path, username) {
			t.Errorf("%s: %v", plan, got)
		}
		if !w.ovh.Accepts(username, goodSecret) {
			t.Errorf("%s does not open with the password", plan)
		}
		if before, after := w.event(who, "MEMBER_PASSWORD_UPDATED"); before+after != "" {
			t.Errorf("the history holds %s %s", before, after)
		}
	}
	if len(w.channel.told) != 3 || !strings.Contains(w.channel.told[0], "mot de passe de sa boîte") {
		t.Errorf("told %q", w.channel.told)
	}
}

func TestPasswordMakesTheAddressWork(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	for _, status := range []member.Status{member.StatusSuspended, member.StatusPasswordPending, member.StatusActive} {
		who := w.add(person{username: "is." + strings.ToLower(strings.ReplaceAll(string(status), "_", "-")), secondary: strings.ToLower(string(status)) + "@ailleurs.fr", status: status})
		w.ovh.AddMailbox("EMAIL_PLAN_BASIC", who.Username)
		d := own(who)
		w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
		w.expect(who, status, who.Username+"@exemple.org") // not before it is done
		w.drain()
		w.ends(d, mailbox.Done, "")
		w.expect(who, member.StatusActive, who.Username+"@exemple.org")
	}
}

func TestPasswordIsRefused(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	anne, admin := w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "admin.member"})
	gone := w.add(person{username: "gone.away", end: "2024-12-18", secondary: "gone@ailleurs.fr"})
	waits := w.add(person{username: "is.waiting", status: member.StatusCreationPending})
	attr := w.add(person{username: "an.attr", status: member.StatusRedirectionActive, redirection: true})
	agent := w.add(person{username: "an.agent", primary: "an.agent@ministere.fr"})
	unset := w.add(person{username: "no.box", status: member.StatusUnset})
	ctx := t.Context()
	forbidden(t, "an administrator", w.self.ChangePassword(ctx, about(admin, anne), goodSecret))
	forbidden(t, "a colleague", w.self.ChangePassword(ctx, about(agent, anne), goodSecret))
	forbidden(t, "somebody gone", w.self.ChangePassword(ctx, own(gone), goodSecret))
	conflict(t, w.self.ChangePassword(ctx, own(waits), goodSecret), "en cours de création")
	conflict(t, w.self.ChangePassword(ctx, own(attr), goodSecret), "redirection")
	conflict(t, w.self.ChangePassword(ctx, own(agent), goodSecret), "pas de boîte")
	conflict(t, w.self.ChangePassword(ctx, own(unset), goodSecret), "pas de boîte")
	refused(t, w.self.ChangePassword(ctx, own(anne), "court"), fault.Invalid)
	if n := w.count(`SELECT count(*) FROM job_action`); n != 0 {
		t.Errorf("%d actions recorded by refusals", n)
	}
}

func TestPasswordOfAMailboxThatIsNotThere(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.add(person{username: "anne.due"})
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	w.drain()
	w.ends(d, mailbox.Refused, "Aucune boîte n’existe")
	w.secretIsGone()
}

// secretIsGone fails the test when a password is anywhere it must not be.
func (w *selfWorld) secretIsGone() {
	w.t.Helper()
	if n := w.count(`SELECT count(*) FROM job_action WHERE secret IS NOT NULL`); n != 0 {
		w.t.Errorf("%d actions keep a secret", n)
	}
	w.secretIsHidden()
}

func (w *selfWorld) secretIsHidden() {
	w.t.Helper()
	for table, text := range map[string]string{
		"job_action": `SELECT count(*) FROM job_action x WHERE strpos(x::text, $1) > 0 OR strpos(encode(secret, 'escape'), $1) > 0`,
		"audit":      `SELECT count(*) FROM audit_event x WHERE strpos(x::text, $1) > 0`,
		"river":      `SELECT count(*) FROM river_job x WHERE strpos(x::text, $1) > 0`,
	} {
		if n := w.count(text, goodSecret); n != 0 {
			w.t.Errorf("the password is in %s", table)
		}
	}
	if strings.Contains(w.log.String(), goodSecret) {
		w.t.Error("the password is in the log")
	}
}

func TestPasswordIsNeverReadable(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	w.door.down.Store(true)
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	if n := w.count(`SELECT count(*) FROM job_action WHERE length(secret) > 0`); n != 1 {
		t.Errorf("%d sealed secrets while it waits", n)
	}
	w.drain()
	w.ends(d, mailbox.Ongoing, "ne répond pas")
	w.secretIsHidden()
	w.door.down.Store(false)
	w.clock.Advance(2 * time.Minute)
	w.drain()
	w.ends(d, mailbox.Done, "")
	w.secretIsGone()
}

func TestPasswordIsForgottenAfterADay(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	w.clock.Advance(24*time.Hour + time.Second)
	w.drain()
	w.ends(d, mailbox.Refused, "oublié")
	w.secretIsGone()
	if w.ovh.Accepts("anne.due", goodSecret) {
		t.Error("set all the same")
	}
}

// The password that an administrator gave does not wait for ever in our database.
func TestUpgradeIsForgottenAfterADay(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.ovh.AddPlaceholders("EMAIL_PLAN_PRO", 1)
	admin, who := w.add(person{username: "admin.member"}), w.withBox("anne.due", mailbox.PlanBasic)
	d := about(admin, who)
	w.ok(w.self.UpgradeMailbox(t.Context(), d, goodSecret))
	w.door.down.Store(true)
	for range 7 {
		w.drain()
		w.clock.Advance(4 * time.Hour)
	}
	w.drain()
	w.secretIsGone()
	w.ends(d, mailbox.Refused, "oublié")
	w.door.down.Store(false)
	w.drain()
	if w.ovh.Accepts("anne.due", goodSecret) {
		t.Error("done after all")
	}
}

func TestFormSentTwiceAsksOnce(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	failures := make(chan error, 4)
	for range cap(failures) {
		go func() { failures <- w.self.ChangePassword(context.Background(), d, goodSecret) }()
	}
	for range cap(failures) {
		w.ok(<-failures)
	}
	w.drain()
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret)) // and once more when it is done
	w.clock.Advance(3 * time.Hour)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret)) // and hours later
	w.drain()
	if got := w.door.called(); len(got) != 1 {
		t.Errorf("calls: %v", got)
	}
	w.event(who, "MEMBER_PASSWORD_UPDATED")
}

func TestRightsAreAskedAgainWhenItIsDone(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	w.exec(`UPDATE mission SET end_day = '2024-12-18'`)
	w.drain()
	w.ends(d, mailbox.Refused, "pas le droit")
	if w.ovh.Accepts("anne.due", goodSecret) {
		t.Error("set for somebody who left")
	}
}

func TestBrokenChatChangesNothing(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	w.channel.down = true
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	w.drain()
	w.ends(d, mailbox.Done, "")
	w.event(who, "MEMBER_PASSWORD_UPDATED")
	w.channel.down = false
	w.clock.Advance(2 * time.Minute)
	w.drain()
	if len(w.channel.told) != 1 {
		t.Errorf("told %q once it is back", w.channel.told)
	}
}

// What is our own mistake is tried again, then told, and keeps no secret.
func TestOurOwnMistakeEnds(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	d := own(who)
	w.ok(w.self.ChangePassword(t.Context(), d, goodSecret))
	w.exec(`UPDATE job_action SET subject = $1`, uuid.New()) // as if the record were gone
	w.drain()
	if n := w.count(`SELECT count(*) FROM job_action WHERE state = $1`, job.MootState); n != 1 {
		t.Error("the demand about nobody is still open")
	}
}
