// Package fault is the vocabulary of errors: a kind that decides the HTTP status or the
// retry, a French sentence that may be shown to anyone, and an English cause for the log.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind classifies an error by what its reader can do about it.
type Kind int

// The kinds. Anything that is not a fault.Error is Internal.
const (
	Internal    Kind = iota // our mistake
	Invalid                 // the request is wrong: 422, never retried as is
	NotFound                // absent: 404
	Forbidden               // refused by a right: 403
	Conflict                // contradicts what exists: 409
	Unavailable             // a vendor or the database is down, slow or limits us: 503, retried
)

var kindNames = map[Kind]string{
	Internal: "internal", Invalid: "invalid", NotFound: "not_found",
	Forbidden: "forbidden", Conflict: "conflict", Unavailable: "unavailable",
}

// String gives the English word of the kind, for logs and metrics.
func (k Kind) String() string { return kindNames[k] }

// Error carries a kind, a public French sentence and a private cause.
type Error struct {
	Kind   Kind
	Public string            // French, safe to show; may be empty
	Fields map[string]string // form field -> French message, for Invalid
	// RetryAfter is how long the vendor asked us to wait (Unavailable only); zero means unknown.
	RetryAfter time.Duration
	// AnswerLost says that the request left but no answer came back: its effect is unknown.
	AnswerLost bool
	Cause      error
}

// Error gives the private English text.
func (e *Error) Error() string {
	switch {
	case e.Cause != nil:
		return e.Cause.Error()
	case e.Public != "":
		return e.Kind.String() + ": " + e.Public
	}
	return e.Kind.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// New makes an error of a kind with a public sentence and a formatted private cause (%w works).
func New(kind Kind, public, format string, args ...any) error {
	return &Error{Kind: kind, Public: public, Cause: fmt.Errorf(format, args...)}
}

// Field is the Invalid error of one form field.
func Field(name, message string) error {
	return &Error{
		Kind: Invalid, Public: message, Fields: map[string]string{name: message},
		Cause: fmt.Errorf("invalid field %s", name),
	}
}

// Fields is the Invalid error of several form fields; nil when there are none.
func Fields(messages map[string]string) error {
	if len(messages) == 0 {
		return nil
	}
	return &Error{
		Kind: Invalid, Public: "Certains champs sont à corriger.", Fields: messages,
		Cause: fmt.Errorf("%d invalid fields", len(messages)),
	}
}

// KindOf tells the kind of any error; Internal when it is not a fault.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is tells whether an error is of a kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Public gives the French sentence of an error, or "" when it has none.
func Public(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Public
	}
	return ""
}

// FieldMessages gives the messages by form field of an Invalid error; nil when it has none.
func FieldMessages(err error) map[string]string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// RetryAfter tells how long a vendor asked us to wait; zero when it did not say.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// AnswerLost tells whether the request may have had its effect although no answer came.
func AnswerLost(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.AnswerLost
}
