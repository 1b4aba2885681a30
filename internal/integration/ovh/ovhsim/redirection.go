package ovhsim

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

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
	return answer{http.StatusOK, map[string]string{"id": one.ID, "from": one.From, "to": one.To}}
}

func (s *Sim) createRedirection(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	var in struct {
		From, To  string
		LocalCopy bool
	}
	if json.Unmarshal(body, &in) != nil || in.From == "" || in.To == "" {
		return refuse(http.StatusBadRequest, "", "[from] Missing parameter")
	}
	if !strings.HasSuffix(in.From, "@"+s.config.Domain) {
		return refuse(http.StatusBadRequest, "", "[from] The address must be in the domain "+s.config.Domain)
	}
	if bad, ok := s.checkTarget(in.From, in.To); !ok {
		return bad
	}
	one := s.addRedirection(in.From, in.To)
	if in.LocalCopy {
		s.keepCopy(in.From)
	}
	return s.redirectionTask("add", one)
}

// keepCopy adds what OVH calls a local copy: one more redirection, from the address to itself,
// listed and removed as any other, whatever the other ones become.
func (s *Sim) keepCopy(address string) {
	for _, one := range s.state.Redirections {
		if one.From == address && one.To == address {
			return
		}
	}
	s.addRedirection(address, address)
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

// checkTarget refuses what is no address, a loop, and a redirection that exists.
func (s *Sim) checkTarget(from, to string) (answer, bool) {
	if local, domain, ok := strings.Cut(to, "@"); !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(to, " \t\r\n") {
		return refuse(http.StatusBadRequest, "", "[to] Invalid email address"), false
	}
	if from == to {
		return refuse(http.StatusBadRequest, "", "[to] The redirection would loop"), false
	}
	for _, one := range s.state.Redirections {
		if one.From == from && one.To == to {
			return refuse(http.StatusConflict, "", "Redirection already exists"), false
		}
	}
	return answer{}, true
}

func (s *Sim) changeRedirection(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	one, ok := s.state.Redirections[r.PathValue("id")]
	if !ok {
		return missing("id", r.PathValue("id"))
	}
	var in struct{ To string }
	if json.Unmarshal(body, &in) != nil || in.To == "" {
		return refuse(http.StatusBadRequest, "", "[to] Missing parameter")
	}
	if bad, ok := s.checkTarget(one.From, in.To); !ok {
		return bad
	}
	one.To = in.To
	s.state.Redirections[one.ID] = one
	return s.redirectionTask("change", one)
}

func (s *Sim) redirectionTask(action string, one redirection) answer {
	return answer{http.StatusOK, map[string]any{
		"id": one.ID, "action": action, "type": "forward", "domain": s.config.Domain, "account": one.From,
		"date": s.config.Clock.Now().Format(time.RFC3339),
	}}
}
