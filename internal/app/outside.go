package app

import (
	"net/url"
	"strings"

	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// support is the link to live support. It opens the vendor's own page: no script of theirs runs
// in ours.
func support(settings config.Config) *web.Link {
	if !settings.Enabled("support-chat") {
		return nil
	}
	query := url.Values{"website_id": {settings.Support.CrispID}, "locale": {"fr"}}
	address := "https://go.crisp.chat/chat/embed/?"
	if settings.Support.Service == "chatwoot" {
		query = url.Values{"website_token": {settings.Support.ChatwootToken}, "locale": {"fr"}}
		address = settings.Support.ChatwootURL + "/widget?"
	}
	return &web.Link{Label: "Support", Href: address + query.Encode()}
}

// audience is the server that counts pages; nil when none is set.
func audience(settings config.Config) *web.Audience {
	if !settings.Enabled("audience") {
		return nil
	}
	return &web.Audience{URL: settings.Matomo.Audience, SiteID: settings.Matomo.AudienceID}
}

// tiles are the background of the members' map.
func tiles(settings config.Config) memberweb.Tiles {
	return memberweb.Tiles{URL: settings.Map.TilesURL, Credit: settings.Map.TilesCredit}
}

// tilesOrigin is the server that the map may show pictures of.
func tilesOrigin(settings config.Config) []string {
	rest, ok := strings.CutPrefix(settings.Map.TilesURL, "https://")
	if !ok {
		return nil
	}
	host, _, _ := strings.Cut(rest, "/")
	return []string{"https://" + host}
}
