package mailbox_test

import (
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestDatesOfAnAbsence(t *testing.T) {
	yesterday, never := today.Add(-1), clock.Day{}
	for name, c := range map[string]struct {
		from, to, began clock.Day
		field, says     string
	}{
		"today only":                   {today, today, never, "", ""},
		"one day":                      {today.Add(1), today.Add(1), never, "", ""},
		"began yesterday, not running": {yesterday, today, never, mailbox.AbsenceFromField, "déjà passé"},
		"began yesterday, running":     {yesterday, today, yesterday, "", ""},
		"running, moved in the past":   {today.Add(-2), today, yesterday, mailbox.AbsenceFromField, "déjà passé"},
		"over":                         {yesterday, yesterday, yesterday, mailbox.AbsenceToField, "déjà passé"},
		"ends before it begins":        {today.Add(2), today.Add(1), never, mailbox.AbsenceToField, "après le premier"},
		"no start":                     {never, today, never, mailbox.AbsenceFromField, "Choisis"},
		"no end":                       {today, never, never, mailbox.AbsenceToField, "Choisis"},
		"slip of the year":             {today, clock.MustDay("2104-12-20"), never, mailbox.AbsenceToField, "vérifie l’année"},
	} {
		err := mailbox.Absence{Text: "Absente", From: c.from, To: c.to}.Check(today, c.began)
		messages := fault.FieldMessages(err)
		if c.field == "" && err != nil || !strings.Contains(messages[c.field], c.says) || c.field != "" && len(messages) != 1 {
			t.Errorf("%s: %v %v", name, err, messages)
		}
	}
	for text, says := range map[string]string{
		"": "Écris", strings.Repeat("\n ", 3): "Écris", strings.Repeat("é", mailbox.ReplyMax+1): "trop long", "a\x00b": "illisibles", "a\xffb": "illisibles",
	} {
		err := mailbox.Absence{Text: text, From: today, To: today}.Check(today, never)
		if !strings.Contains(fault.FieldMessages(err)[mailbox.AbsenceTextField], says) {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	if err := (mailbox.Absence{Text: strings.Repeat("é", mailbox.ReplyMax), From: today, To: today}).Check(today, never); err != nil {
		t.Errorf("the longest text: %v", err)
	}
}

func TestAbsenceFromItsFirstToItsLastSecond(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("anne.due", mailbox.PlanBasic)
	first, change, stop, again := own(who), own(who), own(who), own(who)
	absence := mailbox.Absence{Text: "Absente <b>jusqu’au</b> 30.", From: clock.MustDay("2025-03-29"), To: clock.MustDay("2025-03-30")} // clocks change on the 30th
	w.ok(w.self.SetReply(t.Context(), first, absence, clock.Day{}))
	w.drain()
	w.ends(first, mailbox.Done, "Du 29 mars 2025 au 30 mars 2025 inclus")
	kept := w.kept().Responders["anne.due"]
	if !kept.From.Equal(absence.From.At(0, 0)) || !kept.To.Equal(clock.MustDay("2025-03-30").At(23, 59).Add(59e9)) || kept.Content != absence.Text || !kept.Copy {
		t.Errorf("OVH keeps %+v", kept)
	}
	w.event(who, "MEMBER_RESPONDER_CREATED")
	out, err := w.self.Outside(t.Context(), w.account(who, who))
	w.ok(err)
	if !out.HasReply || out.Reply != absence {
		t.Errorf("read back as %+v", out.Reply)
	}

	absence.To = clock.MustDay("2025-04-02")
	w.ok(w.self.SetReply(t.Context(), change, absence, clock.Day{}))
	w.drain()
	before, after := w.event(who, "MEMBER_RESPONDER_UPDATED")
	if !strings.Contains(before, "2025-03-30") || !strings.Contains(after, "2025-04-02") {
		t.Errorf("from %s to %s", before, after)
	}
	w.ok(w.self.DeleteReply(t.Context(), stop))
	w.ok(w.self.DeleteReply(t.Context(), again))
	w.drain()
	w.ends(stop, mailbox.Done, "")
	w.ends(again, mailbox.Refused, "pas de réponse automatique")
	w.event(who, "MEMBER_RESPONDER_DELETED")
	if len(w.kept().Responders) != 0 {
		t.Error("still answering")
	}
}

func TestOnlyTheOwnerAnswers(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	anne, admin := w.withBox("anne.due", mailbox.PlanBasic), w.add(person{username: "admin.member"})
	absence := mailbox.Absence{Text: "Absente", From: today, To: today}
	forbidden(t, "an administrator", w.self.SetReply(t.Context(), about(admin, anne), absence, clock.Day{}))
	forbidden(t, "an administrator", w.self.DeleteReply(t.Context(), about(admin, anne)))
	absence.To = today.Add(-1)
	refused(t, w.self.SetReply(t.Context(), own(anne), absence, clock.Day{}), fault.Invalid)
}

// Who has just left is who needs to say so: until the mailbox is suspended, they may.
func TestReplyIsSetInTheDaysOfGrace(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("just.left", mailbox.PlanBasic)
	w.exec(`UPDATE mission SET end_day = '2024-12-15' WHERE member_id = $1`, who.ID) // the fourth day
	who.Standing = actor.Grace
	if a := w.account(who, who); a.WhyNot(mailbox.ToReply) != "" || a.WhyNot(mailbox.ToRedirect) == "" || a.WhyNot(mailbox.ToOpen) == "" {
		t.Errorf("the page says reply %q, redirect %q, password %q", a.WhyNot(mailbox.ToReply), a.WhyNot(mailbox.ToRedirect), a.WhyNot(mailbox.ToOpen))
	}
	set, stop := own(who), own(who)
	w.ok(w.self.SetReply(t.Context(), set, mailbox.Absence{Text: "Je suis parti.", From: today, To: today.Add(30)}, mailbox.Absence{}.From))
	w.drain()
	w.ends(set, mailbox.Done, "")
	if got := w.kept().Responders["just.left"].Content; got != "Je suis parti." {
		t.Errorf("OVH answers %q", got)
	}
	w.ok(w.self.DeleteReply(t.Context(), stop))
	w.drain()
	w.ends(stop, mailbox.Done, "")
	forbidden(t, "in grace, redirections", w.self.CreateRedirection(t.Context(), own(who), "x@ailleurs.fr", true))
	who.Standing = actor.Limited
	forbidden(t, "limited", w.self.DeleteReply(t.Context(), own(who)))
}

func TestReplyAskedInGraceIsNotSetAfterIt(t *testing.T) {
	w := newSelfWorld(t, mailbox.Config{})
	who := w.withBox("just.left", mailbox.PlanBasic)
	w.exec(`UPDATE mission SET end_day = '2024-12-15' WHERE member_id = $1`, who.ID)
	who.Standing = actor.Grace
	d := own(who)
	w.ok(w.self.SetReply(t.Context(), d, mailbox.Absence{Text: "Je suis parti.", From: today, To: today.Add(30)}, mailbox.Absence{}.From))
	w.clock.Advance(24 * time.Hour)
	w.drain()
	w.ends(d, mailbox.Refused, "pas le droit")
}

// An absence is mailed to strangers: it says what it shows.
func TestReplyHoldsNothingHidden(t *testing.T) {
	for text, ok := range map[string]bool{
		"Absente.\r\nÀ bientôt\t👩\u200d💻 !": true, "Écris à \u202emoc.live@x\u202c": false, "Absente\u200b": false, "Absente\x1b[2J": false,
		"Absente\x00": false, "Absente\xff": false, "\u2066Absente": false,
	} {
		err := mailbox.Absence{Text: text, From: today, To: today}.Check(today, clock.Day{})
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, fault.FieldMessages(err))
		}
	}
}
