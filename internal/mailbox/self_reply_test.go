package mailbox_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailbox"
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
		"": "Écris", " \n ": "Écris", strings.Repeat("é", mailbox.ReplyMax+1): "trop long", "a\x00b": "illisibles", "a\xffb": "illisibles",
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
