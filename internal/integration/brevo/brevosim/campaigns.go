package brevosim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

type campaign struct {
	ID         int64          `json:"id"`
	Name       string         `json:"name"`
	Subject    string         `json:"subject"`
	Preview    string         `json:"previewText,omitempty"`
	Status     string         `json:"status"` // draft, sent
	Sender     person         `json:"sender"`
	ReplyTo    string         `json:"replyTo"`
	HTML       string         `json:"htmlContent"`
	TemplateID int            `json:"templateId,omitempty"`
	Params     map[string]any `json:"params,omitempty"`
	Lists      []int          `json:"lists"`
	CreatedAt  string         `json:"createdAt"`
	SentDate   string         `json:"sentDate,omitempty"`
	Reached    int            `json:"reached"`
}

type campaignBody struct {
	Name       string         `json:"name"`
	Subject    string         `json:"subject"`
	Preview    string         `json:"previewText"`
	Sender     *person        `json:"sender"`
	ReplyTo    string         `json:"replyTo"`
	HTML       string         `json:"htmlContent"`
	TemplateID int            `json:"templateId"`
	Params     map[string]any `json:"params"`
	Recipients *struct {
		ListIDs []int `json:"listIds"`
	} `json:"recipients"`
}

func (s *Sim) createCampaign(_ *http.Request, body []byte) answer {
	var in campaignBody
	if bad, ok := decode(body, &in); !ok {
		return bad
	}
	if bad, ok := s.checkCampaign(in); !ok {
		return bad
	}
	s.state.NextID++
	c := &campaign{
		ID: s.state.NextID, Name: in.Name, Subject: in.Subject, Preview: in.Preview, Status: "draft", Sender: *in.Sender, ReplyTo: in.ReplyTo,
		HTML: in.HTML, TemplateID: in.TemplateID, Params: in.Params, Lists: []int{}, CreatedAt: s.now(),
	}
	if c.ReplyTo == "" {
		c.ReplyTo = c.Sender.Email
	}
	if in.Recipients != nil {
		c.Lists = in.Recipients.ListIDs
	}
	s.state.Campaigns[c.ID] = c
	return answer{http.StatusCreated, map[string]int64{"id": c.ID}}
}

func (s *Sim) checkCampaign(in campaignBody) (answer, bool) {
	switch {
	case in.Name == "":
		return refuse(http.StatusBadRequest, "missing_parameter", "name is missing"), false
	case in.Sender == nil || in.Sender.Email == "":
		return refuse(http.StatusBadRequest, "missing_parameter", "sender is missing"), false
	case len(s.config.Senders) > 0 && !slices.Contains(s.config.Senders, in.Sender.Email):
		return invalid("Sender is invalid / inactive"), false
	case in.TemplateID == 0 && in.Subject == "":
		return refuse(http.StatusBadRequest, "missing_parameter", "subject is missing"), false
	case in.TemplateID == 0 && len(in.HTML) < 10:
		return invalid("htmlContent should have at least 10 characters"), false
	}
	if in.Recipients != nil {
		return s.checkLists(in.Recipients.ListIDs)
	}
	return answer{}, true
}

func (s *Sim) campaign(r *http.Request) (*campaign, answer, bool) {
	id, err := strconv.ParseInt(r.PathValue("campaign"), 10, 64)
	if err != nil {
		return nil, invalid("Invalid campaign id"), false
	}
	c, ok := s.state.Campaigns[id]
	if !ok {
		return nil, refuse(http.StatusNotFound, "document_not_found", "Campaign ID does not exist"), false
	}
	return c, answer{}, true
}

// sendCampaign reaches every contact of the lists that does not refuse campaigns.
func (s *Sim) sendCampaign(r *http.Request, _ []byte) answer {
	c, bad, ok := s.campaign(r)
	switch {
	case !ok:
		return bad
	case c.Status != "draft":
		return refuse(http.StatusBadRequest, "campaign_processing", "Campaign is already sent or in process")
	case len(c.Lists) == 0:
		return refuse(http.StatusBadRequest, "missing_parameter", "Campaign has no recipients")
	}
	for _, email := range slices.Sorted(maps.Keys(s.state.Contacts)) {
		one := s.state.Contacts[email]
		if one.EmailBlacklisted || !slices.ContainsFunc(c.Lists, func(list int) bool { return slices.Contains(one.ListIDs, list) }) {
			continue
		}
		c.Reached++
		one.Statistics.Delivered = append(one.Statistics.Delivered, fact{CampaignID: c.ID, EventTime: s.now()})
		if s.config.Deliver == nil {
			continue
		}
		d := Delivery{From: c.Sender.Email, FromName: c.Sender.Name, To: email, ReplyTo: c.ReplyTo, Subject: c.Subject, HTML: c.HTML}
		d.MessageID = fmt.Sprintf("campaign-%d.%d@smtp-relay.exemple.org", c.ID, one.ID)
		_ = s.config.Deliver(d) // a campaign goes on whatever becomes of one mail
	}
	c.Status, c.SentDate = "sent", s.now()
	return done()
}

func (s *Sim) readCampaign(r *http.Request, _ []byte) answer {
	c, bad, ok := s.campaign(r)
	if !ok {
		return bad
	}
	global := map[string]int{
		"clickers": 0, "complaints": 0, "delivered": c.Reached, "hardBounces": 0, "sent": c.Reached, "softBounces": 0, "trackableViews": 0,
		"uniqueClicks": 0, "uniqueViews": 0, "unsubscriptions": 0, "viewed": 0,
	}
	shown := map[string]any{
		"id": c.ID, "name": c.Name, "subject": c.Subject, "type": "classic", "status": c.Status, "createdAt": c.CreatedAt, "modifiedAt": c.CreatedAt,
		"header": "", "footer": "", "htmlContent": c.HTML, "replyTo": c.ReplyTo, "sender": c.Sender, "testSent": false,
		"recipients": map[string]any{"lists": c.Lists, "exclusionLists": []int{}},
		"statistics": map[string]any{
			"globalStats": global, "campaignStats": []any{}, "mirrorClick": 0, "remaining": 0, "linksStats": map[string]any{},
			"statsByDomain": map[string]any{}, "statsByDevice": map[string]any{}, "statsByBrowser": map[string]any{},
		},
	}
	if c.SentDate != "" {
		shown["sentDate"] = c.SentDate
	}
	return answer{http.StatusOK, shown}
}

func (s *Sim) shareCampaign(r *http.Request, _ []byte) answer {
	c, bad, ok := s.campaign(r)
	switch {
	case !ok:
		return bad
	case c.Status != "sent":
		return refuse(http.StatusBadRequest, "invalid_parameter", "Campaign is not sent yet")
	}
	return answer{http.StatusOK, map[string]string{"sharedUrl": fmt.Sprintf("https://partage.exemple.org/campagne/%d", c.ID)}}
}
