// Package startup holds the products of the community (startups d’État): their record, the
// phases that they go through, the events of their life, and the organizations that sponsor them.
//
// A product is known by its slug, the name of its file on the public site, which may hold
// capitals, dots and accents: escape it in addresses. Its current phase is the latest one begun.
//
// Tables: startup, phase, startup_event, startup_sponsor.
package startup
