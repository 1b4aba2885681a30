package offboarding

import (
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// StepState is where a step of a departure stands.
type StepState string

// The states.
const (
	Coming    StepState = "coming"    // its day has not come
	Due       StepState = "due"       // its day has come, the next run does it
	Done      StepState = "done"      // it is done, or it has happened by itself
	Postponed StepState = "postponed" // an administrator moved it to a later day
	Cancelled StepState = "cancelled" // an administrator cancelled it
	Nothing   StepState = "nothing"   // it does not concern this person
	Missed    StepState = "missed"    // a message that never left, and comes too late
	Trouble   StepState = "trouble"   // it failed, or waits for somebody's decision
	Off       StepState = "off"       // its job is off in this installation
)

// Step is one line of somebody's departure.
type Step struct {
	ID       member.DepartureStep
	Title    string    // French, about the person
	Due      clock.Day // first day on which it may be done; zero when no day can be told
	State    StepState
	Day      clock.Day // when it was done; zero: unknown, or not done
	Note     string    // French: why, by whom; may be empty
	Stop     string    // French, to the person: what it stops; empty when it stops nothing
	Holdable bool      // an administrator may postpone or cancel it
	Next     bool      // it is the first that is still to be done
}

// AddressKind is what a primary address is, which decides what becomes of it.
type AddressKind string

// The kinds of primary addresses.
const (
	NoAddress   AddressKind = "none"
	Mailbox     AddressKind = "mailbox"     // ours, a mailbox
	Redirection AddressKind = "redirection" // ours, a redirection to the secondary address
	Foreign     AddressKind = "foreign"     // of an administration
)

// Mark is an action of the ledger since the departure.
type Mark struct {
	Job   string
	State job.ActionState
	Day   clock.Day // when it closed, else when it was recorded
}

// StatusChange is a step in the life of the primary address since the departure.
type StatusChange struct {
	Status member.Status
	Day    clock.Day
}

// Facts is all that decides somebody's departure.
type Facts struct {
	ID        uuid.UUID
	End       clock.Day // last day of the last mission; zero: there is no departure
	Address   AddressKind
	Primary   string // as it stands; empty once deleted
	Status    member.Status
	StatusDay clock.Day
	Secondary bool
	Github    bool
	Tools     bool // a Matomo or Sentry account is known
	Marks     []Mark
	Changes   []StatusChange // oldest first
	Holds     member.Holds
	Off       map[string]bool // jobs that are off in this installation
}

// Timeline gives the steps of a departure as they stand on a day, in the order in which they
// fall due; none when there is no departure in sight. It is pure.
func Timeline(f Facts, today clock.Day) []Step {
	if f.End.IsZero() {
		return nil
	}
	var steps []Step
	for _, r := range rules(f, today) {
		steps = append(steps, r.step(f, today))
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		if a.Due.IsZero() != b.Due.IsZero() { // no day: last
			return b.Due.Compare(a.Due)
		}
		return a.Due.Compare(b.Due)
	})
	for i := range steps {
		if steps[i].pending() {
			steps[i].Next = true
			break
		}
	}
	return steps
}

func (s Step) pending() bool { return s.State == Coming || s.State == Due || s.State == Postponed }

// Stops keeps, of a timeline, what stops for the person: what is to come and what has been done.
func Stops(steps []Step) (coming, done []Stop) {
	for _, s := range steps {
		switch {
		case s.Stop == "":
		case s.pending():
			coming = append(coming, Stop{Day: s.Due, Text: s.Stop})
		case s.State == Done:
			done = append(done, Stop{Day: s.Day, Text: s.Stop})
		}
	}
	return coming, done
}

// left tells whether the last day has passed.
func (f Facts) left(today clock.Day) bool { return f.End.Before(today) }

// step confronts a rule with the facts.
func (r rule) step(f Facts, today clock.Day) Step {
	s := Step{ID: r.id, Title: r.title, Stop: r.stop, Due: r.due, Holdable: len(r.jobs) > 0}
	if resumed := f.Holds.Resumed(f.ID, r.id); s.Holdable && resumed.After(s.Due) && !s.Due.IsZero() {
		s.Due = resumed
	}
	s.State, s.Day, s.Note = r.state(f, today, s.Due)
	return s
}

func (r rule) state(f Facts, today, due clock.Day) (StepState, clock.Day, string) {
	if len(r.jobs) == 0 { // it happens by itself
		switch {
		case today.Before(due):
			return Coming, clock.Day{}, ""
		case today == due && r.id == stepEnd: // the last day counts
			return Due, clock.Day{}, "aujourd’hui"
		}
		return Done, due, ""
	}
	if r.done {
		return Done, r.doneOn, ""
	}
	seen := f.seen(r.jobs)
	if seen.state == Done {
		return Done, seen.day, seen.note
	}
	if r.unconcerned != "" {
		return Nothing, clock.Day{}, r.unconcerned
	}
	if hold, held := f.Holds.Of(f.ID, r.id); held {
		if hold.Until.IsZero() {
			return Cancelled, clock.Day{}, "par " + hold.By + " : " + hold.Why
		}
		return Postponed, clock.Day{}, "par " + hold.By + " : " + hold.Why
	}
	if seen.state == Trouble {
		return Trouble, clock.Day{}, seen.note
	}
	return r.undone(f, today, due, seen.state == Due)
}

// undone tells where a step stands that nobody has done nor held.
func (r rule) undone(f Facts, today, due clock.Day, recorded bool) (StepState, clock.Day, string) {
	switch {
	case recorded:
		return Due, clock.Day{}, "en cours"
	case f.off(r.jobs):
		return Off, clock.Day{}, "cette tâche est désactivée ici"
	case due.IsZero() || today.Before(due):
		return Coming, clock.Day{}, ""
	case r.last > 0 && today.After(due.Add(r.last)):
		return Missed, clock.Day{}, "aucune trace d’envoi"
	case r.sweep && today.After(due.Add(sweepDays)):
		return Nothing, clock.Day{}, "rien à faire n’a été trouvé"
	}
	return Due, clock.Day{}, "à la prochaine exécution"
}

// sweepDays is how long after its day a job that looks for what is left has looked everywhere.
const sweepDays = 2

// sight is what the ledger says of a step.
type sight struct {
	state StepState // Done, Due (recorded), Trouble, or empty
	day   clock.Day
	note  string
}

// seen sums up the actions of some jobs: what is still open counts first, then what was done;
// trouble with one recipient does not undo what another received.
func (f Facts) seen(jobs []string) sight {
	var s sight
	trouble := map[job.ActionState]string{
		job.Failed: "a échoué : nouvel essai dans la journée", job.Uncertain: "résultat incertain : quelqu’un doit trancher", job.Held: "attend qu’une personne confirme",
	}
	for _, m := range f.Marks {
		if !slices.Contains(jobs, m.Job) {
			continue
		}
		switch note, bad := trouble[m.State]; {
		case m.State == job.Planned || m.State == job.Started:
			return sight{state: Due}
		case m.State == job.Done:
			s.state, s.day = Done, later(s.day, m.Day)
		case bad && s.state == "":
			s.state, s.note = Trouble, note
		case bad && s.state == Done:
			s.note = "une partie " + note
		}
	}
	return s
}

func later(a, b clock.Day) clock.Day {
	if a.After(b) {
		return a
	}
	return b
}

// off tells whether every one of some jobs is off.
func (f Facts) off(jobs []string) bool {
	return !slices.ContainsFunc(jobs, func(name string) bool { return !f.Off[name] })
}
