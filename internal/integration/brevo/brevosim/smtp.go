package brevosim

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// window reads limit and offset; the answer is a refusal when they are out of range.
func window(r *http.Request, usual, most int) (limit, offset int, bad answer, ok bool) {
	limit = usual
	query := r.URL.Query()
	for name, into := range map[string]*int{"limit": &limit, "offset": &offset} {
		if text := query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return 0, 0, invalid("Invalid value for %s", name), false
			}
			*into = n
		}
	}
	if limit > most {
		return 0, 0, refuse(http.StatusBadRequest, "out_of_range", "Limit exceeds max value"), false
	}
	return limit, offset, answer{}, true
}

func cut[T any](all []T, limit, offset int) []T {
	from := min(offset, len(all))
	return all[from:min(from+limit, len(all))]
}

func (s *Sim) listBlocked(r *http.Request, _ []byte) answer {
	limit, offset, bad, ok := window(r, 50, 100)
	if !ok {
		return bad
	}
	from, to, bad, ok := s.period(r)
	if !ok {
		return bad
	}
	var senders []string
	if text := r.URL.Query().Get("senders"); text != "" {
		senders = strings.Split(text, ",")
	}
	blocks := slices.Clone(s.state.Blocks)
	blocks = slices.DeleteFunc(blocks, func(b block) bool {
		day := b.BlockedAt[:len(time.DateOnly)]
		return from != "" && (day < from || day > to) || senders != nil && !slices.Contains(senders, b.Sender)
	})
	slices.SortStableFunc(blocks, func(a, b block) int { return strings.Compare(b.BlockedAt, a.BlockedAt) })
	if r.URL.Query().Get("sort") == "asc" {
		slices.Reverse(blocks)
	}
	contacts := []map[string]any{}
	for _, b := range cut(blocks, limit, offset) {
		contacts = append(contacts, map[string]any{
			"email": b.Email, "senderEmail": b.Sender, "blockedAt": b.BlockedAt,
			"reason": map[string]string{"code": b.Code, "message": explanation(b.Code)},
		})
	}
	return answer{http.StatusOK, map[string]any{"count": len(blocks), "contacts": contacts}}
}

// period reads both days or none: Brevo refuses one without the other, a future end and a
// timestamp instead of a day.
func (s *Sim) period(r *http.Request) (from, to string, bad answer, ok bool) {
	from, to = r.URL.Query().Get("startDate"), r.URL.Query().Get("endDate")
	if from == "" && to == "" {
		return "", "", answer{}, true
	}
	if from == "" || to == "" {
		return "", "", refuse(http.StatusBadRequest, "missing_parameter", "Both startDate and endDate are mandatory"), false
	}
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return "", "", invalid("Invalid date format, YYYY-MM-DD is expected"), false
		}
	}
	today := s.config.Clock.Now().Format(time.DateOnly)
	if from > to || from > today {
		return "", "", invalid("startDate must be before endDate and the current date"), false
	}
	return from, to, answer{}, true
}

func explanation(code string) string {
	switch code {
	case "hardBounce":
		return "Contact has been hard bounced"
	case "adminBlocked":
		return "Blocked by the administrator of the account"
	case "contactFlaggedAsSpam":
		return "Contact has flagged the email as spam"
	case "unsubscribedViaMA":
		return "Unsubscribed via the Marketing Automation platform"
	case "unsubscribedViaApi":
		return "Unsubscribed via the API"
	}
	return "Unsubscribed via the link of an email"
}

func (s *Sim) unblock(r *http.Request, _ []byte) answer {
	email, ok := normal(r.PathValue("email"))
	if !ok {
		return invalid("Invalid email address")
	}
	before := len(s.state.Blocks)
	s.state.Blocks = slices.DeleteFunc(s.state.Blocks, func(b block) bool { return strings.EqualFold(b.Email, email) })
	if len(s.state.Blocks) == before {
		return refuse(http.StatusNotFound, "document_not_found", "Contact does not exist in the blocked list")
	}
	return done()
}

type person struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

func (s *Sim) send(_ *http.Request, body []byte) answer {
	var in struct {
		Sender      *person           `json:"sender"`
		To          []person          `json:"to"`
		ReplyTo     *person           `json:"replyTo"`
		Subject     string            `json:"subject"`
		HTMLContent string            `json:"htmlContent"`
		TextContent string            `json:"textContent"`
		TemplateID  int               `json:"templateId"`
		Headers     map[string]string `json:"headers"`
	}
	if bad, ok := decode(body, &in); !ok {
		return bad
	}
	switch {
	case in.Sender == nil || in.Sender.Email == "":
		return refuse(http.StatusBadRequest, "missing_parameter", "sender is missing")
	case len(s.config.Senders) > 0 && !slices.Contains(s.config.Senders, in.Sender.Email):
		return invalid("Sender is invalid / inactive")
	case len(in.To) == 0:
		return refuse(http.StatusBadRequest, "missing_parameter", "to is missing")
	case in.Subject == "" && in.TemplateID == 0:
		return refuse(http.StatusBadRequest, "missing_parameter", "subject is missing")
	case in.HTMLContent == "" && in.TextContent == "" && in.TemplateID == 0:
		return refuse(http.StatusBadRequest, "missing_parameter", "either of htmlContent or textContent is required")
	}
	if bad, ok := s.firstTime(in.Headers["idempotencyKey"]); !ok {
		return bad
	}
	d := Delivery{From: in.Sender.Email, FromName: in.Sender.Name, Subject: in.Subject, Text: in.TextContent, HTML: in.HTMLContent, Headers: in.Headers}
	delete(d.Headers, "idempotencyKey")
	if in.ReplyTo != nil {
		d.ReplyTo = in.ReplyTo.Email
	}
	return s.deliver(d, in.To)
}

// keyLife is how long Brevo recognises a request by its idempotency key.
const keyLife = 30 * time.Minute

// firstTime refuses a key that was seen within its life.
func (s *Sim) firstTime(key string) (answer, bool) {
	if key == "" {
		return answer{}, true
	}
	now := s.config.Clock.Now()
	if seen, err := time.Parse(time.RFC3339Nano, s.state.Keys[key]); err == nil && now.Sub(seen) < keyLife {
		return refuse(http.StatusBadRequest, "duplicate_parameter", "idempotencyKey has already been used"), false
	}
	maps.DeleteFunc(s.state.Keys, func(_, at string) bool {
		seen, err := time.Parse(time.RFC3339Nano, at)
		return err != nil || now.Sub(seen) >= keyLife
	})
	s.state.Keys[key] = now.UTC().Format(time.RFC3339Nano)
	return answer{}, true
}

func (s *Sim) deliver(d Delivery, to []person) answer {
	for _, one := range to {
		if _, ok := normal(one.Email); !ok {
			return invalid("email is not valid in to")
		}
	}
	s.state.Sent++
	d.MessageID = fmt.Sprintf("%s.%d@smtp-relay.exemple.org", s.config.Clock.Now().UTC().Format("200601021504"), s.state.Sent)
	for _, one := range to {
		d.To = one.Email
		if bad, ok := s.hand(d); !ok {
			return bad
		}
	}
	return answer{http.StatusCreated, map[string]string{"messageId": "<" + d.MessageID + ">"}}
}

// hand gives one mail to whoever receives them, and writes what became of it.
func (s *Sim) hand(d Delivery) (answer, bool) {
	s.happened(d, "requests", "")
	if s.blocked(d) {
		s.happened(d, "blocked", "blocked : due to blacklist user")
		return answer{}, true
	}
	var err error
	if s.config.Deliver != nil {
		err = s.config.Deliver(d)
	}
	switch {
	case errors.Is(err, ErrBounced):
		s.happened(d, "hardBounces", "550 5.1.1 No such user here")
		s.state.Blocks = append(s.state.Blocks, block{Email: strings.ToLower(d.To), Sender: d.From, Code: "hardBounce", BlockedAt: s.now()})
	case err != nil:
		return refuse(http.StatusInternalServerError, "internal_error", "Unable to send"), false
	default:
		s.happened(d, "delivered", "")
	}
	return answer{}, true
}

// blocked tells whether Brevo accepts the mail but keeps it, as it does for blocked addresses.
func (s *Sim) blocked(d Delivery) bool {
	return slices.ContainsFunc(s.state.Blocks, func(b block) bool {
		return strings.EqualFold(b.Email, d.To) && strings.EqualFold(b.Sender, d.From)
	})
}
