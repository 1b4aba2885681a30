package ovhsim

import (
	"encoding/json"
	"net/http"
	netmail "net/mail"
	"strings"
	"time"
)

// mailingList is a list of the domain. Orders about subscribers take effect a little later.
type mailingList struct {
	ID          int64                 `json:"id"`
	Owner       string                `json:"owner"`
	ReplyTo     string                `json:"reply_to,omitempty"`
	Subscribers map[string]subscriber `json:"subscribers"` // by address, lower case
}

type subscriber struct {
	ReadyAt time.Time  `json:"ready_at"`
	GoneAt  *time.Time `json:"gone_at,omitempty"`
}

// listHandlers are the calls about mailing lists.
func (s *Sim) listHandlers() map[string]handler {
	const lists = "/email/domain/{domain}/mailingList"
	return map[string]handler{
		"GET " + lists:                                   s.listLists,
		"POST " + lists:                                  s.createList,
		"GET " + lists + "/{list}":                       s.getList,
		"GET " + lists + "/{list}/subscriber":            s.listSubscribers,
		"POST " + lists + "/{list}/subscriber":           s.subscribe,
		"GET " + lists + "/{list}/subscriber/{email}":    s.getSubscriber,
		"DELETE " + lists + "/{list}/subscriber/{email}": s.unsubscribe,
	}
}

// AddList puts a mailing list there, with subscribers of long ago. Used to prepare a sample; a list
// that is there receives the addresses.
func (s *Sim) AddList(name string, addresses ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.state.Lists[name]
	if !ok {
		l = s.newList("liste@" + s.config.Domain)
		s.state.Lists[name] = l
	}
	for _, a := range addresses {
		l.Subscribers[strings.ToLower(a)] = subscriber{}
	}
}

func (s *Sim) newList(owner string) *mailingList {
	s.state.Next++
	return &mailingList{ID: s.state.Next, Owner: owner, Subscribers: map[string]subscriber{}}
}

// shown tells whether a subscriber appears in the listings.
func (s *Sim) listed(one subscriber) bool {
	now := s.config.Clock.Now()
	return !now.Before(one.ReadyAt) && (one.GoneAt == nil || now.Before(*one.GoneAt))
}

func (s *Sim) list(r *http.Request) (*mailingList, answer, bool) {
	if bad, ok := s.checkDomain(r); !ok {
		return nil, bad, false
	}
	l, ok := s.state.Lists[r.PathValue("list")]
	if !ok {
		return nil, missing("name", r.PathValue("list")), false
	}
	return l, answer{}, true
}

func (s *Sim) listLists(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	names := []string{}
	for _, name := range sorted(s.state.Lists) {
		if like(r.URL.Query().Get("name"), name) {
			names = append(names, name)
		}
	}
	return answer{http.StatusOK, names}
}

func (s *Sim) createList(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	var in struct {
		Language, Name, OwnerEmail, ReplyTo string
		Options                             *struct{}
	}
	if json.Unmarshal(body, &in) != nil || in.Name == "" || in.Language == "" || in.Options == nil {
		return refuse(http.StatusBadRequest, "", "[name] Missing parameter")
	}
	if _, ok := listAddress(in.OwnerEmail); !ok {
		return refuse(http.StatusBadRequest, "", "[ownerEmail] Given data is not a valid e-mail address")
	}
	if _, taken := s.state.Lists[in.Name]; taken {
		return refuse(http.StatusConflict, "", "This mailing list already exists")
	}
	l := s.newList(in.OwnerEmail)
	l.ReplyTo = in.ReplyTo
	s.state.Lists[in.Name] = l
	return s.listTask("add", in.Name)
}

func (s *Sim) listTask(action, account string) answer {
	s.state.Next++
	return answer{http.StatusOK, map[string]any{
		"id": s.state.Next, "action": action, "domain": s.config.Domain, "account": account, "language": "fr",
		"date": s.config.Clock.Now().Format(time.RFC3339),
	}}
}

func (s *Sim) getList(r *http.Request, _ []byte) answer {
	l, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	return answer{http.StatusOK, map[string]any{
		"id": l.ID, "name": r.PathValue("list"), "language": "fr", "ownerEmail": l.Owner, "replyTo": l.ReplyTo,
		"nbSubscribers": len(s.shownSubscribers(l, "")), "nbSubscribersUpdateDate": s.config.Clock.Now().Format(time.RFC3339),
		"options": map[string]bool{"moderatorMessage": false, "subscribeByModerator": false, "usersPostOnly": false},
	}}
}

func (s *Sim) shownSubscribers(l *mailingList, wanted string) []string {
	found := []string{}
	for _, email := range sorted(l.Subscribers) {
		if s.listed(l.Subscribers[email]) && like(wanted, email) {
			found = append(found, email)
		}
	}
	return found
}

func (s *Sim) listSubscribers(r *http.Request, _ []byte) answer {
	l, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	return answer{http.StatusOK, s.shownSubscribers(l, r.URL.Query().Get("email"))}
}

func (s *Sim) getSubscriber(r *http.Request, _ []byte) answer {
	l, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	email := strings.ToLower(r.PathValue("email"))
	if one, there := l.Subscribers[email]; !there || !s.listed(one) {
		return missing("email", email)
	}
	return answer{http.StatusOK, map[string]string{"email": email, "domain": s.config.Domain, "mailinglist": r.PathValue("list")}}
}

func (s *Sim) subscribe(r *http.Request, body []byte) answer {
	l, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	var in struct{ Email string }
	if json.Unmarshal(body, &in) != nil || in.Email == "" {
		return refuse(http.StatusBadRequest, "", "[email] Missing parameter")
	}
	email, ok := listAddress(in.Email)
	if !ok {
		return refuse(http.StatusBadRequest, "", "[email] Given data is not a valid e-mail address")
	}
	if one, there := l.Subscribers[email]; there && one.GoneAt == nil {
		return refuse(http.StatusConflict, "", "This subscriber already exists")
	}
	l.Subscribers[email] = subscriber{ReadyAt: s.config.Clock.Now().Add(s.config.ListDelay)}
	return s.listTask("addSubscriber", email)
}

func (s *Sim) unsubscribe(r *http.Request, _ []byte) answer {
	l, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	email := strings.ToLower(r.PathValue("email"))
	one, there := l.Subscribers[email]
	if !there || one.GoneAt != nil {
		return missing("email", email)
	}
	if s.config.ListDelay == 0 {
		delete(l.Subscribers, email)
	} else {
		gone := s.config.Clock.Now().Add(s.config.ListDelay)
		one.GoneAt = &gone
		l.Subscribers[email] = one
	}
	return s.listTask("deleteSubscriber", email)
}

// listAddress gives an address as lists keep it, lower-cased; false when it is not one.
func listAddress(text string) (string, bool) {
	parsed, err := netmail.ParseAddress(text)
	if err != nil || parsed.Address != text {
		return "", false
	}
	return strings.ToLower(text), true
}
