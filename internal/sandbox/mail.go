package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// Mail is one caught mail.
type Mail struct {
	ID         int       `json:"id"`
	From       string    `json:"from"` // bare address
	FromName   string    `json:"from_name,omitempty"`
	To         string    `json:"to"` // bare address; several recipients of one message are separated by ", "
	ReplyTo    string    `json:"reply_to,omitempty"`
	Subject    string    `json:"subject"`
	Text       string    `json:"text"`
	HTML       string    `json:"html"`
	MessageID  string    `json:"message_id"` // without angle brackets
	ReceivedAt time.Time `json:"received_at"`
	Bounced    bool      `json:"bounced,omitempty"` // accepted, then returned to its sender: nobody reads it
	// Headers are the others, decoded, by name as written by net/textproto.
	Headers map[string]string `json:"headers,omitempty"`
}

// mailbox holds the caught mails; a mail is in its file before it is acknowledged.
type mailbox struct {
	mu    sync.Mutex
	mails []Mail // oldest first
	next  int
	sink  truncater
}

// truncater is the part of *os.File that a mailbox needs.
type truncater interface {
	io.Writer
	Truncate(size int64) error
}

func newMailbox(mails []Mail, sink truncater) *mailbox {
	box := &mailbox{mails: mails, sink: sink}
	for _, m := range mails {
		box.next = max(box.next, m.ID)
	}
	return box
}

func (b *mailbox) add(m Mail) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	m.ID = b.next
	if b.sink != nil {
		line, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode caught mail: %w", err)
		}
		if _, err := b.sink.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write caught mail: %w", err)
		}
	}
	b.mails = append(b.mails, m)
	return nil
}

func (b *mailbox) list() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	newest := slices.Clone(b.mails)
	slices.Reverse(newest)
	return newest
}

func (b *mailbox) one(id int) (Mail, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := slices.IndexFunc(b.mails, func(m Mail) bool { return m.ID == id })
	if at < 0 {
		return Mail{}, false
	}
	return b.mails[at], true
}

func (b *mailbox) clear() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = nil
	if b.sink == nil {
		return nil
	}
	if err := b.sink.Truncate(0); err != nil {
		return fmt.Errorf("forget caught mails: %w", err)
	}
	return nil
}

// selected keeps the mails of a recipient ("" for all), at most limit of them (0 for all).
func selected(mails []Mail, to string, limit int) []Mail {
	if to != "" {
		mails = slices.DeleteFunc(mails, func(m Mail) bool { return !strings.Contains(strings.ToLower(m.To), strings.ToLower(to)) })
	}
	if limit > 0 && len(mails) > limit {
		mails = mails[:limit]
	}
	return mails
}
