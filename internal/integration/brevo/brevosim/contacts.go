package brevosim

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// known are the attributes that the account defines; Brevo drops the others without a word.
func known() []string { return []string{"NOM", "PRENOM", "DOMAINE", "SMS"} }

type contactBody struct {
	Email            *string        `json:"email"`
	Attributes       map[string]any `json:"attributes"`
	EmailBlacklisted *bool          `json:"emailBlacklisted"`
	SMSBlacklisted   *bool          `json:"smsBlacklisted"`
	ListIDs          []int          `json:"listIds"`
	UnlinkListIDs    []int          `json:"unlinkListIds"`
	UpdateEnabled    bool           `json:"updateEnabled"`
}

func (s *Sim) createContact(_ *http.Request, body []byte) answer {
	var in contactBody
	if bad, ok := decode(body, &in); !ok {
		return bad
	}
	if in.Email == nil {
		return refuse(http.StatusBadRequest, "missing_parameter", "Missing email or SMS or ext_id")
	}
	email, ok := normal(*in.Email)
	if !ok {
		return invalid("Invalid email address")
	}
	if bad, ok := s.checkLists(in.ListIDs); !ok {
		return bad
	}
	_, exists := s.state.Contacts[email]
	if exists && !in.UpdateEnabled {
		return refuse(http.StatusBadRequest, "duplicate_parameter", "Unable to create contact, email is already associated with another Contact")
	}
	c := s.newContact(email)
	s.apply(c, in)
	if exists {
		return done()
	}
	return answer{http.StatusCreated, map[string]int64{"id": c.ID}}
}

func (s *Sim) checkLists(ids []int) (answer, bool) {
	for _, id := range ids {
		if _, ok := s.config.Lists[id]; !ok {
			return invalid("Invalid list ids"), false
		}
	}
	return answer{}, true
}

func (s *Sim) apply(c *contact, in contactBody) {
	for name, value := range in.Attributes {
		if slices.Contains(known(), name) {
			c.Attributes[name] = value
		}
	}
	if in.EmailBlacklisted != nil {
		if *in.EmailBlacklisted && !c.EmailBlacklisted {
			c.Statistics.Unsubscriptions.Admin = append(c.Statistics.Unsubscriptions.Admin, fact{EventTime: s.now()})
		}
		c.EmailBlacklisted = *in.EmailBlacklisted
	}
	if in.SMSBlacklisted != nil {
		c.SMSBlacklisted = *in.SMSBlacklisted
	}
	join(c, in.ListIDs)
	leave(c, in.UnlinkListIDs)
	c.ModifiedAt = s.now()
}

// find gives the contact of an address or of a number.
func (s *Sim) find(r *http.Request) (*contact, answer, bool) {
	identifier := r.PathValue("identifier")
	if id, err := strconv.ParseInt(identifier, 10, 64); err == nil {
		for _, c := range s.state.Contacts {
			if c.ID == id {
				return c, answer{}, true
			}
		}
		return nil, unknownContact(), false
	}
	email, ok := normal(identifier)
	if !ok {
		return nil, invalid("Invalid email address"), false
	}
	if c, ok := s.state.Contacts[email]; ok {
		return c, answer{}, true
	}
	return nil, unknownContact(), false
}

func unknownContact() answer {
	return refuse(http.StatusNotFound, "document_not_found", "Contact does not exist")
}

func (s *Sim) readContact(r *http.Request, _ []byte) answer {
	c, bad, ok := s.find(r)
	if !ok {
		return bad
	}
	return answer{http.StatusOK, *c}
}

func (s *Sim) updateContact(r *http.Request, body []byte) answer {
	c, bad, ok := s.find(r)
	if !ok {
		return bad
	}
	var in contactBody
	if bad, ok := decode(body, &in); !ok {
		return bad
	}
	if bad, ok := s.checkLists(append(slices.Clone(in.ListIDs), in.UnlinkListIDs...)); !ok {
		return bad
	}
	if next, wanted := in.Attributes["EMAIL"].(string); wanted {
		if bad, ok := s.rename(c, next); !ok {
			return bad
		}
	}
	s.apply(c, in)
	return done()
}

func (s *Sim) rename(c *contact, next string) (answer, bool) {
	email, ok := normal(next)
	if !ok {
		return invalid("Invalid email address"), false
	}
	if other, taken := s.state.Contacts[email]; taken && other != c {
		return refuse(http.StatusBadRequest, "duplicate_parameter", "Unable to update contact, email is already associated with another Contact"), false
	}
	delete(s.state.Contacts, c.Email)
	c.Email = email
	s.state.Contacts[email] = c
	return answer{}, true
}

func (s *Sim) deleteContact(r *http.Request, _ []byte) answer {
	c, bad, ok := s.find(r)
	if !ok {
		return bad
	}
	delete(s.state.Contacts, c.Email)
	return done()
}

func (s *Sim) list(r *http.Request) (int, answer, bool) {
	id, err := strconv.Atoi(r.PathValue("list"))
	if err != nil {
		return 0, invalid("Invalid list id"), false
	}
	if _, ok := s.config.Lists[id]; !ok {
		return 0, refuse(http.StatusNotFound, "document_not_found", "List ID does not exist"), false
	}
	return id, answer{}, true
}

func (s *Sim) listContacts(r *http.Request, _ []byte) answer {
	id, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	limit, offset, bad, ok := window(r, 50, 500)
	if !ok {
		return bad
	}
	members := []any{}
	for _, email := range slices.Sorted(maps.Keys(s.state.Contacts)) {
		if c := s.state.Contacts[email]; slices.Contains(c.ListIDs, id) {
			members = append(members, struct {
				contact
				Statistics *statistics `json:"statistics,omitempty"`
			}{contact: *c})
		}
	}
	return answer{http.StatusOK, map[string]any{"contacts": cut(members, limit, offset), "count": len(members)}}
}

func (s *Sim) removeFromList(r *http.Request, body []byte) answer {
	id, bad, ok := s.list(r)
	if !ok {
		return bad
	}
	var in struct {
		Emails []string `json:"emails"`
	}
	if bad, ok := decode(body, &in); !ok {
		return bad
	}
	switch {
	case len(in.Emails) == 0:
		return refuse(http.StatusBadRequest, "missing_parameter", "emails are missing")
	case len(in.Emails) > 150:
		return invalid("Maximum 150 contacts are allowed")
	}
	success, failure := []string{}, []string{}
	for _, email := range in.Emails {
		if c := s.state.Contacts[strings.ToLower(email)]; c != nil && leave(c, []int{id}) {
			success = append(success, email)
		} else {
			failure = append(failure, email)
		}
	}
	if len(success) == 0 {
		return invalid("Contact already removed from list and/or does not exist")
	}
	return answer{http.StatusCreated, map[string]any{"contacts": map[string]any{"success": success, "failure": failure}}}
}
