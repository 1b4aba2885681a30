package mailinglistweb

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// hookEvent is what Brevo tells of a transactional mail; only what we use.
// Source: https://developers.brevo.com/docs/transactional-webhooks
type hookEvent struct {
	Event     string `json:"event"`
	Email     string `json:"email"`
	MessageID string `json:"message-id"`
	Subject   string `json:"subject"`
	Reason    string `json:"reason"`
}

// receiveHook serves POST /api/hook/{id}: one event, or several in a list. The answer is the same
// for an unknown id or an unreadable body, so that nobody learns the id by trying; only our own
// failure is told, which makes Brevo send again.
func (p *Pages) receiveHook(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if p.mayTell(r.PathValue("id")) {
		for _, e := range readEvents(body) {
			if err := p.receive(r, e); err != nil {
				return err
			}
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = io.WriteString(w, `{"success":true}`+"\n")
	return err
}

// mayTell compares an id with the secret, in a time that tells nothing.
func (p *Pages) mayTell(id string) bool {
	given, secret := sha256.Sum256([]byte(id)), sha256.Sum256([]byte(p.hook))
	return p.hook != "" && subtle.ConstantTimeCompare(given[:], secret[:]) == 1
}

func readEvents(body []byte) []hookEvent {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		var several []hookEvent
		if json.Unmarshal(body, &several) != nil {
			return nil
		}
		return several
	}
	var one hookEvent
	if json.Unmarshal(body, &one) != nil {
		return nil
	}
	return []hookEvent{one}
}

// receive records one event. What Brevo may not know (an address that is none) is dropped.
func (p *Pages) receive(r *http.Request, e hookEvent) error {
	kind, known := kinds()[e.Event]
	var err error
	switch {
	case e.Event == "delivered":
		err = p.room.Received(r.Context(), e.Email, true)
	case known:
		err = p.room.Record(r.Context(), mailinglist.Undelivered{
			Address: e.Email, Kind: kind, Source: "brevo", Detail: e.Reason, MessageKey: e.MessageID, Subject: e.Subject,
		})
	}
	if _, refused := errors.AsType[*fault.Error](err); refused && fault.Is(err, fault.Invalid) {
		return nil
	}
	return err
}

// kinds gives ours for each word of Brevo; the other events (opened, clicked…) are not our concern.
func kinds() map[string]mailinglist.Kind {
	return map[string]mailinglist.Kind{
		"hard_bounce": mailinglist.HardBounce, "soft_bounce": mailinglist.SoftBounce, "blocked": mailinglist.Blocked,
		"invalid_email": mailinglist.InvalidEmail, "spam": mailinglist.Spam, "complaint": mailinglist.Spam,
		"unsubscribed": mailinglist.Unsubscribed, "error": mailinglist.Error,
	}
}
