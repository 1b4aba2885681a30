package mailbox

import (
	"context"
	"fmt"
)

// A copy of the mails that leave stays in a mailbox through one more redirection, from the address
// to itself, which serves all the others together and survives them. People see it as a setting
// of their mailbox, never as a redirection.

// ownCopy stands, in the history, for that redirection.
const ownCopy = "copie dans la boîte"

// KeepsCopy tells that a redirection only keeps a copy in the mailbox.
func (r Redirection) KeepsCopy() bool { return r.From == r.To }

// apart separates the redirections of an address from what keeps a copy.
func apart(list []Redirection) (leaving, copies []Redirection) {
	for _, r := range list {
		if r.KeepsCopy() {
			copies = append(copies, r)
		} else {
			leaving = append(leaving, r)
		}
	}
	return leaving, copies
}

// dropCopies makes a mailbox keep no copy any more.
func (s *SelfService) dropCopies(ctx context.Context, m waiting, copies []Redirection) error {
	for _, r := range copies {
		if err := s.room.provider.RemoveRedirection(ctx, r.ID); err != nil {
			return fmt.Errorf("keep no copy in the mailbox of %s: %w", m.Username, err)
		}
	}
	return nil
}

// inPlace says why a redirection that exists is not made again; "" when something is to be done
// or was done by an earlier attempt, whose answer was lost.
func inPlace(asked redirectArgs, copies, again bool) string {
	switch {
	case asked.Copy && !copies:
		return "Cette redirection est déjà en place, sans copie dans la boîte. Pour garder une copie, supprime-la puis recrée-la en cochant la case."
	case again || !asked.Copy && copies:
		return ""
	case copies:
		return "Cette redirection existe déjà, et une copie reste dans la boîte."
	}
	return "Cette redirection existe déjà, sans copie dans la boîte."
}
