package mailbox

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// TargetField is the name of the target of a redirection in forms.
const TargetField = "to_email"

// plainRedirections says which plan has redirections.
const plainRedirections = "Les redirections"

type redirectArgs struct {
	To   string `json:"to"`
	Copy bool   `json:"copy"`
}

type unredirectArgs struct {
	ID string `json:"id"` // the vendor's
	To string `json:"to"`
}

// CreateRedirection records that the owner of a mailbox wants its mails sent to another address;
// keepCopy leaves them in the mailbox too, which goes for all its redirections. Invalid on field
// to_email when that cannot be.
func (s *SelfService) CreateRedirection(ctx context.Context, d Demand, target string, keepCopy bool) error {
	return s.ask(ctx, d, redirectName, member.UseMailbox, func(m waiting) (wish, error) {
		if err := s.usable(m); err != nil {
			return wish{}, err
		}
		to, err := s.checkTarget(m, target)
		if err != nil {
			return wish{}, err
		}
		return wish{name: redirectName, verb: "rediriger", reason: askedFromPortal, args: redirectArgs{to, keepCopy}}, nil
	})
}

// checkTarget gives the stored form of a target that a mailbox may be redirected to.
func (s *SelfService) checkTarget(m waiting, target string) (string, error) {
	to := member.NormalizeAddress(target)
	switch {
	case to == "":
		return "", fault.Field(TargetField, "Saisis l’adresse où recevoir tes mails.")
	case !wellFormed(to):
		return "", fault.Field(TargetField, "Saisis une adresse au bon format, par exemple prenom.nom@exemple.fr, sans accent.")
	case to == m.Primary, to == s.room.mailboxAddress(m.Username), to == s.room.redirectionAddress(m.Username):
		return "", fault.Field(TargetField, "C’est l’adresse de cette boîte : elle ne peut pas être redirigée vers elle-même.")
	}
	return to, nil
}

// wellFormed accepts what may be an address, in plain ASCII: look-alike letters of other
// alphabets would send somebody's mail to a stranger.
func wellFormed(address string) bool {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 || strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return false
	}
	local, domain, _ := strings.Cut(address, "@")
	return len(local) <= 64 && !strings.ContainsAny(local, `"(),:;<>[\]`) && hostname(domain)
}

// hostname accepts a domain name of at least two labels.
func hostname(domain string) bool {
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(c rune) bool { return !isPlain(c) && c != '-' }) {
			return false
		}
	}
	return len(labels) >= 2
}

// applyRedirect makes the redirection, unless its mails would come back, and lets the mailbox keep
// a copy or none, as asked last.
func (s *SelfService) applyRedirect(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[redirectArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the demand: %w", err)
	}
	m, _, err := s.redirectable(ctx, a)
	if err != nil {
		return job.Outcome{}, err
	}
	existing, err := s.room.provider.Redirections(ctx, m.Primary)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the redirections of %s: %w", m.Username, err)
	}
	leaving, copies := apart(existing)
	if leadsTo(leaving, args.To) {
		if why := inPlace(args, len(copies) > 0, a.Attempt > 1); why != "" {
			return job.Moot(why), nil
		}
	} else if err := s.redirectOnce(ctx, m, args); err != nil {
		return job.Outcome{}, err
	}
	if !args.Copy {
		if err := s.dropCopies(ctx, m, copies); err != nil {
			return job.Outcome{}, err
		}
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		value := map[string]any{"value": m.public(args.To), "copy": args.Copy}
		if err := s.event(ctx, tx, a, codeRedirection, "", nil, value); err != nil {
			return err
		}
		return s.tell(ctx, tx, a, by(a)+" a redirigé "+whose(a)+" vers une autre adresse.")
	}), nil
}

func (s *SelfService) redirectOnce(ctx context.Context, m waiting, args redirectArgs) error {
	if err := s.refuseLoop(ctx, m.Primary, args.To); err != nil {
		return err
	}
	if err := s.room.provider.Redirect(ctx, m.Primary, args.To, args.Copy); err != nil {
		return fmt.Errorf("redirect the mailbox of %s: %w", m.Username, err)
	}
	return nil
}

// public is a target as the history tells it: the private address of the member stays out.
func (m waiting) public(target string) string {
	switch target {
	case m.Secondary:
		return toSecondary
	case m.Primary, "":
		return ownCopy
	}
	return target
}

// redirectable reads the owner of an action again, with their MX mailbox.
func (s *SelfService) redirectable(ctx context.Context, a job.Action) (waiting, Box, error) {
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return m, Box{}, err
	}
	if err := s.usable(m); err != nil {
		return m, Box{}, err
	}
	box, err := s.basicBox(ctx, m, plainRedirections)
	return m, box, err
}

// How far redirections are followed before one more is accepted.
const (
	loopDepth = 5
	loopReads = 20
)

// refuseLoop follows the redirections of our domain from a target: those that lead back to the
// origin would send the same mail round and round.
func (s *SelfService) refuseLoop(ctx context.Context, from, to string) error {
	seen, reads := map[string]bool{}, 0
	next := []string{to}
	for depth := 0; depth < loopDepth && len(next) > 0; depth++ {
		var further []string
		for _, address := range next {
			if address == from {
				return fault.New(fault.Conflict, "Cette adresse est elle-même redirigée vers la tienne : les mails tourneraient en rond.", "redirection loops")
			}
			if seen[address] || !s.room.ours(address) || reads >= loopReads {
				continue
			}
			seen[address], reads = true, reads+1
			list, err := s.room.provider.Redirections(ctx, address)
			if err != nil {
				return fmt.Errorf("follow a redirection: %w", err)
			}
			for _, r := range list {
				further = append(further, r.To)
			}
		}
		next = further
	}
	return nil
}

// DeleteRedirection records that the owner of a mailbox wants a redirection removed. id is the
// vendor's; whether it is theirs is checked when it is removed. Without target it is the one that
// keeps a copy in the mailbox, which goes besides with the last of the others.
func (s *SelfService) DeleteRedirection(ctx context.Context, d Demand, id, target string) error {
	return s.ask(ctx, d, unredirectName, member.UseMailbox, func(m waiting) (wish, error) {
		if err := s.usable(m); err != nil {
			return wish{}, err
		}
		if id == "" || len(id) > 100 || len(target) > 254 {
			return wish{}, fault.New(fault.Invalid, "Choisis la redirection à supprimer.", "no redirection chosen")
		}
		return wish{
			name: unredirectName, verb: "supprimer la redirection", reason: askedFromPortal,
			args: unredirectArgs{id, member.NormalizeAddress(target)},
		}, nil
	})
}

func (s *SelfService) applyUnredirect(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[unredirectArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the demand: %w", err)
	}
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.usable(m); err != nil {
		return job.Outcome{}, err
	}
	theirs, err := s.room.provider.Redirections(ctx, m.Primary)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the redirections of %s: %w", m.Username, err)
	}
	i := slices.IndexFunc(theirs, func(r Redirection) bool { return r.ID == args.ID })
	switch {
	case i < 0 && a.Attempt <= 1: // at a later attempt it is gone because we removed it
		return job.Moot("Cette redirection n’existe pas, ou n’existe plus."), nil
	case i >= 0:
		args.To = theirs[i].To
		if err := s.room.provider.RemoveRedirection(ctx, args.ID); err != nil {
			return job.Outcome{}, fmt.Errorf("remove a redirection of %s: %w", m.Username, err)
		}
		theirs = slices.Delete(theirs, i, i+1)
	}
	if leaving, copies := apart(theirs); len(leaving) == 0 {
		if err := s.dropCopies(ctx, m, copies); err != nil {
			return job.Outcome{}, err
		}
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error {
		if err := s.event(ctx, tx, a, codeRedirectionDeleted, "", told(m.public(args.To)), nil); err != nil {
			return err
		}
		return s.tell(ctx, tx, a, by(a)+" a supprimé une redirection de "+whose(a)+".")
	}), nil
}
