package web

import (
	"context"
	"net/http"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/session"
)

// request is what the shell knows of a request; the layers fill it, the access line and the
// pages read it.
type request struct {
	shell   *shell
	id      string
	nonce   string
	client  string // network address of the client
	pattern string // of the route; empty when there is none
	viewer  actor.Actor
}

type (
	requestKey  struct{}
	sessionsKey struct{}
)

// sessionsOf gives the sessions of a request; nil before its session is loaded.
func sessionsOf(ctx context.Context) *session.Manager {
	sessions, _ := ctx.Value(sessionsKey{}).(*session.Manager)
	return sessions
}

func infoOf(ctx context.Context) *request {
	info, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return &request{}
	}
	return info
}

// Viewer tells who asks: the zero actor when nobody is logged in.
func Viewer(r *http.Request) actor.Actor { return actor.From(r.Context()) }

// RequestID gives the identifier of a request, which its log lines and error page show.
func RequestID(r *http.Request) string { return infoOf(r.Context()).id }

// ClientAddress gives the network address of the client, through the proxy when there is one.
// It is personal data: hash it, never log it.
func ClientAddress(r *http.Request) string { return infoOf(r.Context()).client }

// Nonce gives the CSP nonce of the page being rendered; every script element bears it.
func Nonce(ctx context.Context) string { return infoOf(ctx).nonce }

// Serves tells whether the portal has a page at a path, so that links to pages which do not
// exist here are not shown.
func Serves(ctx context.Context, path string) bool {
	info := infoOf(ctx)
	return info.shell != nil && info.shell.serves(path)
}
