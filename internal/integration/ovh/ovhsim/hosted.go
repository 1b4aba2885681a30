package ovhsim

import (
	"encoding/json"
	"net/http"
	"strings"
)

// offer is one of the two paid kinds of mailboxes.
type offer int

const (
	pro offer = iota
	exchange
)

const placeholderDomain = "@configureme.me"

// accounts gives the accounts of the service that a request names; ok is false when there is
// no such service.
func (s *Sim) accounts(o offer, r *http.Request) (map[string]hosted, bool) {
	service, all := s.config.ProService, s.state.Pro
	if o == exchange {
		service, all = s.config.ExchangeService, s.state.Exchange
		if r.PathValue("organization") != service {
			return nil, false
		}
	}
	return all, service != "" && r.PathValue("service") == service
}

func (s *Sim) listHosted(o offer) handler {
	return func(r *http.Request, _ []byte) answer {
		all, ok := s.accounts(o, r)
		if !ok {
			return refuse(http.StatusNotFound, "", "This service does not exist")
		}
		wanted := r.URL.Query().Get("primaryEmailAddress")
		addresses := []string{}
		for _, address := range sorted(all) {
			if s.shown(all[address]) && like(wanted, address) {
				addresses = append(addresses, address)
			}
		}
		return answer{http.StatusOK, addresses}
	}
}

func (s *Sim) getHosted(o offer) handler {
	return func(r *http.Request, _ []byte) answer {
		all, ok := s.accounts(o, r)
		if !ok {
			return refuse(http.StatusNotFound, "", "This service does not exist")
		}
		one, ok := all[r.PathValue("address")]
		if !ok || !s.shown(one) {
			return missing("primaryEmailAddress", r.PathValue("address"))
		}
		return answer{http.StatusOK, map[string]any{
			"primaryEmailAddress": one.Address, "login": one.Login, "domain": one.Domain, "state": "ok",
			"displayName": one.DisplayName, "firstName": one.FirstName, "lastName": one.LastName, "configured": one.Configured,
		}}
	}
}

func (s *Sim) putHosted(o offer) handler {
	return func(r *http.Request, body []byte) answer {
		all, ok := s.accounts(o, r)
		if !ok {
			return refuse(http.StatusNotFound, "", "This service does not exist")
		}
		one, ok := all[r.PathValue("address")]
		if !ok || !s.shown(one) {
			return missing("primaryEmailAddress", r.PathValue("address"))
		}
		var in struct{ DisplayName, FirstName, LastName, Login, Domain string }
		if json.Unmarshal(body, &in) != nil || in.Login == "" || in.Domain != s.config.Domain {
			return refuse(http.StatusBadRequest, "", "[login] or [domain] is not valid")
		}
		next := hosted{
			Address: in.Login + "@" + in.Domain, Login: in.Login, Domain: in.Domain, Configured: true,
			DisplayName: in.DisplayName, FirstName: in.FirstName, LastName: in.LastName,
		}
		if _, taken := all[next.Address]; taken && next.Address != one.Address {
			return refuse(http.StatusConflict, "", "This email address already exists")
		}
		delete(all, one.Address)
		all[next.Address] = next
		return answer{http.StatusOK, map[string]any{}}
	}
}

// like matches as OVH's filters do: an empty pattern accepts all, % stands for any text at
// either end.
func like(pattern, value string) bool {
	before, after := strings.HasPrefix(pattern, "%"), strings.HasSuffix(pattern, "%")
	text := strings.Trim(pattern, "%")
	switch {
	case text == "":
		return true
	case before && after:
		return strings.Contains(value, text)
	case before:
		return strings.HasSuffix(value, text)
	case after:
		return strings.HasPrefix(value, text)
	}
	return value == text
}
