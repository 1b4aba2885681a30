package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Policy says who may use a route. Use-cases check rights again: a policy only keeps the door.
type Policy struct {
	name    string
	login   bool // somebody must be logged in
	out     bool // nobody may be logged in: members are sent home
	verify  bool // who must verify their record is let in
	limited bool // a limited session is let in
	allow   func(actor.Actor) error
}

// Name gives the word that tables of routes show.
func (p Policy) Name() string { return p.name }

// The policies. They are values, compared by nobody and changed by nobody.
var (
	// Public lets everybody in: no session is needed, and one changes nothing.
	Public = Policy{name: "public", verify: true, limited: true}
	// Anonymous is for who is not logged in; a member is sent home.
	Anonymous = Policy{name: "anonymous", out: true}
	// Member lets active members in, and expired ones through end + 4 days.
	Member = Policy{name: "member", login: true}
	// Any lets every verified session in, limited ones too: pages about one's own record.
	Any = Policy{name: "any", login: true, limited: true}
	// Unverified lets every session in, even before the record is verified: /verify, logout.
	Unverified = Policy{name: "unverified", login: true, verify: true, limited: true}
	// Admin lets administrators in.
	Admin = Policy{name: "admin", login: true, allow: func(a actor.Actor) error {
		if a.Admin {
			return nil
		}
		return fault.New(fault.Forbidden, "Cette page est réservée aux administrateurs.", "not an administrator")
	}}
)

// Require is Member with one more check, which gives nil or a Forbidden fault.
func Require(name string, check func(actor.Actor) error) Policy {
	return Policy{name: name, login: true, allow: check}
}

// The places where a policy sends people.
const (
	loginPath  = "/login"
	homePath   = "/dashboard"
	verifyPath = "/verify"
)

// decide tells what a policy answers to a viewer: let in (both zero), go elsewhere, or refuse.
func (p Policy) decide(viewer actor.Actor) (elsewhere string, err error) {
	switch {
	case p.out && viewer.LoggedIn():
		return homePath, nil
	case p.login && !viewer.LoggedIn():
		return loginPath, nil
	case !viewer.LoggedIn():
		return "", nil
	case viewer.Standing == actor.Unverified && !p.verify:
		return verifyPath, nil
	case viewer.Standing == actor.Limited && !p.limited:
		return "", fault.New(fault.Forbidden,
			"Ta dernière mission est terminée : tu peux encore voir ta fiche et demander une prolongation.", "limited session")
	case p.allow != nil:
		return "", p.allow(viewer)
	}
	return "", nil
}

// isAPI tells the addresses that machines read: they never get a page.
func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// loginAddress is where a visitor logs in and comes back to the page that they asked for.
func loginAddress(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return loginPath
	}
	next := r.URL.RequestURI()
	if next == "/" || next == homePath || LocalPath(next) == "" {
		return loginPath
	}
	return loginPath + "?next=" + url.QueryEscape(next)
}

// LocalPath gives the address of a page of this portal as it was given, or "" when it could
// lead anywhere else, is a machine's address or a login page, or is longer than 500 bytes.
func LocalPath(next string) string {
	if len(next) > 500 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, doubtful) {
		return ""
	}
	u, err := url.Parse(next)
	if err != nil || u.Host != "" || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return ""
	}
	for _, prefix := range []string{"/api/", "/static/", loginPath, "/logout", "/signin"} {
		if strings.HasPrefix(u.Path, prefix) {
			return ""
		}
	}
	return next
}

// doubtful tells the characters that browsers drop, or read as a slash.
func doubtful(c rune) bool { return c < 0x21 || c == '\\' || c >= 0x7f }
