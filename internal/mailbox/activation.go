package mailbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func (s *Service) planActivations(ctx context.Context, today clock.Day) (job.Plan, error) {
	pending, err := s.inStatus(ctx, today, member.StatusCreationPending, member.StatusRecreationPending)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the ordered mailboxes: %w", err)
	}
	plan := decideActivations(pending, s.asOf(today), s.config.Settle)
	if err := s.addReturns(ctx, today, &plan); err != nil {
		return job.Plan{}, err
	}
	owed, err := s.owedWelcomes(ctx)
	if err != nil {
		return job.Plan{}, err
	}
	plan.Actions = append(plan.Actions, owed...)
	return plan, nil
}

// asOf is the instant at which a plan of a day judges: now, or the same hour of that day.
func (s *Service) asOf(today clock.Day) time.Time {
	now := s.clock.Now().In(clock.Paris())
	if clock.DayOf(now) == today {
		return now
	}
	return today.At(now.Hour(), now.Minute())
}

// decideActivations wants, for each address ordered long enough ago, its activation and the
// message to its owner.
func decideActivations(pending []waiting, now time.Time, settle time.Duration) job.Plan {
	plan := job.Plan{Population: len(pending)}
	skip := func(m waiting, reason string) {
		plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: reason})
	}
	for _, m := range pending {
		if why := m.tooEarly(now, settle); why != "" {
			skip(m, why)
			continue
		}
		plan.Actions = append(plan.Actions, activateAction(m, "activer", "adresse commandée chez OVH, à activer"))
		if m.Secondary == "" {
			skip(m, "pas d’adresse secondaire : pas de message de bienvenue")
			continue
		}
		plan.Actions = append(plan.Actions, welcomeAction(m, job.Key(activationJob, m.ID, cause(m.StatusChangedAt)+"/secondary")))
	}
	return plan
}

// tooEarly says, in French, why what was ordered cannot be looked for now; "" when it can.
func (m waiting) tooEarly(now time.Time, settle time.Duration) string {
	switch {
	case !m.Active:
		return "aucune mission en cours ou à venir"
	case m.Primary == "":
		return "pas d’adresse principale"
	case now.Before(m.StatusChangedAt.Add(settle)):
		return fmt.Sprintf("adresse commandée il y a moins de %d minutes", int(settle.Minutes()))
	}
	return ""
}

func activateAction(m waiting, verb, reason string) job.Action {
	return job.Action{
		Key: job.Key(activationJob, m.ID, cause(m.StatusChangedAt)), Mode: job.State, Job: activationJob, Verb: verb,
		Subject: m.ID, Label: m.Username, Reason: reason, Actor: "system",
	}
}

func welcomeAction(m waiting, key string) job.Action {
	return job.Action{
		Key: key, Mode: job.Once, Job: activationJob, Verb: "envoyer", Queue: job.QueueMail,
		Subject: m.ID, Label: m.Username, Reason: "prévenir à l’adresse secondaire que l’adresse est prête", Actor: "system",
	}
}

// owedWelcomes goes on wanting the messages recorded with an activation that has been done
// since: without it, a mail server down for one slot would make them moot for ever.
func (s *Service) owedWelcomes(ctx context.Context) ([]job.Action, error) {
	rows, err := s.db.Query(ctx, `
		SELECT a.key, m.id, m.username
		FROM job_action a
		JOIN member m ON m.id = a.subject
		WHERE a.job = $1
		  AND a.mode = 'once'
		  AND a.state NOT IN ('done', 'moot')
		  AND m.primary_email_status IN ('EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_ACTIVE')
		ORDER BY m.username, a.id`, activationJob)
	if err != nil {
		return nil, fmt.Errorf("list the welcome messages still owed: %w", err)
	}
	actions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (job.Action, error) {
		var key string
		var m waiting
		err := row.Scan(&key, &m.ID, &m.Username)
		return welcomeAction(m, key), err
	})
	if err != nil {
		return nil, fmt.Errorf("read the welcome messages still owed: %w", err)
	}
	return actions, nil
}

func (s *Service) applyActivation(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, err := s.reread(ctx, a.Subject)
	switch {
	case fault.Is(err, fault.NotFound):
		return job.Moot("la fiche n’existe plus"), nil
	case err != nil:
		return job.Outcome{}, fmt.Errorf("read the member again: %w", err)
	case !m.Active:
		return job.Moot("aucune mission en cours ou à venir"), nil
	case a.Mode == job.Once:
		return s.welcome(ctx, a, m)
	case m.closed():
		return s.comeBack(ctx, a, m)
	case !m.ordered():
		return job.Moot("l’adresse n’attend plus son activation"), nil
	}
	return s.activate(ctx, a, m)
}

// ordered tells whether the mailbox was asked for and is not active yet.
func (m waiting) ordered() bool {
	return m.Status == member.StatusCreationPending || m.Status == member.StatusRecreationPending
}

func (s *Service) activate(ctx context.Context, a job.Action, m waiting) (job.Outcome, error) {
	if _, err := s.provider.Find(ctx, localPart(m.Primary)); err != nil {
		return job.Outcome{}, notReady(m, err)
	}
	return s.enlist(ctx, a, m, m.lists(), member.Change{
		To: member.StatusPasswordPending, From: []member.Status{member.StatusCreationPending, member.StatusRecreationPending},
		Reason: "boîte présente chez OVH",
	})
}

// enlist puts a member on lists, lifts what blocks the address, then records the change.
func (s *Service) enlist(ctx context.Context, a job.Action, m waiting, lists []List, c member.Change) (job.Outcome, error) {
	if s.contacts == nil { // asked by a person where no list is kept
		return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordActive(ctx, tx, a, m, "", c) }), nil
	}
	if len(lists) > 0 {
		if err := s.contacts.Subscribe(ctx, m.contact(), lists); err != nil {
			return job.Outcome{}, fmt.Errorf("subscribe %s to the lists: %w", m.Username, err)
		}
	}
	lifted, err := s.unblock(ctx, m.Primary)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("unblock the address of %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordActive(ctx, tx, a, m, lifted, c) }), nil
}

// notReady is the error of a mailbox that could not be seen: asked again later, since OVH
// makes it a little after the order.
func notReady(m waiting, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Unavailable, "La boîte n’est pas encore prête chez OVH.", "mailbox of %s not ready: %w", m.Username, err)
	}
	return fmt.Errorf("look for the mailbox of %s: %w", m.Username, err)
}

func localPart(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return local
}

// contact is the member as lists know them, at the address that the member prefers.
func (m waiting) contact() Contact {
	address := member.Member{PrimaryEmail: m.Primary, SecondaryEmail: m.Secondary, CommunicationEmail: m.Communication}.ContactAddress()
	return Contact{Address: address, Fullname: m.Fullname, Domain: m.Domain}
}

// lists are what a new address joins; somebody who comes back was already welcomed.
func (m waiting) lists() []List {
	if m.Status == member.StatusRecreationPending {
		return []List{Newsletter}
	}
	return []List{Newsletter, Onboarding}
}

// unblock lifts the block of an address unless its owner wanted it; it gives the reason of
// the block that it lifted, "" when it lifted none.
func (s *Service) unblock(ctx context.Context, address string) (string, error) {
	reason, err := s.contacts.BlockReason(ctx, address)
	if err != nil || !liftable(reason) {
		return "", err
	}
	return reason, s.contacts.Unblock(ctx, address)
}

func (s *Service) recordActive(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, lifted string, c member.Change) error {
	now, who := s.clock.Now(), actorOf(a)
	c.At, c.Actor = now, who
	if err := member.Transition(ctx, tx, m.ID, c); err != nil {
		return fmt.Errorf("record that the address of %s is active: %w", m.Username, err)
	}
	if lifted == "" {
		return nil
	}
	return audit.Write(ctx, tx, audit.Event{
		At: now, Actor: who, Code: codeUnblocked, Member: m.ID, Subject: m.Username,
		Reason: "blocage levé chez Brevo (" + lifted + ")", After: map[string]string{"email": m.Primary},
	})
}

// welcome tells the owner that the address is ready, or back, once it is.
func (s *Service) welcome(ctx context.Context, a job.Action, m waiting) (job.Outcome, error) {
	back := len(a.Args) > 0
	if s.letters == nil {
		return job.Moot("l’envoi de mails n’est pas configuré"), nil
	}
	if m.awaits(back) {
		var err error
		if m, err = s.afterActivation(ctx, a, m); err != nil {
			return job.Outcome{}, err
		}
	}
	switch {
	case m.Secondary == "":
		return job.Moot("plus d’adresse secondaire où prévenir"), nil
	case back && m.ordered():
		return job.Moot("la boîte est recréée : un autre message suivra"), nil
	case m.Status != member.StatusPasswordPending && m.Status != member.StatusActive:
		return job.Moot("l’adresse n’est plus active"), nil
	}
	box, err := s.provider.Find(ctx, localPart(m.Primary))
	if err != nil {
		// nothing has been sent: whatever OVH's answer became, the message may be tried again
		return job.Outcome{}, fault.New(fault.Unavailable, "OVH ne montre pas la boîte : le message attend.", "find the webmail of %s: %w", m.Username, err)
	}
	send := s.letters.Welcome
	if back {
		send = s.letters.Restored
	}
	err = send(ctx, a.Key, Welcome{
		To: m.Secondary, Fullname: m.Fullname, Address: m.Primary, Webmail: s.config.Webmails[box.Plan], Leave: s.config.LeaveLink(m.ID),
	})
	if err != nil {
		return job.Outcome{}, fmt.Errorf("write to %s: %w", m.Username, err)
	}
	return job.Outcome{}, nil
}
