package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Codes of the events of automatic replies.
const (
	codeReplyCreated audit.Code = "MEMBER_RESPONDER_CREATED"
	codeReplyUpdated audit.Code = "MEMBER_RESPONDER_UPDATED"
	codeReplyDeleted audit.Code = "MEMBER_RESPONDER_DELETED"
)

// ReplyMax is the length of an automatic reply, in characters.
const ReplyMax = 5000

// plainReplies says which plan has automatic replies.
const plainReplies = "Les réponses automatiques"

// Absence is the automatic reply of a mailbox as people ask it; both days are included.
type Absence struct {
	Text string    `json:"content"`
	From clock.Day `json:"from"`
	To   clock.Day `json:"to"`
}

// Names of the fields of an absence in forms.
const (
	AbsenceTextField = "content"
	AbsenceFromField = "from"
	AbsenceToField   = "to"
)

// absence is the absence that a vendor's reply stands for.
func absence(r Reply) Absence {
	a := Absence{Text: r.Text}
	if !r.From.IsZero() {
		a.From = clock.DayOf(r.From)
	}
	if !r.To.IsZero() {
		a.To = clock.DayOf(r.To)
	}
	return a
}

// reply is an absence as the vendor keeps it: to the last second of its last day, in Paris.
func (a Absence) reply() Reply {
	return Reply{Text: a.Text, From: a.From.At(0, 0), To: a.To.Add(1).At(0, 0).Add(-time.Second)}
}

// Over tells whether the last day has passed.
func (a Absence) Over(today clock.Day) bool { return !a.To.IsZero() && a.To.Before(today) }

// maxAhead is how far an absence may lie: a slip of the year is caught.
const maxAhead = 2 * 366

// Check gives nil, or the Invalid fault that says what is wrong with each field. An absence
// begins today at the earliest, or where the one that runs began (began, zero: none runs).
func (a Absence) Check(today, began clock.Day) error {
	wrong := map[string]string{}
	n := utf8.RuneCountInString(a.Text)
	switch {
	case strings.TrimSpace(a.Text) == "":
		wrong[AbsenceTextField] = "Écris le message que recevront les personnes qui t’écrivent."
	case n > ReplyMax:
		wrong[AbsenceTextField] = fmt.Sprintf("Ce message est trop long : %d caractères, pour %d au plus.", n, ReplyMax)
	case !member.Readable(a.Text):
		wrong[AbsenceTextField] = "Ce message contient des caractères illisibles."
	}
	switch {
	case a.From.IsZero():
		wrong[AbsenceFromField] = "Choisis le premier jour de ton absence."
	case a.From.Before(today) && a.From != began:
		wrong[AbsenceFromField] = "Le premier jour est déjà passé : choisis aujourd’hui ou plus tard."
	}
	switch {
	case a.To.IsZero():
		wrong[AbsenceToField] = "Choisis le dernier jour de ton absence."
	case !a.From.IsZero() && a.To.Before(a.From):
		wrong[AbsenceToField] = "Le dernier jour doit venir après le premier, ou être le même."
	case a.To.Before(today):
		wrong[AbsenceToField] = "Le dernier jour est déjà passé."
	case a.To.After(today.Add(maxAhead)):
		wrong[AbsenceToField] = "Le dernier jour est dans plus de deux ans : vérifie l’année."
	}
	return fault.Fields(wrong)
}

// SetReply records that the owner of a mailbox wants an automatic reply. began is the first day
// of the one that runs, as the page read it; zero when none does.
func (s *SelfService) SetReply(ctx context.Context, d Demand, wanted Absence, began clock.Day) error {
	return s.ask(ctx, d, replyName, member.SetReply, func(m waiting) (wish, error) {
		if err := s.usable(m); err != nil {
			return wish{}, err
		}
		if err := wanted.Check(clock.Today(s.room.clock), began); err != nil {
			return wish{}, err
		}
		return wish{name: replyName, verb: "programmer la réponse automatique", reason: askedFromPortal, args: wanted}, nil
	})
}

func (s *SelfService) applyReply(ctx context.Context, a job.Action) (job.Outcome, error) {
	wanted, err := job.DecodeArgs[Absence](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the demand: %w", err)
	}
	m, box, err := s.replying(ctx, a)
	if err != nil {
		return job.Outcome{}, err
	}
	before, had, err := s.replyOf(ctx, box)
	if err != nil {
		return job.Outcome{}, err
	}
	if wanted.Over(clock.Today(s.room.clock)) {
		return job.Moot("Cette absence est passée avant que l’hébergeur des boîtes ne réponde."), nil
	}
	if err := s.room.provider.SetReply(ctx, box.Local, wanted.reply()); err != nil {
		return job.Outcome{}, fmt.Errorf("set the automatic reply of %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		if !had {
			return s.event(ctx, tx, a, codeReplyCreated, "", nil, wanted)
		}
		return s.event(ctx, tx, a, codeReplyUpdated, "", before, wanted)
	}), nil
}

// replying reads the owner of an action again, with their MX mailbox.
func (s *SelfService) replying(ctx context.Context, a job.Action) (m waiting, box Box, err error) {
	if m, err = s.room.reread(ctx, a.Subject); err != nil {
		return m, box, err
	}
	if err = s.usable(m); err != nil {
		return m, box, err
	}
	box, err = s.basicBox(ctx, m, plainReplies)
	return m, box, err
}

// replyOf reads the automatic reply of a mailbox, if there is one.
func (s *SelfService) replyOf(ctx context.Context, box Box) (found Absence, there bool, err error) {
	r, err := s.room.provider.Reply(ctx, box.Local)
	if fault.Is(err, fault.NotFound) {
		return found, false, nil
	}
	if err != nil {
		return found, false, fmt.Errorf("read the automatic reply: %w", err)
	}
	return absence(r), true, nil
}

// DeleteReply records that the owner of a mailbox wants no automatic reply any more.
func (s *SelfService) DeleteReply(ctx context.Context, d Demand) error {
	return s.ask(ctx, d, noReplyName, member.SetReply, func(m waiting) (wish, error) {
		return wish{name: noReplyName, verb: "arrêter la réponse automatique", reason: askedFromPortal}, s.usable(m)
	})
}

func (s *SelfService) applyNoReply(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, box, err := s.replying(ctx, a)
	if err != nil {
		return job.Outcome{}, err
	}
	before, had, err := s.replyOf(ctx, box)
	if err != nil {
		return job.Outcome{}, err
	}
	if !had && a.Attempt <= 1 {
		return job.Moot("Il n’y a pas de réponse automatique."), nil
	}
	if err := s.room.provider.RemoveReply(ctx, box.Local); err != nil {
		return job.Outcome{}, fmt.Errorf("remove the automatic reply of %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		if !had {
			return s.event(ctx, tx, a, codeReplyDeleted, "", nil, nil)
		}
		return s.event(ctx, tx, a, codeReplyDeleted, "", before, nil)
	}), nil
}
