package mailbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// closed tells whether a departure closed the address without deleting it.
func (m waiting) closed() bool {
	return m.Status == member.StatusSuspended || m.Status == member.StatusExpired
}

// addReturns adds to a plan of activations the addresses that a departure closed and whose
// owner is active again.
func (s *Service) addReturns(ctx context.Context, today clock.Day, plan *job.Plan) error {
	rows, err := s.inStatus(ctx, today, member.StatusSuspended, member.StatusExpired)
	if err != nil {
		return fmt.Errorf("list the closed addresses: %w", err)
	}
	for _, m := range rows {
		if !m.Active || m.Redirection && s.ours(m.Primary) { // a redirection is redirectionCreationJob's
			continue
		}
		plan.Population++
		actions, why := s.returnOf(m)
		plan.Actions = append(plan.Actions, actions...)
		if why != "" {
			plan.Skipped = append(plan.Skipped, job.Skip{Subject: m.ID, Label: m.Username, Reason: why})
		}
	}
	return nil
}

// returnArgs marks the message of a return; it also keeps the two messages apart.
type returnArgs struct {
	Back bool `json:"back"`
}

// returnOf wants an address back, and the message that tells it; else, or besides, it says in
// French what is not done.
func (s *Service) returnOf(m waiting) (actions []job.Action, why string) {
	switch {
	case m.Primary == "":
		return nil, "de retour, mais sans adresse principale"
	case !s.ours(m.Primary):
		return []job.Action{activateAction(m, "rétablir", "de retour, adresse extérieure de nouveau active")}, ""
	}
	actions = []job.Action{activateAction(m, "rétablir", "de retour, adresse suspendue à rouvrir, mot de passe à définir")}
	if m.Secondary == "" {
		return actions, "pas d’adresse secondaire : pas de message de retour"
	}
	letter := welcomeAction(m, job.Key(activationJob, m.ID, cause(m.StatusChangedAt)+"/secondary"))
	letter.Reason, letter.Args = "prévenir à l’adresse secondaire que l’adresse est rétablie", job.EncodeArgs(returnArgs{true})
	return append(actions, letter), ""
}

// comeBack gives a closed address back. A mailbox that OVH no longer has is ordered again.
func (s *Service) comeBack(ctx context.Context, a job.Action, m waiting) (job.Outcome, error) {
	change := member.Change{
		To: member.StatusActive, From: []member.Status{member.StatusSuspended, member.StatusExpired}, Reason: "retour : adresse extérieure de nouveau active",
	}
	switch {
	case m.Primary == "":
		return job.Moot("plus d’adresse principale"), nil
	case !s.ours(m.Primary):
		return s.enlist(ctx, a, m, []List{Newsletter}, change)
	case m.Redirection:
		return job.Moot("une redirection se recrée : redirectionCreationJob s’en charge"), nil
	}
	_, err := s.provider.Find(ctx, localPart(m.Primary))
	switch {
	case fault.Is(err, fault.NotFound):
		return s.orderAgain(ctx, a, m)
	case err != nil:
		return job.Outcome{}, fmt.Errorf("look for the mailbox of %s: %w", m.Username, err)
	}
	change.To, change.Reason = member.StatusPasswordPending, "retour : boîte rouverte, mot de passe à définir"
	return s.enlist(ctx, a, m, []List{Newsletter}, change)
}

// orderAgain orders the mailbox of somebody who came back and whose own has disappeared.
func (s *Service) orderAgain(ctx context.Context, a job.Action, m waiting) (job.Outcome, error) {
	if _, err := s.ensureBox(ctx, m); err != nil {
		return job.Outcome{}, fmt.Errorf("create the mailbox of %s again: %w", m.Username, err)
	}
	if err := s.stopForwarding(ctx, m, s.mailboxAddress(m.Username)); err != nil {
		return job.Outcome{}, err
	}
	o := s.boxAgain()
	o.from = []member.Status{member.StatusSuspended, member.StatusExpired}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		return s.record(ctx, tx, a, m, o, "retour : boîte disparue de chez OVH, recréée")
	}), nil
}
