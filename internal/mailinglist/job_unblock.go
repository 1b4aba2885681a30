package mailinglist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

const unblockJob = "unblockBlacklistedEmail"

func (s *Service) unblock() job.Spec {
	return job.Spec{
		Name: unblockJob, Aliases: []string{"Unblock blacklisted email"}, Title: "Débloque chez Brevo les adresses actives bloquées par erreur", Room: "mailinglist",
		Schedule: "0 0 * * 1", Default: job.On, Needs: []job.Feature{"brevo"}, Flag: "FEATURE_UNBLOCK_CONTACT_EMAIL", FlagAnyText: true,
		Queue: job.QueueBrevo, Plan: s.planUnblocks, Apply: s.applyUnblock,
	}
}

// The two ways in which Brevo keeps mails from an address, each with its own remedy.
const (
	transactional = "transactional" // an entry of the block list
	campaigns     = "campaigns"     // the contact refuses campaigns
)

type blockArgs struct {
	job.PlanDay
	Kind string `json:"kind"`
}

// working is a member in activity whose mailbox we know to exist.
type working struct {
	ID       uuid.UUID `db:"id"`
	Username string    `db:"username"`
	Address  string    `db:"address"`
	Carried  string    `db:"carried"` // refusal of campaigns that followed from a former address; "": none
}

// why is the reason of a refusal, given what the vendor says of it: for it, a refusal that followed
// a change of address is the act of an administrator, although it is the person's wish.
func (m working) why(said string) string {
	if said == "" || m.Carried == "" || !Liftable(said) {
		return said
	}
	return m.Carried
}

// workingQuery reads the members in activity ($1: day) whose address is in service and of our domain
// ($2): of the others, nobody here can tell whether the mailbox exists.
const workingQuery = `
	SELECT member.id, member.username, member.primary_email AS address,
	       COALESCE((
	           SELECT audit_event.after ->> 'refusal'
	           FROM audit_event
	           WHERE audit_event.member_id = member.id
	             AND audit_event.code = 'MEMBER_CONTACT_MOVED'
	             AND audit_event.after ->> 'refusal' <> ''
	           ORDER BY audit_event.at DESC, audit_event.id DESC
	           LIMIT 1), '') AS carried
	FROM member
	WHERE member.primary_email LIKE '%@' || $2::text
	  AND member.primary_email_status IN ('EMAIL_ACTIVE', 'EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING', 'EMAIL_REDIRECTION_ACTIVE')
	  AND EXISTS (
	          SELECT FROM mission
	          WHERE mission.member_id = member.id
	            AND (mission.end_day IS NULL OR mission.end_day >= $1))`

func (s *Service) planUnblocks(ctx context.Context, today clock.Day) (job.Plan, error) {
	members, err := postgres.All[working](ctx, s.db, workingQuery+`
	ORDER BY member.username`, today, s.config.Domain)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the addresses in service: %w", err)
	}
	if len(members) == 0 {
		return job.Plan{}, nil
	}
	blocks, err := s.contacts.Blocks(ctx)
	if err != nil {
		return job.Plan{}, fmt.Errorf("list the blocked addresses: %w", err)
	}
	refusing, err := s.refusing(ctx, members)
	if err != nil {
		return job.Plan{}, err
	}
	return decideUnblocks(members, blocks, refusing, today), nil
}

// refusal of campaigns by a contact of ours.
type refusal struct {
	contact string // the vendor's number
	reason  string
}

// refusing tells, by address, which of the members refuse campaigns and why: the vendor is asked
// why for those only.
func (s *Service) refusing(ctx context.Context, members []working) (map[string]refusal, error) {
	contacts, _, err := s.contacts.Members(ctx, Newsletter)
	if err != nil {
		return nil, fmt.Errorf("read the contacts of the newsletter: %w", err)
	}
	ours := map[string]working{}
	for _, m := range members {
		ours[m.Address] = m
	}
	found := map[string]refusal{}
	for _, c := range contacts {
		address := strings.ToLower(c.Address)
		m, known := ours[address]
		if !c.Refuses || !known {
			continue
		}
		reason, err := s.contacts.WhyRefuses(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("ask why a contact refuses campaigns: %w", err)
		}
		found[address] = refusal{c.ID, m.why(reason)}
	}
	return found, nil
}

// decideUnblocks lifts what no person wanted, by the remedy of each source. Who complained, or wants
// no transactional mail, receives nothing more; who only left the campaigns still receives the rest.
func decideUnblocks(members []working, blocks []Block, refusing map[string]refusal, today clock.Day) job.Plan {
	plan := job.Plan{Population: len(members)}
	blocked := byAddress(blocks)
	for _, m := range members {
		block, isBlocked := blocked[m.Address]
		refused, refuses := refusing[m.Address]
		mails := isBlocked && Liftable(block.Reason) && (!refuses || refused.reason != complaint)
		news := refuses && Liftable(refused.reason) && (!isBlocked || Liftable(block.Reason))
		if mails {
			plan.Actions = append(plan.Actions, unblockAction(m, today, transactional, block.At.UTC().Format(time.RFC3339),
				"mails bloqués chez Brevo le "+clock.DayOf(block.At).French()+" ("+sayReason(block.Reason)+")"))
		}
		if news {
			plan.Actions = append(plan.Actions, unblockAction(m, today, campaigns, refused.contact, "campagnes bloquées chez Brevo ("+sayReason(refused.reason)+")"))
		}
		if isBlocked && !mails || refuses && !news {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: "ne veut plus recevoir, ou motif inconnu : on n’y touche pas"})
		}
	}
	return plan
}

// complaint is the reason of who flagged one of our mails as spam.
const complaint = "contactFlaggedAsSpam"

// byAddress keeps one block for each address: one that somebody wanted before any other, then the latest.
func byAddress(blocks []Block) map[string]Block {
	kept := map[string]Block{}
	for _, b := range blocks {
		address := strings.ToLower(b.Address)
		before, seen := kept[address]
		wished, already := !Liftable(b.Reason), !Liftable(before.Reason)
		if !seen || wished && !already || wished == already && b.At.After(before.At) {
			kept[address] = b
		}
	}
	return kept
}

// sayReason says a reason in French.
func sayReason(reason string) string {
	if reason == "hardBounce" {
		return "boîte introuvable ce jour-là"
	}
	return "bloquée par un administrateur"
}

func unblockAction(m working, today clock.Day, kind, cause, reason string) job.Action {
	return job.Action{
		Key: job.Key(unblockJob, m.ID, kind+"/"+cause), Mode: job.State, Job: unblockJob, Verb: "débloquer", Subject: m.ID, Label: m.Username,
		Reason: reason, Args: job.EncodeArgs(blockArgs{job.PlanDay{Day: today}, kind}), Actor: "system",
	}
}

func (s *Service) applyUnblock(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[blockArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read what to unblock: %w", err)
	}
	m, end, err := s.stillWorking(ctx, a)
	if err != nil || end != "" {
		return job.Outcome{Moot: end}, err
	}
	reason, err := s.whyNow(ctx, m, args.Kind)
	switch {
	case err != nil:
		return job.Outcome{}, fmt.Errorf("ask why %s is blocked: %w", m.Username, err)
	case reason == "":
		return job.Moot("plus bloquée, ou motif inconnu"), nil
	case !Liftable(reason):
		return job.Moot("ne veut plus recevoir : on n’y touche pas"), nil
	}
	if err := s.lift(ctx, m.Address, args.Kind); err != nil {
		return job.Outcome{}, fmt.Errorf("unblock %s: %w", m.Username, err)
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return audit.Write(ctx, tx, audit.Event{
			At: s.clock.Now(), Actor: actorOf(a), Code: CodeUnblocked, Member: m.ID, Subject: m.Username, Reason: a.Reason,
			Before: map[string]string{"kind": args.Kind, "reason": reason}, After: map[string]string{"email": m.Address},
		})
	}), nil
}

// stillWorking reads a member again; the second value, when not empty, says why there is nothing to
// unblock any more.
func (s *Service) stillWorking(ctx context.Context, a job.Action) (working, string, error) {
	day, err := job.JudgedOn(a, clock.Today(s.clock))
	if err != nil {
		return working{}, "", err
	}
	rows, err := postgres.All[working](ctx, s.db, workingQuery+`
	  AND member.id = $3`, day, s.config.Domain, a.Subject)
	if err != nil {
		return working{}, "", fmt.Errorf("read the member again: %w", err)
	}
	if len(rows) == 0 {
		return working{}, "adresse plus en service", nil
	}
	return rows[0], "", nil
}

// whyNow asks again for the reason of a block; "" when there is none any more.
func (s *Service) whyNow(ctx context.Context, m working, kind string) (string, error) {
	if kind == campaigns {
		reason, err := s.contacts.WhyRefuses(ctx, m.Address)
		return m.why(reason), err
	}
	blocks, err := s.contacts.Blocks(ctx)
	if err != nil {
		return "", err
	}
	return byAddress(blocks)[m.Address].Reason, nil
}

func (s *Service) lift(ctx context.Context, address, kind string) error {
	if kind == campaigns {
		return s.contacts.AllowCampaigns(ctx, address)
	}
	return s.contacts.LiftBlock(ctx, address)
}
