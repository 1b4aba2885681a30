package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// writer remembers what was answered.
type writer struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun.
func (w *writer) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// written tells whether an answer has begun, through the layers around our writer.
func written(w http.ResponseWriter) bool {
	for w != nil {
		switch layer := w.(type) {
		case *writer:
			return layer.status != 0
		case interface{ Unwrap() http.ResponseWriter }:
			w = layer.Unwrap()
		default:
			return false
		}
	}
	return false
}

// prepare gives the request its identity; a proxy's request id is not trusted.
func (s *shell) prepare(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := &request{shell: s, id: rand.Text()[:16], nonce: rand.Text(), client: s.clientOf(r)}
		w.Header().Set("X-Request-Id", info.id)
		next.ServeHTTP(&writer{ResponseWriter: w}, r.WithContext(context.WithValue(r.Context(), requestKey{}, info)))
	})
}

// clientOf gives the address of the client, without port. Behind one proxy of ours it is the
// last address of X-Forwarded-For, the only one that a client cannot forge.
func (s *shell) clientOf(r *http.Request) string {
	if s.config.BehindProxy {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// observe writes the access line and counts: the route's pattern, never the address asked.
func (s *shell) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		next.ServeHTTP(w, r)
		info, took, status := infoOf(r.Context()), time.Since(start), statusWritten(w)
		pattern := info.pattern
		if pattern == "" {
			pattern = quietPattern(r)
		}
		s.config.Metrics.observe(r.Method, pattern, status, took)
		level := slog.LevelInfo
		if strings.HasPrefix(pattern, "/static/") || pattern == "/healthz" || pattern == "/readyz" || pattern == "/metrics" {
			level = slog.LevelDebug
		}
		s.config.Logger.Log(r.Context(), level, "request", slog.String("request", info.id), slog.String("method", r.Method),
			slog.String("route", pattern), slog.Int("status", status), slog.Int64("ms", took.Milliseconds()),
			slog.String("username", info.viewer.Username))
	})
}

// quietPattern names what is not a route of a room.
func quietPattern(r *http.Request) string {
	switch {
	case strings.HasPrefix(r.URL.Path, "/static/"):
		return "/static/"
	case r.URL.Path == "/healthz", r.URL.Path == "/readyz", r.URL.Path == "/metrics":
		return r.URL.Path
	}
	return "unmatched"
}

func statusWritten(w http.ResponseWriter) int {
	if own, ok := w.(*writer); ok && own.status != 0 {
		return own.status
	}
	return http.StatusOK
}

// recover turns a panic into the page of an error, with its stack in the log.
func (s *shell) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			problem := recover()
			if problem == nil {
				return
			}
			if aborted, ok := problem.(error); ok && errors.Is(aborted, http.ErrAbortHandler) {
				panic(problem)
			}
			if s.config.OnPanic != nil {
				s.config.OnPanic(r.Context(), problem)
			}
			s.fail(w, r, fmt.Errorf("panic: %v\n%s", problem, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets the headers that every answer bears.
func (s *shell) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", s.contentPolicy(infoOf(r.Context()).nonce))
		header.Set("X-Content-Type-Options", "nosniff")
		// same-origin rather than no-referrer, which would make browsers send "Origin: null".
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		header.Set("X-Robots-Tag", "noindex, nofollow")
		if s.config.Secure {
			header.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *shell) contentPolicy(nonce string) string {
	connect, image := s.config.audienceSources()
	rules := []string{
		"default-src 'none'", "script-src 'self' 'nonce-" + nonce + "'", "style-src 'self'", "font-src 'self'",
		strings.Join(append([]string{"connect-src 'self'"}, connect...), " "), "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
		strings.Join(append(append([]string{"img-src 'self' data:"}, image...), s.config.ImageSources...), " "),
	}
	if len(s.config.FrameSources) > 0 {
		rules = append(rules, "frame-src "+strings.Join(s.config.FrameSources, " "))
	}
	if s.config.Secure {
		rules = append(rules, "upgrade-insecure-requests")
	}
	return strings.Join(rules, "; ")
}

// limitBody bounds what a request may send: a visitor less than a member, whose form, or picture,
// is to come back with a message at the field that is too long.
func (s *shell) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := s.config.MaxBody
		if infoOf(r.Context()).viewer.LoggedIn() {
			most = max(most, memberBody)
		}
		if r.ContentLength > most {
			s.fail(w, r, statusError{status: http.StatusRequestEntityTooLarge})
			return
		}
		if r.ContentLength <= s.config.MaxBody {
			most = s.config.MaxBody // of unknown length too
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if err := cutTexts(r, s.config.MaxBody); err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// identify loads the viewer of the session, and closes that of a member who is gone.
func (s *shell) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), sessionsKey{}, s.config.Sessions))
		viewer, err := s.viewerOf(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		infoOf(r.Context()).viewer = viewer
		next.ServeHTTP(w, r.WithContext(actor.With(r.Context(), viewer)))
	})
}

func (s *shell) viewerOf(r *http.Request) (actor.Actor, error) {
	id := s.config.Sessions.Member(r.Context())
	if id == uuid.Nil {
		return actor.Actor{}, nil
	}
	viewer, err := s.config.Viewers.Viewer(r.Context(), id)
	if fault.Is(err, fault.NotFound) {
		return actor.Actor{}, s.config.Sessions.LogOut(r.Context())
	}
	return viewer, err
}
