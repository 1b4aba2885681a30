package ovhsim

import (
	"encoding/json"
	"net/http"
	"time"
)

func (s *Sim) listResponders(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	wanted, accounts := r.URL.Query().Get("account"), []string{}
	for _, account := range sorted(s.state.Responders) {
		if like(wanted, account) {
			accounts = append(accounts, account)
		}
	}
	return answer{http.StatusOK, accounts}
}

func (s *Sim) getResponder(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	account := r.PathValue("account")
	one, ok := s.state.Responders[account]
	if !ok {
		return missing("account", account)
	}
	value := map[string]any{"account": account, "content": one.Content, "copy": one.Copy, "copyTo": nil, "from": one.From, "to": one.To}
	if one.CopyTo != "" {
		value["copyTo"] = one.CopyTo
	}
	return answer{http.StatusOK, value}
}

// reply is what a request says of a responder.
type reply struct {
	Account, Content, CopyTo *string
	Copy                     *bool
	From, To                 *time.Time
}

// read refuses what OVH refuses: an empty text, an end before the start.
func (in *reply) read(body []byte) (answer, bool) {
	switch {
	case json.Unmarshal(body, in) != nil:
		return refuse(http.StatusBadRequest, "", "[from] Given data is not valid for type datetime"), false
	case in.Content == nil || *in.Content == "":
		return refuse(http.StatusBadRequest, "", "[content] Missing parameter"), false
	case in.From != nil && in.To != nil && in.To.Before(*in.From):
		return refuse(http.StatusBadRequest, "", "[to] The end date must be after the start date"), false
	}
	return answer{}, true
}

func (s *Sim) createResponder(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	var in reply
	if bad, ok := in.read(body); !ok {
		return bad
	}
	if in.Account == nil || *in.Account == "" || in.Copy == nil {
		return refuse(http.StatusBadRequest, "", "[account] or [copy] Missing parameter")
	}
	if _, taken := s.state.Responders[*in.Account]; taken {
		return refuse(http.StatusConflict, "", "A responder already exists for this account")
	}
	one := responder{Content: *in.Content, From: in.From, To: in.To, Copy: *in.Copy}
	if in.CopyTo != nil {
		one.CopyTo = *in.CopyTo
	}
	s.state.Responders[*in.Account] = one
	return s.responderTask("add", *in.Account)
}

func (s *Sim) putResponder(r *http.Request, body []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	account := r.PathValue("account")
	one, ok := s.state.Responders[account]
	if !ok {
		return missing("account", account)
	}
	var in reply
	if bad, ok := in.read(body); !ok {
		return bad
	}
	var said map[string]json.RawMessage // what is not said does not change; null removes a bound
	_ = json.Unmarshal(body, &said)     // read above
	one.Content = *in.Content
	if _, ok := said["from"]; ok {
		one.From = in.From
	}
	if _, ok := said["to"]; ok {
		one.To = in.To
	}
	s.state.Responders[account] = one
	return answer{http.StatusOK, map[string]any{}}
}

func (s *Sim) deleteResponder(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	account := r.PathValue("account")
	if _, ok := s.state.Responders[account]; !ok {
		return missing("account", account)
	}
	delete(s.state.Responders, account)
	return s.responderTask("delete", account)
}

func (s *Sim) responderTask(action, account string) answer {
	task := s.redirectionTask(action, redirection{From: account})
	if fields, ok := task.value.(map[string]any); ok {
		s.state.Next++
		fields["id"], fields["type"] = formatID(s.state.Next), "responder"
	}
	return task
}
