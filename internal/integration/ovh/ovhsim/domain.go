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
	if len(in.Password) < 9 || len(in.Password) > 30 {
		return refuse(http.StatusBadRequest, "", "[password] Given password length is not between 9 and 30")
	}
	if _, taken := s.state.MX[in.AccountName]; taken {
		return refuse(http.StatusConflict, "", "This account already exists")
	}
	s.state.MX[in.AccountName] = mailbox{Name: in.AccountName, ReadyAt: s.config.Clock.Now().Add(s.config.Delay)}
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
	return s.task("deleteAccount", name)
}

func (s *Sim) task(action, name string) answer {
	s.state.Next++
	return answer{http.StatusOK, map[string]any{
		"id": s.state.Next, "action": action, "domain": s.config.Domain, "name": name,
		"date": s.config.Clock.Now().Format(time.RFC3339),
	}}
}

func (s *Sim) listRedirections(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	from, to := r.URL.Query().Get("from"), r.URL.Query().Get("to")
	ids := []string{}
	for _, id := range sorted(s.state.Redirections) {
		if one := s.state.Redirections[id]; like(from, one.From) && like(to, one.To) {
			ids = append(ids, id)
		}
	}
	return answer{http.StatusOK, ids}
}

func (s *Sim) getRedirection(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	one, ok := s.state.Redirections[r.PathValue("id")]
	if !ok {
		return missing("id", r.PathValue("id"))
	}
	return answer{http.StatusOK, one}
}

func (s *Sim) createRedirection(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	var in struct{ From, To string }
	if json.Unmarshal(body, &in) != nil || in.From == "" || in.To == "" {
		return refuse(http.StatusBadRequest, "", "[from] Missing parameter")
	}
	for _, one := range s.state.Redirections {
		if one.From == in.From && one.To == in.To {
			return refuse(http.StatusConflict, "", "Redirection already exists")
		}
	}
	return s.redirectionTask("add", s.addRedirection(in.From, in.To))
}

func (s *Sim) deleteRedirection(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	one, ok := s.state.Redirections[r.PathValue("id")]
	if !ok {
		return missing("id", r.PathValue("id"))
	}
	delete(s.state.Redirections, one.ID)
	return s.redirectionTask("delete", one)
}

func (s *Sim) redirectionTask(action string, one redirection) answer {
	return answer{http.StatusOK, map[string]any{
		"id": one.ID, "action": action, "type": "forward", "domain": s.config.Domain, "account": one.From,
		"date": s.config.Clock.Now().Format(time.RFC3339),
	}}
}
