package mailinglist

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const departureJob = "removeEmailsFromMailingList"

// forgetAfter is how many days after the end of the last mission every list is left.
const forgetAfter = 30

func (s *Service) departure() job.Spec {
	return job.Spec{
		Name: departureJob, Title: "Retire les membres expirés des listes Brevo ONBOARDING et NEWSLETTER", Room: "mailinglist",
		Schedule: "0 8 * * *", Default: job.On, Needs: []job.Feature{"brevo"}, Flag: "FEATURE_REMOVE_EMAILS_FROM_MAILING_LIST",
		Queue: job.QueueBrevo, Ceiling: monthEnd(), Plan: s.planDepartures, Apply: s.applyDeparture,
	}
}

// leaver is somebody gone for thirty days, whose lists were not looked at since that end.
type leaver struct {
	known
	found []string // lists that hold one of their addresses, as people read them
	hosts []string // among them, the lists of the host
	kept  []ContactList
}

// onLists is what the action remembers of the plan: names of lists only, never an address.
type onLists struct {
	Host     []string      `json:"host,omitempty"`
	Contacts []ContactList `json:"contacts,omitempty"`
	// Absent are the members who are on no list any more, and for which end: only to be noted.
	Absent []absent `json:"absent,omitempty"`
}

type departureArgs struct {
	job.PlanDay
	onLists
}

type absent struct {
	Member uuid.UUID `json:"member"`
	End    clock.Day `json:"end"`
}

// planDepartures reads the contact lists each day, and those of the host only when somebody left
// thirty days ago and was not treated for that end.
func (s *Service) planDepartures(ctx context.Context, today clock.Day) (job.Plan, error) {
	plan, due, err := s.due(ctx, today)
	if err != nil {
		return job.Plan{}, err
	}
	members, err := s.followed(ctx, today)
	if err != nil || len(due)+len(members) == 0 {
		return plan, err
	}
	seen, err := s.readLists(ctx, len(due) > 0)
	if err != nil {
		return job.Plan{}, err
	}
	plan = decideDepartures(plan, due, seen, today)
	behind, err := s.behind(ctx, members, seen)
	if err != nil {
		return job.Plan{}, err
	}
	for _, b := range behind {
		plan.Actions = append(plan.Actions, followAction(b, today))
	}
	if len(plan.Actions) > 0 {
		plan.Doubt = seen.doubt
	}
	return plan, nil
}

// due sorts out who is to leave every list, before the vendors are asked.
func (s *Service) due(ctx context.Context, today clock.Day) (job.Plan, []known, error) {
	people, err := s.people(ctx, forgetAfter, "", today)
	if err != nil {
		return job.Plan{}, nil, err
	}
	people, held, err := s.released(ctx, people, member.StepLists, forgetAfter, today)
	if err != nil {
		return job.Plan{}, nil, err
	}
	treated, err := s.treated(ctx)
	if err != nil {
		return job.Plan{}, nil, err
	}
	plan, due := decideDue(people, treated, today)
	plan.Skipped = append(plan.Skipped, held...)
	plan.Population, err = s.community(ctx)
	return plan, due, err
}

// community counts everybody, past and present: what leaves in a day may not exceed a share of it.
func (s *Service) community(ctx context.Context) (int, error) {
	n, err := postgres.Scalar[int](ctx, s.db, `SELECT count(*) FROM member`)
	if err != nil {
		return 0, fmt.Errorf("count the members: %w", err)
	}
	return n, nil
}

// treated gives the departures that were dealt with, as "uuid/end".
func (s *Service) treated(ctx context.Context) (map[string]bool, error) {
	keys, err := postgres.Column[string](ctx, s.db, `
		SELECT member_id::text || '/' || end_day::text
		FROM list_departure`)
	if err != nil {
		return nil, fmt.Errorf("list the departures dealt with: %w", err)
	}
	return set(keys), nil
}

func (k known) departure() string { return k.ID.String() + "/" + k.LastEnd.String() }

// decideDue sorts out who is due, from who left thirty days ago or more.
func decideDue(people []known, treated map[string]bool, today clock.Day) (job.Plan, []known) {
	var plan job.Plan
	var due []known
	for _, k := range people {
		switch {
		case k.LastEnd.IsZero():
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: k.ID, Label: k.Username, Reason: "aucune mission : pas de date de départ"})
		case k.goneFor(forgetAfter, today) && !treated[k.departure()]:
			due = append(due, k)
		}
	}
	return plan, due
}

// lists is what the vendors show, read once for everybody.
type lists struct {
	host     map[string]map[string]bool // list of the host -> addresses
	contacts map[ContactList]map[string]bool
	doubt    string // French: why this is not to be trusted
}

// readLists reads the contact lists and, if wanted, the lists of the host.
func (s *Service) readLists(ctx context.Context, host bool) (lists, error) {
	seen := lists{host: map[string]map[string]bool{}, contacts: map[ContactList]map[string]bool{}}
	for _, list := range contactLists() {
		contacts, announced, err := s.contacts.Members(ctx, list)
		if err != nil {
			return seen, fmt.Errorf("read the contacts of %s: %w", list, err)
		}
		seen.contacts[list] = map[string]bool{}
		for _, c := range contacts {
			seen.contacts[list][strings.ToLower(c.Address)] = true
		}
		if doubt := shortened("Brevo "+string(list), len(contacts), announced); doubt != "" {
			seen.doubt = doubt
		}
	}
	if len(seen.contacts[Newsletter]) == 0 {
		seen.doubt = "la liste Brevo NEWSLETTER paraît vide"
	}
	if !host || s.host == nil { // without OVH, its lists are not ours to clean
		return seen, nil
	}
	return seen, s.readHost(ctx, &seen)
}

func (s *Service) readHost(ctx context.Context, seen *lists) error {
	names, err := s.host.Names(ctx)
	if err != nil {
		return fmt.Errorf("list the mailing lists: %w", err)
	}
	for _, name := range names {
		addresses, err := s.host.Subscribers(ctx, name)
		if fault.Is(err, fault.NotFound) { // deleted since the listing
			continue
		}
		if err != nil {
			return fmt.Errorf("read the list %s: %w", name, err)
		}
		seen.host[name] = set(addresses)
	}
	if len(names) == 0 {
		seen.doubt = "OVH ne montre aucune liste de diffusion"
	}
	return nil
}

// decideDepartures wants off every list who still stands on one, and has the others noted at once.
func decideDepartures(plan job.Plan, due []known, seen lists, today clock.Day) job.Plan {
	var nowhere []absent
	var last clock.Day
	for _, k := range due {
		l := seen.of(k)
		if len(l.found) == 0 {
			nowhere = append(nowhere, absent{k.ID, k.LastEnd})
			if k.LastEnd.After(last) {
				last = k.LastEnd
			}
			continue
		}
		plan.Actions = append(plan.Actions, job.Action{
			Key: job.Key(departureJob, k.ID, k.LastEnd.String()), Mode: job.State, Job: departureJob, Verb: "retirer", Subject: k.ID, Label: k.Username,
			Reason: "mission terminée le " + k.LastEnd.French() + ", encore sur " + strings.Join(l.found, ", "),
			Args:   job.EncodeArgs(departureArgs{job.PlanDay{Day: today}, onLists{Host: l.hosts, Contacts: l.kept}}), Actor: "system", Destructive: true,
		})
	}
	if len(nowhere) > 0 && seen.doubt == "" {
		plan.Actions = append(plan.Actions, noteAction(nowhere, last))
	}
	return plan
}

// noteAction writes down, in one go, who is on no list any more: without it, every plan would have
// to read every list again.
func noteAction(nowhere []absent, last clock.Day) job.Action {
	label := "1 personne"
	if len(nowhere) > 1 {
		label = fmt.Sprintf("%d personnes", len(nowhere))
	}
	return job.Action{
		Key: job.Key(departureJob, uuid.Nil, "absents/"+last.String()), Mode: job.State, Job: departureJob, Verb: "noter", Label: label,
		Reason: "mission terminée depuis 30 jours ou plus, sur aucune liste : rien à retirer", Args: job.EncodeArgs(onLists{Absent: nowhere}), Actor: "system", Queue: job.QueueOther,
	}
}

// of tells the lists where somebody stands, in a stable order.
func (seen lists) of(k known) leaver {
	l := leaver{known: k}
	for _, list := range contactLists() {
		if len(k.among(seen.contacts[list])) > 0 {
			l.kept, l.found = append(l.kept, list), append(l.found, "Brevo "+string(list))
		}
	}
	for name, addresses := range seen.host {
		if len(k.among(addresses)) > 0 {
			l.hosts = append(l.hosts, name)
		}
	}
	slices.Sort(l.hosts)
	for _, name := range l.hosts {
		l.found = append(l.found, "la liste « "+name+" »")
	}
	return l
}

func (s *Service) applyDeparture(ctx context.Context, a job.Action) (job.Outcome, error) {
	if a.Key == job.Key(departureJob, a.Subject, followCause) {
		return s.applyFollow(ctx, a)
	}
	args, err := job.DecodeArgs[onLists](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the lists to leave: %w", err)
	}
	if a.Subject == uuid.Nil {
		return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.noteAbsent(ctx, tx, args.Absent) }), nil
	}
	k, end, err := s.stillGone(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	if err := s.leaveAll(ctx, k, args); err != nil {
		return job.Outcome{}, fmt.Errorf("take %s off the lists: %w", k.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordDeparture(ctx, tx, a, k, args) }), nil
}

// stillGone reads again who is to leave every list; the second value, when not empty, says why they
// are not any more.
func (s *Service) stillGone(ctx context.Context, a job.Action) (known, string, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return known{}, "", err
	}
	k, ok, err := s.again(ctx, a.Subject, forgetAfter, "", day)
	switch {
	case err != nil:
		return known{}, "", fmt.Errorf("read the member again: %w", err)
	case !ok || a.Key != job.Key(departureJob, k.ID, k.LastEnd.String()):
		return k, "mission reprise, ou terminée à une autre date", nil
	}
	why, err := s.heldNow(ctx, k, member.StepLists, day)
	return k, why, err
}

func (s *Service) leaveAll(ctx context.Context, k known, args onLists) error {
	for _, name := range args.Host {
		if s.host == nil {
			break
		}
		if _, err := s.takeOff(ctx, name, k); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	for _, list := range args.Contacts {
		if err := s.contacts.Remove(ctx, list, k.Addresses...); err != nil {
			return fmt.Errorf("leave %s: %w", list, err)
		}
	}
	return nil
}

func (s *Service) recordDeparture(ctx context.Context, tx pgx.Tx, a job.Action, k known, left onLists) error {
	if err := s.noteAbsent(ctx, tx, []absent{{k.ID, k.LastEnd}}); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Event{
		At: s.clock.Now(), Actor: actorOf(a), Code: CodeListsLeft, Member: k.ID, Subject: k.Username, Reason: a.Reason, Before: left,
	})
}

// noteAbsent writes departures that need nothing more. A member who is gone since is left out.
func (s *Service) noteAbsent(ctx context.Context, tx pgx.Tx, all []absent) error {
	ids, ends := make([]uuid.UUID, len(all)), make([]clock.Day, len(all))
	for i, one := range all {
		ids[i], ends[i] = one.Member, one.End
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO list_departure (member_id, end_day, left_at)
		SELECT wanted.member_id, wanted.end_day, $3
		FROM unnest($1::uuid[], $2::date[]) AS wanted (member_id, end_day)
		JOIN member ON member.id = wanted.member_id
		ON CONFLICT (member_id, end_day) DO NOTHING`, ids, ends, s.clock.Now())
	if err != nil {
		return fmt.Errorf("note departures: %w", err)
	}
	return nil
}
