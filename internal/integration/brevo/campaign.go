package brevo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// NewCampaign is a mail to every contact of some lists.
type NewCampaign struct {
	Name       string // for the administrators of Brevo
	Subject    string
	From       string // address that the account may send from
	FromName   string
	ReplyTo    string         // empty: From
	HTML       string         // body; Brevo asks for 10 characters at least. Or TemplateID
	TemplateID int            // of Brevo, instead of HTML
	Params     map[string]any // values of a template
	ListIDs    []int
	Preview    string // text that mail programs show after the subject
}

// unsubscribeFooter is what a campaign without any link to leave receives: Brevo replaces the
// placeholder.
const unsubscribeFooter = `<p style="font-size:12px"><a href="{{ unsubscribe }}">Se désinscrire</a></p>`

// CreateCampaign prepares a campaign and gives its number. A body without a link to leave receives
// one. It sends nothing: see [Client.SendCampaign].
func (c *Client) CreateCampaign(ctx context.Context, n NewCampaign) (int64, error) {
	type recipients struct {
		ListIDs []int `json:"listIds"`
	}
	body := struct {
		Name       string         `json:"name"`
		Subject    string         `json:"subject,omitempty"`
		Sender     party          `json:"sender"`
		ReplyTo    string         `json:"replyTo,omitempty"`
		HTML       string         `json:"htmlContent,omitempty"`
		TemplateID int            `json:"templateId,omitempty"`
		Params     map[string]any `json:"params,omitempty"`
		Preview    string         `json:"previewText,omitempty"`
		Recipients recipients     `json:"recipients"`
	}{n.Name, n.Subject, party{n.From, n.FromName}, n.ReplyTo, withWayOut(n.HTML), n.TemplateID, n.Params, n.Preview, recipients{n.ListIDs}}
	var answer struct{ ID int64 }
	if err := c.http.Do(ctx, http.MethodPost, "/emailCampaigns", body, &answer); err != nil {
		return 0, fmt.Errorf("create campaign: %w", err)
	}
	return answer.ID, nil
}

func withWayOut(html string) string {
	if html == "" || strings.Contains(html, "unsubscribe") {
		return html
	}
	if at := strings.LastIndex(html, "</body>"); at >= 0 {
		return html[:at] + unsubscribeFooter + html[at:]
	}
	return html + unsubscribeFooter
}

// SendCampaign sends a prepared campaign at once. Its answer may be lost: ask [Client.CampaignStatus]
// before sending again.
func (c *Client) SendCampaign(ctx context.Context, id int64) error {
	if err := c.http.Do(ctx, http.MethodPost, "/emailCampaigns/"+strconv.FormatInt(id, 10)+"/sendNow", nil, nil); err != nil {
		return fmt.Errorf("send campaign: %w", err)
	}
	return nil
}

// CampaignStatus tells where a campaign stands, in Brevo's word: draft, queued, in_process, sent,
// suspended, archive. NotFound when there is none.
func (c *Client) CampaignStatus(ctx context.Context, id int64) (string, error) {
	var answer struct{ Status string }
	if err := c.http.Do(ctx, http.MethodGet, "/emailCampaigns/"+strconv.FormatInt(id, 10), nil, &answer); err != nil {
		return "", fmt.Errorf("read campaign: %w", err)
	}
	return answer.Status, nil
}

// CampaignURL gives the public web copy of a campaign that was sent.
func (c *Client) CampaignURL(ctx context.Context, id int64) (string, error) {
	var answer struct{ SharedURL string }
	if err := c.http.Do(ctx, http.MethodGet, "/emailCampaigns/"+strconv.FormatInt(id, 10)+"/sharedUrl", nil, &answer); err != nil {
		return "", fmt.Errorf("read the address of a campaign: %w", err)
	}
	return answer.SharedURL, nil
}
