package offboarding

import (
	"slices"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Kind is a message about a departure.
type Kind string

// The messages, in the order in which they fall due.
const (
	Ending30 Kind = "J-30"
	Ending15 Kind = "J-15"
	Ending2  Kind = "J-2"
	Farewell Kind = "J+1"
	Closing  Kind = "J+30"
)

// notice says when a message is due. Days are counted from the last day of the last mission.
type notice struct {
	job         string
	step        member.DepartureStep
	first, last int
	// truth is the last day on which a message recorded in time, then delayed by a mail server
	// that was down, still tells the truth.
	truth int
	// urgent messages go to both addresses; the others where the member prefers.
	urgent bool
}

// notices is the calendar of the messages.
func notices() map[Kind]notice {
	return map[Kind]notice{
		Ending30: {job: notice30Job, step: member.StepNotice30, first: -30, last: -16},
		Ending15: {job: notice15Job, step: member.StepNotice15, first: -15, last: -3},
		Ending2:  {job: notice2Job, step: member.StepNotice2, first: -2, last: 0, urgent: true},
		Farewell: {job: farewellJob, step: member.StepFarewell, first: 1, last: 4, truth: 29, urgent: true},
		Closing:  {job: closingJob, step: member.StepClosing, first: 30, last: 37, truth: 90, urgent: true},
	}
}

// days gives the first and last day of a message's window. After the end, a postponement moves
// the whole window.
func (n notice) days(end, resumed clock.Day) (first, last clock.Day) {
	first, last = end.Add(n.first), end.Add(n.last)
	if n.first > 0 && resumed.After(first) {
		return resumed, resumed.Add(n.last - n.first)
	}
	return first, last
}

// late is the last day on which a recorded message may still leave.
func (n notice) late(end, resumed clock.Day) clock.Day {
	_, last := n.days(end, resumed)
	if truth := end.Add(n.truth); truth.After(last) {
		return truth
	}
	return last
}

// The slots of a message: one action, hence one message, for each. A message with a single
// recipient has none in its key, so that a change of preference does not announce a day twice.
const (
	slotContact   = ""
	slotPrimary   = "primary"
	slotSecondary = "secondary"
	slotChat      = "chat"
)

// slots lists where a message goes.
func (n notice) slots(l leaver, chat bool) []string {
	var slots []string
	switch {
	case !n.urgent && l.address(slotContact) != "":
		slots = append(slots, slotContact)
	case n.urgent:
		for _, slot := range []string{slotPrimary, slotSecondary} {
			if l.address(slot) != "" {
				slots = append(slots, slot)
			}
		}
	}
	if chat {
		slots = append(slots, slotChat)
	}
	return slots
}

func (n notice) key(l leaver, slot string) string {
	key := job.Key(n.job, l.ID, l.End.String())
	if slot != "" {
		key += "/" + slot
	}
	return key
}

// address gives where a slot leads; "" when nothing can be sent there.
func (l leaver) address(slot string) string {
	switch slot {
	case slotPrimary:
		// a redirection leads to the secondary address: the same person would read it twice
		if l.EmailIsRedirection && l.SecondaryEmail != "" || !l.reachable() {
			return ""
		}
		return l.PrimaryEmail
	case slotSecondary:
		return l.SecondaryEmail
	case slotContact:
		if l.CommunicationEmail == "secondary" && l.SecondaryEmail != "" || !l.reachable() {
			return l.SecondaryEmail
		}
		return l.PrimaryEmail
	}
	return ""
}

// reachable tells whether the primary address exists outside: one that is only ordered does
// not yet.
func (l leaver) reachable() bool {
	return l.PrimaryEmail != "" && !slices.Contains([]member.Status{
		member.StatusVerificationWaiting, member.StatusCreationWaiting, member.StatusCreationPending,
		member.StatusRecreationPending, member.StatusRedirectionPending, member.StatusDeleted,
	}, l.Status)
}
