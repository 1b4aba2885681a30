package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"regexp"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail"
	gomaillog "github.com/wneessen/go-mail/log"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// refused turns the library's error into a fault. Answers 4xx and broken connections can be tried
// again, answers 5xx to the message cannot. Only a connection that broke after the final dot left
// whole makes the answer lost.
func refused(err error, wire *wire) error {
	step, code := stepAndCode(err)
	cause := errors.New(redact(fmt.Sprintf("smtp: %s: %s", step, brief(err, code))))
	switch {
	case code >= 500 && aboutAddress(step, enhanced(err)):
		return AddressRefused(Refusal{Code: code, Status: enhanced(err)}, cause)
	case code >= 500 && step != stepConnect:
		return &fault.Error{Kind: fault.Invalid, Public: "Le serveur de messagerie a refusé ce message.", Cause: cause}
	}
	return &fault.Error{
		Kind: fault.Unavailable, Public: "Le serveur de messagerie ne répond pas.", Cause: cause,
		AnswerLost: code == 0 && step == stepEnd && !wire.broken.Load(),
	}
}

// aboutAddress tells whether a refusal is of the recipient, whatever the message. Some servers look at
// the recipient only once they have the message; at RCPT, 5.7 speaks of us (relaying, policy).
func aboutAddress(step, status string) bool {
	switch step {
	case stepRecipient:
		return !strings.HasPrefix(status, "5.7.")
	case stepContent, stepEnd:
		return slices.Contains([]string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}, status)
	}
	return false
}

// Refusal is why a server refuses an address for good.
type Refusal struct {
	Code   int    // of the answer: 550 by SMTP, 400 by an API
	Status string // enhanced status of RFC 3463, "5.1.1"; or the vendor's word; may be empty
}

// AddressRefused makes the error of an address that is refused for good, whatever the message.
func AddressRefused(r Refusal, cause error) error {
	return &fault.Error{
		Kind: fault.Invalid, Public: "Cette adresse mail est refusée par le serveur de messagerie. Vérifie qu’elle existe et qu’elle est bien écrite.",
		Cause: &refusedAddress{r, cause},
	}
}

// RefusedAddress tells whether an error of a Sender says that the address itself is refused for
// good, and how.
func RefusedAddress(err error) (Refusal, bool) {
	refused, ok := errors.AsType[*refusedAddress](err)
	if !ok {
		return Refusal{}, false
	}
	return refused.Refusal, true
}

type refusedAddress struct {
	Refusal
	cause error
}

// Error gives the cause.
func (r *refusedAddress) Error() string { return r.cause.Error() }

// Unwrap gives the cause.
func (r *refusedAddress) Unwrap() error { return r.cause }

// enhanced gives the enhanced status of a refusal; "" without one.
func enhanced(err error) string {
	failure, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return ""
	}
	if status := failure.EnhancedStatusCode(); status != "" {
		return status
	}
	return regexp.MustCompile(`\b5\.\d{1,3}\.\d{1,3}\b`).FindString(failure.Error())
}

// Steps of a delivery, for errors.
const (
	stepConnect   = "connect"
	stepSender    = "sender"
	stepRecipient = "recipient"
	stepContent   = "content"
	stepEnd       = "end of message"
)

// stepAndCode tells where a delivery stopped and the server's answer; code zero without answer.
func stepAndCode(err error) (string, int) {
	var failure *gomail.SendError
	if !errors.As(err, &failure) {
		var answer *textproto.Error
		if errors.As(err, &answer) {
			return stepConnect, answer.Code
		}
		return stepConnect, 0
	}
	switch failure.Reason {
	case gomail.ErrSMTPMailFrom, gomail.ErrGetSender:
		return stepSender, failure.ErrorCode()
	case gomail.ErrSMTPRcptTo, gomail.ErrGetRcpts:
		return stepRecipient, failure.ErrorCode()
	case gomail.ErrSMTPData, gomail.ErrWriteContent, gomail.ErrNoUnencoded:
		return stepContent, failure.ErrorCode()
	case gomail.ErrSMTPDataClose:
		return stepEnd, failure.ErrorCode()
	}
	return stepConnect, failure.ErrorCode()
}

// brief keeps the server's code, or the text of a connection error.
func brief(err error, code int) string {
	if code != 0 {
		return fmt.Sprintf("the server answered %d", code)
	}
	text := err.Error()
	if len(text) > 200 {
		text = text[:200]
	}
	return text
}

func invalidRecipient() error {
	return fault.New(fault.Invalid, "L’adresse du destinataire n’est pas valable.", "mail: recipient is not a valid address")
}

// anAddress finds what looks like an e-mail address; Message-IDs too, which is harmless.
const anAddress = `[^\s<>:,;"']+@[^\s<>:,;"']+`

func redact(text string) string {
	return regexp.MustCompile(anAddress).ReplaceAllString(text, "…@…")
}

// discreet writes the library's debug lines without addresses.
type discreet struct{ log *slog.Logger }

// Debugf logs one command or answer.
func (d discreet) Debugf(l gomaillog.Log) { d.write(slog.LevelDebug, l) }

// Infof logs an information of the library.
func (d discreet) Infof(l gomaillog.Log) { d.write(slog.LevelInfo, l) }

// Warnf logs a warning of the library.
func (d discreet) Warnf(l gomaillog.Log) { d.write(slog.LevelWarn, l) }

// Errorf logs an error of the library.
func (d discreet) Errorf(l gomaillog.Log) { d.write(slog.LevelError, l) }

func (d discreet) write(level slog.Level, l gomaillog.Log) {
	direction := "answer"
	if l.Direction == gomaillog.DirClientToServer {
		direction = "command"
	}
	d.log.Log(context.Background(), level, "smtp", "direction", direction, "line", redact(fmt.Sprintf(l.Format, l.Messages...)))
}
