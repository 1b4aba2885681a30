package mailbox

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

// codePassword is the event of a password that changed; it holds no value.
const codePassword audit.Code = "MEMBER_PASSWORD_UPDATED"

// PasswordRule is one line of the rule of passwords: the sentence that people read, and the
// check of that very sentence.
type PasswordRule struct {
	Text  string // French, after "Il faut :"
	Holds func(password string, names []string) bool
}

// The bounds of a password, in characters: what every plan of the vendor takes.
const (
	PasswordMin = 14
	PasswordMax = 30
)

// PasswordRules is the one rule of passwords, shown and checked alike.
func PasswordRules() []PasswordRule {
	return []PasswordRule{
		{fmt.Sprintf("entre %d et %d caractères", PasswordMin, PasswordMax), func(p string, _ []string) bool {
			n := utf8.RuneCountInString(p)
			return n >= PasswordMin && n <= PasswordMax
		}},
		{"au moins une minuscule", func(p string, _ []string) bool { return strings.ContainsFunc(p, isLower) }},
		{"au moins une majuscule", func(p string, _ []string) bool { return strings.ContainsFunc(p, isUpper) }},
		{"au moins un caractère spécial, par exemple ! # % + ou -", func(p string, _ []string) bool { return strings.ContainsFunc(p, isSpecial) }},
		{"une lettre ou un chiffre au début et à la fin", func(p string, _ []string) bool {
			return p == "" || isPlain(rune(p[0])) && isPlain(rune(p[len(p)-1]))
		}},
		{"seulement des lettres sans accent, des chiffres, des espaces et des caractères spéciaux du clavier", func(p string, _ []string) bool {
			return !strings.ContainsFunc(p, func(c rune) bool { return c < ' ' || c > '~' })
		}},
		{"ni prénom, ni nom, ni identifiant", func(p string, names []string) bool {
			p = strings.ToLower(p)
			for _, name := range names {
				if strings.Contains(p, name) {
					return false
				}
			}
			return true
		}},
	}
}

func isLower(c rune) bool   { return c >= 'a' && c <= 'z' }
func isUpper(c rune) bool   { return c >= 'A' && c <= 'Z' }
func isDigit(c rune) bool   { return c >= '0' && c <= '9' }
func isPlain(c rune) bool   { return isLower(c) || isUpper(c) || isDigit(c) }
func isSpecial(c rune) bool { return c > ' ' && c <= '~' && !isPlain(c) }

// namesIn are the parts of a username that a password may not hold: those of three characters
// or more, and the whole.
func namesIn(username string) []string {
	names := []string{strings.ToLower(username)}
	for _, part := range strings.FieldsFunc(strings.ToLower(username), func(c rune) bool { return !isPlain(c) }) {
		if len(part) >= 3 {
			names = append(names, part)
		}
	}
	return names
}

// CheckPassword holds a password against the rule, for the account of a username: nil, or the
// Invalid fault of field new_password that says all that lacks. It never holds the password.
func CheckPassword(password, username string) error {
	if password == "" {
		return fault.Field(PasswordField, "Saisis un mot de passe.")
	}
	var unmet []string
	for _, rule := range PasswordRules() {
		if !rule.Holds(password, namesIn(username)) {
			unmet = append(unmet, rule.Text)
		}
	}
	if len(unmet) == 0 {
		return nil
	}
	return fault.Field(PasswordField, "Ce mot de passe ne convient pas. Il faut : "+strings.Join(unmet, " ; ")+".")
}

// PasswordField is the name of the password in forms.
const PasswordField = "new_password"

// Strength is how long a password would resist.
type Strength string

// The strengths of passwords that respect the rule.
const (
	Weak   Strength = "faible"
	Fair   Strength = "bonne"
	Strong Strength = "très bonne"
)

// StrengthOf estimates a password by the number of different characters, the kinds, and what
// follows its neighbour (abcd, 1234, aaaa). It is told to its owner, not enforced.
func StrengthOf(password string) Strength {
	distinct, kinds, easy := map[rune]bool{}, map[int]bool{}, 0
	last := rune(-10)
	for _, c := range password {
		distinct[c] = true
		kinds[kindOf(c)] = true
		if step := c - last; step >= -1 && step <= 1 {
			easy++
		}
		last = c
	}
	score := len(distinct) + 2*len(kinds) - 2*easy
	switch {
	case score >= 20:
		return Strong
	case score >= 14:
		return Fair
	}
	return Weak
}

func kindOf(c rune) int {
	switch {
	case isLower(c):
		return 0
	case isUpper(c):
		return 1
	case isDigit(c):
		return 2
	}
	return 3
}

// passwordArgs is what an action may show of a password.
type passwordArgs struct {
	Strength Strength `json:"strength"`
}

// ChangePassword records that a member chose a password: Invalid on field new_password when the
// rule refuses it, Conflict when there is no mailbox to open with it.
func (s *SelfService) ChangePassword(ctx context.Context, d Demand, password string) error {
	return s.ask(ctx, d, passwordName, member.UseMailbox, func(m waiting) (wish, error) {
		if err := s.openable(m); err != nil {
			return wish{}, err
		}
		if err := CheckPassword(password, m.Username); err != nil {
			return wish{}, err
		}
		return wish{
			name: passwordName, verb: "changer le mot de passe", reason: askedFromPortal,
			args: passwordArgs{StrengthOf(password)}, secret: []byte(password),
		}, nil
	})
}

// openable says why a password cannot be chosen now; nil when it can.
func (s *SelfService) openable(m waiting) error {
	if err := s.usable(m); err != nil {
		return err
	}
	switch m.Status {
	case member.StatusActive, member.StatusPasswordPending, member.StatusSuspended:
		return nil
	}
	return fault.New(fault.Conflict, "Il n’y a pas de boîte à ouvrir : demande d’abord sa création.", "address is %s", m.Status)
}

// applyPassword sets the password. A suspended address, or one that waits for it, then works.
func (s *SelfService) applyPassword(ctx context.Context, a job.Action) (job.Outcome, error) {
	m, err := s.room.reread(ctx, a.Subject)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.openable(m); err != nil {
		return job.Outcome{}, err
	}
	if s.forgotten(a) {
		return job.Moot("L’hébergeur des boîtes n’a pas répondu pendant une journée : nous avons oublié ce mot de passe. Recommence."), nil
	}
	box, err := s.theirBox(ctx, m)
	if err != nil {
		return job.Outcome{}, err
	}
	if err := s.room.provider.SetPassword(ctx, box, string(a.Secret)); err != nil {
		return job.Outcome{}, fmt.Errorf("set the password of %s: %w", m.Username, passwordRefused(err))
	}
	return job.Recorded(func(ctx context.Context, tx pgx.Tx) error { return s.recordPassword(ctx, tx, a, m) }), nil
}

// forgotten tells that the password of a demand has waited too long, sealed, for the vendor.
func (s *SelfService) forgotten(a job.Action) bool {
	return s.room.clock.Now().After(a.CreatedAt.Add(passwordLife))
}

// passwordRefused gives a refusal of the vendor words for the person.
func passwordRefused(err error) error {
	if fault.Is(err, fault.Invalid) {
		return fault.New(fault.Invalid, "L’hébergeur des boîtes refuse ce mot de passe : choisis-en un autre.", "password refused: %w", err)
	}
	return err
}

func (s *SelfService) recordPassword(ctx context.Context, tx pgx.Tx, a job.Action, m waiting) error {
	if m.Status == member.StatusSuspended || m.Status == member.StatusPasswordPending {
		err := member.Transition(ctx, tx, m.ID, member.Change{
			To: member.StatusActive, From: []member.Status{member.StatusSuspended, member.StatusPasswordPending},
			At: s.room.clock.Now(), Actor: actorOf(a), Reason: "mot de passe défini",
		})
		if err != nil {
			return fmt.Errorf("record that the address of %s works: %w", m.Username, err)
		}
	}
	if err := s.event(ctx, tx, a, codePassword, "", nil, nil); err != nil {
		return err
	}
	return s.tell(ctx, tx, a, by(a)+" a changé le mot de passe de "+whose(a)+".")
}
