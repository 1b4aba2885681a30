package mailbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// codeUpgraded is the event of a mailbox that changed plan.
const codeUpgraded audit.Code = "MEMBER_EMAIL_UPGRADED"

// upgradeArgs says whether nobody knows the new password.
type upgradeArgs struct {
	Drawn bool `json:"drawn"`
}

// UpgradeMailbox records that an administrator wants an MX mailbox moved to the Pro plan. The
// mailbox then opens with the password given; without one, its owner must choose a new one.
func (s *SelfService) UpgradeMailbox(ctx context.Context, d Demand, password string) error {
	return s.ask(ctx, d, upgradeName, member.UpgradeMailbox, func(m waiting) (wish, error) {
		if err := s.openable(m); err != nil {
			return wish{}, err
		}
		if password != "" {
			if err := CheckPassword(password, m.Username); err != nil {
				return wish{}, err
			}
		}
		w := wish{
			name: upgradeName, verb: "passer à l’offre Pro", reason: askedFromPortal,
			args: upgradeArgs{password == ""}, secret: []byte(password),
		}
		if password == "" {
			w.secret = []byte(drawPassword(m.Username))
		}
		return w, nil
	})
}

// drawPassword draws a password that respects the rule.
func drawPassword(username string) string {
	const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	for {
		text := make([]byte, 24)
		for i := range text {
			text[i] = letters[pick(len(letters))]
		}
		text[8], text[16] = '-', '-'
		if CheckPassword(string(text), username) == nil {
			return string(text)
		}
	}
}

// pick draws a number from 0 to n-1, each as likely.
func pick(n int) int {
	drawn, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil { // the system's source does not fail
		panic(err)
	}
	return int(drawn.Int64())
}

func (s *SelfService) applyUpgrade(ctx context.Context, a job.Action) (job.Outcome, error) {
	args, err := job.DecodeArgs[upgradeArgs](a)
	if err != nil {
		return job.Outcome{}, fmt.Errorf("read the demand: %w", err)
	}
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.openable(m); err != nil {
		return job.Outcome{}, err
	}
	box, err := s.theirBox(ctx, m)
	moved := err == nil && box.Plan == PlanPro && a.Attempt > 1 // only the answer was lost
	if s.forgotten(a) && !moved {
		return job.Moot("L’hébergeur des boîtes n’a pas répondu pendant une journée : nous avons oublié le mot de passe provisoire. " +
			"Regarde si la boîte a changé d’offre, et recommence sinon."), nil
	}
	if err != nil {
		return job.Outcome{}, err
	}
	if box.Plan != PlanBasic && !moved {
		return job.Moot("Cette boîte n’est pas d’offre MX Plan : elle ne change pas d’offre ici (" + label(box.Plan) + ")."), nil
	}
	if err := s.moveToPro(ctx, a, box); err != nil {
		return job.Outcome{}, err
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordUpgraded(ctx, tx, a, m, args.Drawn) }), nil
}

// moveToPro upgrades a mailbox. No free account is told to those who can order one.
func (s *SelfService) moveToPro(ctx context.Context, a job.Action, box Box) error {
	if box.Plan == PlanPro {
		return nil
	}
	err := s.room.provider.Upgrade(ctx, box.Local, string(a.Secret))
	if fault.Is(err, fault.Conflict) {
		_, err = s.noneLeft(ctx, a, PlanPro, err)
	}
	if err != nil {
		return fmt.Errorf("upgrade the mailbox of %s: %w", a.Label, passwordRefused(err))
	}
	return nil
}

// recordUpgraded tells the change of plan; a password that nobody knows is to be chosen again.
func (s *SelfService) recordUpgraded(ctx context.Context, tx pgx.Tx, a job.Action, m waiting, drawn bool) error {
	if drawn && m.Status == member.StatusActive {
		err := member.Transition(ctx, tx, m.ID, member.Change{
			To: member.StatusPasswordPending, From: []member.Status{member.StatusActive}, At: s.room.clock.Now(), Actor: actorOf(a),
			Reason: "boîte passée à l’offre Pro : mot de passe à choisir",
		})
		if err != nil {
			return fmt.Errorf("record the upgrade of %s: %w", m.Username, err)
		}
	}
	if drawn {
		if err := s.warn(ctx, tx, m, formOf(a.Key), noticeArgs{Subject: Upgraded, By: by(a)}, Secondary); err != nil {
			return err
		}
	}
	err := s.event(ctx, tx, a, codeUpgraded, "", map[string]Plan{"plan": PlanBasic}, map[string]Plan{"plan": PlanPro})
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by(a)+" a passé "+whose(a)+" à l’offre Pro.")
}
