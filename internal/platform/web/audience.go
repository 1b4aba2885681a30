package web

import (
	"context"
	"net/url"
	"strings"
)

// Audience is a Matomo server that counts the pages shown, without cookies and without names: it
// is told the pattern of a page (/community/{username}), never its address nor its title.
type Audience struct {
	URL    string // of the server, without final slash
	SiteID string
}

// Link leads outside the portal.
type Link struct {
	Label string
	Href  string
}

// origin gives the part of an address that the CSP knows; "" when it has none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// audienceSources are the rules of the CSP that counting needs: its script bears our nonce, and
// only its own server may be told anything.
func (c Config) audienceSources() (connect, image []string) {
	if c.Audience == nil {
		return nil, nil
	}
	source := origin(c.Audience.URL)
	return []string{source}, []string{source}
}

// audienceOf gives what counts the page being rendered; nil when nothing does.
func audienceOf(ctx context.Context) *Audience {
	if info := infoOf(ctx); info.shell != nil {
		return info.shell.config.Audience
	}
	return nil
}

// countedPage is what the server of audience is told of a page: its pattern.
func countedPage(ctx context.Context) string {
	pattern := infoOf(ctx).pattern
	if pattern == "" {
		return "/(introuvable)"
	}
	return strings.TrimSuffix(pattern, "{$}")
}

// supportOf gives the link to live support; nil when there is none.
func supportOf(ctx context.Context) *Link {
	if info := infoOf(ctx); info.shell != nil {
		return info.shell.config.Support
	}
	return nil
}
