package ovhsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

func missing(field, value string) answer {
	return refuse(http.StatusNotFound, "", fmt.Sprintf("The requested object (%s = %s) does not exist", field, value))
}

func (s *Sim) listMX(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	wanted := r.URL.Query().Get("accountName")
	names := []string{}
	for _, name := range sorted(s.state.MX) {
		if s.ready(s.state.MX[name]) && like(wanted, name) {
			names = append(names, name)
		}
	}
	return answer{http.StatusOK, names}
}

func (s *Sim) ready(m mailbox) bool { return !s.config.Clock.Now().Before(m.ReadyAt) }

func (s *Sim) getMX(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	name := r.PathValue("name")
	m, ok := s.state.MX[name]
	if !ok || !s.ready(m) {
		return missing("accountName", name)
	}
	return answer{http.StatusOK, map[string]any{
		"accountName": name, "email": name + "@" + s.config.Domain, "domain": s.config.Domain,
		"isBlocked": m.Blocked, "description": "", "size": 5_000_000_000,
	}}
}

func (s *Sim) createMX(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	var in struct{ AccountName, Password string }
	if json.Unmarshal(body, &in) != nil || in.AccountName == "" {
		return refuse(http.StatusBadRequest, "", "[accountName] Missing parameter")
	}
	if bad, ok := checkPassword(mxPassword(), in.Password); !ok {
		return bad
	}
	if _, taken := s.state.MX[in.AccountName]; taken {
		return refuse(http.StatusConflict, "", "This account already exists")
	}
	s.state.MX[in.AccountName] = mailbox{
		Name: in.AccountName, ReadyAt: s.config.Clock.Now().Add(s.config.Delay), Password: digest(in.Password), PasswordChanges: 1,
	}
	return s.task("addAccount", in.AccountName)
}

func (s *Sim) deleteMX(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	name := r.PathValue("name")
	if _, ok := s.state.MX[name]; !ok {
		return missing("accountName", name)
	}
	delete(s.state.MX, name)
	delete(s.state.Responders, name) // it answered for the mailbox
	return s.task("deleteAccount", name)
}

func (s *Sim) task(action, name string) answer {
	s.state.Next++
	return answer{http.StatusOK, map[string]any{
		"id": s.state.Next, "action": action, "domain": s.config.Domain, "name": name,
		"date": s.config.Clock.Now().Format(time.RFC3339),
	}}
}
