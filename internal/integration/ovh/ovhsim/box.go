package ovhsim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The rules that OVH puts on passwords: MX mailboxes take 9 to 30 characters, hosted ones 8 or more.
type passwordRule struct{ least, most int }

func mxPassword() passwordRule     { return passwordRule{9, 30} }
func hostedPassword() passwordRule { return passwordRule{8, 128} }

// checkPassword refuses a length out of bounds and spaces around.
func checkPassword(rule passwordRule, password string) (answer, bool) {
	n := len([]rune(password))
	if n < rule.least || n > rule.most || strings.TrimSpace(password) != password {
		return refuse(http.StatusBadRequest, "", fmt.Sprintf("[password] Given password length is not between %d and %d", rule.least, rule.most)), false
	}
	return answer{}, true
}

func digest(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:8])
}

func readPassword(rule passwordRule, body []byte) (string, answer, bool) {
	var in struct{ Password string }
	if json.Unmarshal(body, &in) != nil || in.Password == "" {
		return "", refuse(http.StatusBadRequest, "", "[password] Missing parameter"), false
	}
	bad, ok := checkPassword(rule, in.Password)
	return in.Password, bad, ok
}

func (s *Sim) changeMXPassword(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	name := r.PathValue("name")
	m, ok := s.state.MX[name]
	if !ok || !s.ready(m) {
		return missing("accountName", name)
	}
	password, bad, ok := readPassword(mxPassword(), body)
	if !ok {
		return bad
	}
	m.Password, m.PasswordChanges = digest(password), m.PasswordChanges+1
	s.state.MX[name] = m
	return s.task("changePassword", name)
}

func (s *Sim) changeHostedPassword(o offer) handler {
	return func(r *http.Request, body []byte) answer {
		all, one, bad, ok := s.account(o, r)
		if !ok {
			return bad
		}
		password, bad, ok := readPassword(hostedPassword(), body)
		if !ok {
			return bad
		}
		one.Password, one.PasswordChanges = digest(password), one.PasswordChanges+1
		all[one.Address] = one
		return s.hostedTask("changePassword")
	}
}

// resetHosted frees an account: its messages are gone, and a little later it is a placeholder again.
func (s *Sim) resetHosted(o offer) handler {
	return func(r *http.Request, _ []byte) answer {
		all, one, bad, ok := s.account(o, r)
		if !ok {
			return bad
		}
		delete(all, one.Address)
		free := s.placeholder()
		free.ReadyAt = s.config.Clock.Now().Add(s.config.Delay)
		all[free.Address] = free
		return s.hostedTask("deleteAccount")
	}
}

// account gives the hosted account that a request names, and the service that holds it.
func (s *Sim) account(o offer, r *http.Request) (map[string]hosted, hosted, answer, bool) {
	all, ok := s.accounts(o, r)
	if !ok {
		return nil, hosted{}, refuse(http.StatusNotFound, "", "This service does not exist"), false
	}
	one, ok := all[r.PathValue("address")]
	if !ok || !s.shown(one) {
		return nil, hosted{}, missing("primaryEmailAddress", r.PathValue("address")), false
	}
	return all, one, answer{}, true
}

// shown tells whether OVH has finished with an account.
func (s *Sim) shown(h hosted) bool { return !s.config.Clock.Now().Before(h.ReadyAt) }

// placeholder makes a free account.
func (s *Sim) placeholder() hosted {
	s.state.Next++
	login := fmt.Sprintf("%08d", s.state.Next)
	return hosted{Address: login + placeholderDomain, Login: login, Domain: "configureme.me"}
}

// migrate moves an MX mailbox onto a free Pro account.
func (s *Sim) migrate(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	name := r.PathValue("name")
	m, ok := s.state.MX[name]
	if !ok || !s.ready(m) {
		return missing("accountName", name)
	}
	if s.config.ProService == "" || r.PathValue("service") != s.config.ProService {
		return refuse(http.StatusNotFound, "", "This service does not exist")
	}
	free, ok := s.state.Pro[r.PathValue("address")]
	if !ok || !s.shown(free) {
		return missing("destinationEmailAddress", r.PathValue("address"))
	}
	if free.Configured || !strings.HasSuffix(free.Address, placeholderDomain) {
		return refuse(http.StatusConflict, "", "The destination account is already configured")
	}
	password, bad, ok := readPassword(hostedPassword(), body)
	if !ok {
		return bad
	}
	delete(s.state.MX, name)
	delete(s.state.Pro, free.Address)
	address := name + "@" + s.config.Domain
	s.state.Pro[address] = hosted{
		Address: address, Login: name, Domain: s.config.Domain, DisplayName: name, Configured: true,
		ReadyAt: s.config.Clock.Now().Add(s.config.Delay), Password: digest(password), PasswordChanges: 1,
	}
	return s.task("migration", name)
}

func (s *Sim) hostedTask(function string) answer {
	s.state.Next++
	return answer{http.StatusOK, map[string]any{
		"id": s.state.Next, "function": function, "status": "todo", "todoDate": s.config.Clock.Now().Format(time.RFC3339),
	}}
}

// Accepts tells whether a mailbox of any plan opens with a password.
func (s *Sim) Accepts(local, password string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	address := local + "@" + s.config.Domain
	for _, kept := range []string{s.state.MX[local].Password, s.state.Pro[address].Password, s.state.Exchange[address].Password} {
		if kept != "" && kept == digest(password) {
			return true
		}
	}
	return false
}
