package publicsite

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/org"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/startup"
)

// Import brings what was read of the public site into the portal, in one transaction. Actor is
// who asked for it: a username, or "system". Progress may be nil.
func Import(ctx context.Context, db postgres.DB, now time.Time, actor string, s *Source, progress func(Step)) (Report, error) {
	run := &importing{
		now: now, actor: actor, source: s, progress: progress,
		report: Report{Release: s.Release(), Kept: []Kept{}, Refused: []Refusal{}, Notices: []Refusal{}},
	}
	// The bundle is left as it was read: a second import of it starts from the same.
	run.bundle = s.bundle.copy()
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error { return run.all(ctx, tx) })
	if err != nil {
		return Report{}, fmt.Errorf("import the public site: %w", err)
	}
	run.report.Refused = append(run.report.Refused, run.bundle.refused...)
	run.report.Notices = append(run.report.Notices, run.bundle.notices...)
	return run.report, nil
}

// importing is one import under way.
type importing struct {
	now      time.Time
	actor    string
	source   *Source
	bundle   *bundle
	progress func(Step)
	report   Report
}

// shelf is where the records of a kind are in the portal.
type shelf[R any] struct {
	kind             kind
	label            string // French, plural
	created, updated audit.Code
	blank            R // a new record, for the fields that the site does not tell
	slug             func(R) string
	read             func(context.Context, postgres.DB, []string) ([]R, error)
	keep             func(context.Context, postgres.DB, time.Time, []R) (map[string]uuid.UUID, error)
	// event links an event of the history to what it tells.
	event func(*audit.Event, uuid.UUID)
}

func (run *importing) all(ctx context.Context, tx pgx.Tx) error {
	// Two imports at once would each believe what the other is about to change.
	if _, err := tx.Exec(ctx, `LOCK TABLE site_source IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("wait for other imports: %w", postgres.Fault(err))
	}
	if err := run.resolve(ctx, tx); err != nil {
		return err
	}
	for _, stage := range []func() error{
		func() error { return importKind(ctx, tx, run, organizations()) },
		func() error { return importKind(ctx, tx, run, incubators()) },
		func() error { return importKind(ctx, tx, run, teams()) },
		func() error { return importKind(ctx, tx, run, products()) },
		func() error { return importKind(ctx, tx, run, people()) },
	} {
		if err := stage(); err != nil {
			return err
		}
	}
	return nil
}

func (run *importing) tell(label string, done, total int) {
	if run.progress != nil {
		run.progress(Step{label, done, total})
	}
}

// importKind compares and keeps the records of one kind.
func importKind[R any](ctx context.Context, tx pgx.Tx, run *importing, on shelf[R]) error {
	entries := run.bundle.entries[on.kind]
	if len(entries) == 0 {
		return nil
	}
	run.tell("Comparaison : "+on.label, 0, len(entries))
	ours, origins, err := current(ctx, tx, on, entries)
	if err != nil {
		return err
	}
	blank, err := fieldsOf(on.blank)
	if err != nil {
		return err
	}
	var records []R
	var news []origin
	decisions := map[string]decision{}
	for i, e := range entries {
		d, err := decide(e, origins[e.slug], ours[e.slug], blank)
		if err != nil {
			return err
		}
		run.report.add(on.kind, d)
		if d.origin.Slug != "" && !d.origin.equals(origins[e.slug]) {
			news = append(news, d.origin)
		}
		if len(d.changed) > 0 {
			record, err := recordOf[R](e.slug, d.record)
			if err != nil {
				return err
			}
			records = append(records, record)
			decisions[e.slug] = d
		}
		if i%500 == 499 || i == len(entries)-1 {
			run.tell("Comparaison : "+on.label, i+1, len(entries))
		}
	}
	run.tell("Écriture : "+on.label, 0, len(records))
	if err := keepKind(ctx, tx, run, on, records, decisions); err != nil {
		return err
	}
	run.tell("Écriture : "+on.label, len(records), len(records))
	return keepOrigins(ctx, tx, run.now, news)
}

// current reads what the portal says of the entries, and what the site said of them.
func current[R any](ctx context.Context, tx pgx.Tx, on shelf[R], entries []entry) (map[string]fields, map[string]*origin, error) {
	slugs := make([]string, len(entries))
	for i, e := range entries {
		slugs[i] = e.slug
	}
	records, err := on.read(ctx, tx, slugs)
	if err != nil {
		return nil, nil, err
	}
	ours := make(map[string]fields, len(records))
	for _, record := range records {
		if ours[on.slug(record)], err = fieldsOf(record); err != nil {
			return nil, nil, err
		}
	}
	origins, err := originsOf(ctx, tx, on.kind)
	return ours, origins, err
}

// keepKind writes the records and their history.
func keepKind[R any](ctx context.Context, tx pgx.Tx, run *importing, on shelf[R], records []R, decisions map[string]decision) error {
	if len(records) == 0 {
		return nil
	}
	ids, err := on.keep(ctx, tx, run.now, records)
	if err != nil {
		return err
	}
	events := make([]audit.Event, 0, len(records))
	for _, record := range records {
		slug := on.slug(record)
		d := decisions[slug]
		e := audit.Event{At: run.now, Actor: run.actor, Code: on.updated, Subject: slug, Reason: "Import du site public"}
		if d.created {
			e.Code = on.created // the record is its own text: site_source has what it was made of
		} else {
			after := fields{}
			for _, field := range d.changed {
				after[field] = d.record[field]
			}
			e.Before, e.After = d.before, after
		}
		if on.event != nil {
			on.event(&e, ids[slug])
		}
		events = append(events, e)
	}
	return audit.WriteAll(ctx, tx, events)
}

// all reads every record of a kind, whatever slugs are asked.
func all[R any](read func(context.Context, postgres.DB) ([]R, error)) func(context.Context, postgres.DB, []string) ([]R, error) {
	return func(ctx context.Context, tx postgres.DB, _ []string) ([]R, error) { return read(ctx, tx) }
}

// quietly keeps records whose identifiers nobody needs.
func quietly[R any](keep func(context.Context, postgres.DB, time.Time, []R) error) func(context.Context, postgres.DB, time.Time, []R) (map[string]uuid.UUID, error) {
	return func(ctx context.Context, tx postgres.DB, now time.Time, records []R) (map[string]uuid.UUID, error) {
		return nil, keep(ctx, tx, now, records)
	}
}

func organizations() shelf[org.OrganizationRecord] {
	return shelf[org.OrganizationRecord]{
		kind: organization, label: "organisations", created: "ORGANIZATION_CREATED", updated: "ORGANIZATION_UPDATED",
		slug: func(r org.OrganizationRecord) string { return r.Slug },
		read: all(org.OrganizationRecords), keep: quietly(org.KeepOrganizations),
	}
}

func incubators() shelf[org.IncubatorRecord] {
	return shelf[org.IncubatorRecord]{
		kind: incubator, label: "incubateurs", created: "INCUBATOR_CREATED", updated: "INCUBATOR_UPDATED",
		slug: func(r org.IncubatorRecord) string { return r.Slug },
		read: all(org.IncubatorRecords), keep: quietly(org.KeepIncubators),
	}
}

func teams() shelf[org.TeamRecord] {
	return shelf[org.TeamRecord]{
		kind: team, label: "équipes", created: "TEAM_CREATED", updated: "TEAM_UPDATED",
		slug: func(r org.TeamRecord) string { return r.Slug },
		read: all(org.TeamRecords), keep: quietly(org.KeepTeams),
	}
}

func products() shelf[startup.Record] {
	return shelf[startup.Record]{
		kind: product, label: "produits", created: "STARTUP_INFO_CREATED", updated: "STARTUP_INFO_UPDATED",
		slug: func(r startup.Record) string { return r.Slug },
		read: all(startup.Records), keep: startup.Keep,
		event: func(e *audit.Event, id uuid.UUID) { e.Startup = id },
	}
}

func people() shelf[member.SiteRecord] {
	return shelf[member.SiteRecord]{
		kind: person, label: "membres", created: "MEMBER_CREATED", updated: "MEMBER_BASE_INFO_UPDATED",
		blank: member.SiteRecord{Domain: "Autre"},
		slug:  func(r member.SiteRecord) string { return r.Username },
		read:  member.SiteRecords, keep: member.KeepSiteRecords,
		event: func(e *audit.Event, id uuid.UUID) { e.Member = id },
	}
}

// copy gives a bundle whose lists may change without changing the first.
func (b *bundle) copy() *bundle {
	next := newBundle()
	for k, entries := range b.entries {
		next.entries[k] = slices.Clone(entries)
		for i, e := range next.entries[k] {
			next.seen[string(k)+"/"+e.slug] = true
			next.entries[k][i].told = maps.Clone(e.told)
		}
	}
	next.refused, next.notices = slices.Clone(b.refused), slices.Clone(b.notices)
	return next
}
