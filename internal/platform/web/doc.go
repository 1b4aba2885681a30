// Package web is the shell of the portal: routes with a policy each, pages rendered inside the
// State's design system, errors turned into French pages in one place, sessions, and the
// protections that every request goes through. Rooms give it their routes; it knows no room.
//
// A request goes through: recovery, request id, access log and metrics, security headers;
// then, unless it asks for a static file or a probe: rate limit, body limit, cross-origin
// protection, session, viewer, and at last the policy of its route.
package web
