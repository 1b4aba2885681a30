// Package offboardingmail is the letters of the offboarding room: before and after the last day of
// a mission, the missing secondary address, and the request to stay longer.
package offboardingmail

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// Links are the addresses that letters lead to.
type Links struct {
	Portal string                        // the portal's address, without final slash
	Leave  func(member uuid.UUID) string // signed address that refuses the members' list; nil: no such link
	Offers string                        // page of the public site with the offers of the community; empty: beta.gouv.fr's
}

func (l Links) extension() string { return l.Portal + "/account/extension" }
func (l Links) account() string   { return l.Portal + "/account" }

// leave is the way out of the members' list for somebody; nil when there is none.
func (l Links) leave(member uuid.UUID) *mail.Leave {
	if l.Leave == nil {
		return nil
	}
	return mail.LeaveMembersList(l.Leave(member))
}

// Letters sends the room's letters.
type Letters struct {
	sender mail.Sender
	links  Links
}

var _ offboarding.Letters = Letters{}

// New sends through a sender.
func New(sender mail.Sender, links Links) Letters {
	links.Portal = strings.TrimRight(links.Portal, "/")
	if links.Offers == "" {
		links.Offers = "https://beta.gouv.fr/recrutement/"
	}
	return Letters{sender, links}
}

// Notice implements offboarding.Letters.
func (l Letters) Notice(ctx context.Context, key, to string, n offboarding.Notice) error {
	return l.send(ctx, key, to, Notice(n, l.links))
}

// SecondaryMissing implements offboarding.Letters.
func (l Letters) SecondaryMissing(ctx context.Context, key, to string, m offboarding.MissingLetter) error {
	return l.send(ctx, key, to, SecondaryMissing(m, l.links))
}

// ExtensionAsked implements offboarding.Letters.
func (l Letters) ExtensionAsked(ctx context.Context, key, to string, a offboarding.AskedLetter) error {
	return l.send(ctx, key, to, ExtensionAsked(a, l.links))
}

// ExtensionAnswered implements offboarding.Letters.
func (l Letters) ExtensionAnswered(ctx context.Context, key, to string, a offboarding.AnsweredLetter) error {
	return l.send(ctx, key, to, ExtensionAnswered(a, l.links))
}

func (l Letters) send(ctx context.Context, key, to string, letter mail.Letter) error {
	message, err := letter.Message(key, to)
	if err != nil {
		return fmt.Errorf("write a letter: %w", err)
	}
	return l.sender.Send(ctx, message)
}
