package publicsite

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// origin is what is kept of a record since it was last imported.
type origin struct {
	Kind     kind
	Slug     string
	Source   string
	Format   string
	Release  release
	Imported fields // what the site said then, as applied
}

// decision is what becomes of one record.
type decision struct {
	created bool
	changed []string // fields that take the site's value, in order
	before  fields   // of these, what the portal said
	record  fields   // the whole record as it should be
	kept    []Kept
	origin  origin // to be kept from now on
}

// decide compares three versions of a record: what the site said (was, nil when it was never
// imported), what it says (e), what the portal says (ours, nil when it has no such record).
// A record that was imported and is no longer in the portal was removed here: it stays so. Blank
// are the fields of a new record, for those that the site does not tell.
func decide(e entry, was *origin, ours, blank fields) (decision, error) {
	d := decision{record: fields{}, before: fields{}, origin: nextOrigin(e, was)}
	switch {
	case ours == nil && was == nil:
		d.created, d.changed = true, slices.Sorted(maps.Keys(e.told))
		maps.Copy(d.record, blank)
		maps.Copy(d.record, e.told)
		maps.Copy(d.origin.Imported, d.record)
		return d, nil
	case ours == nil:
		d.origin = *was
		d.keep(e, "", "supprimée du portail")
		return d, nil
	case e.stub:
		d.origin = origin{}
		return d, nil
	}
	maps.Copy(d.record, ours)
	for _, field := range slices.Sorted(maps.Keys(e.told)) {
		if was != nil && e.release.coarserThan(was.Release) && e.release.coarserThan(fullAt(field)) {
			continue
		}
		if err := d.merge(e, field, ours[field]); err != nil {
			return d, err
		}
	}
	return d, nil
}

// nextOrigin keeps the text of the finest source so far.
func nextOrigin(e entry, was *origin) origin {
	next := origin{Kind: e.kind, Slug: e.slug, Source: e.source, Format: e.format, Release: e.release, Imported: fields{}}
	if was != nil {
		maps.Copy(next.Imported, was.Imported)
		if e.release.coarserThan(was.Release) {
			next.Source, next.Format, next.Release = was.Source, was.Format, was.Release
		}
	}
	return next
}

// merge settles one field.
func (d *decision) merge(e entry, field string, ours json.RawMessage) error {
	theirs := e.told[field]
	if field == "missions" {
		return d.mergeMissions(e, ours)
	}
	base, imported := d.origin.Imported[field]
	switch {
	case same(ours, theirs):
		d.origin.Imported[field] = theirs
	case imported && same(ours, base), !imported && nothing(ours):
		d.take(field, ours, theirs)
		d.origin.Imported[field] = theirs
	case !imported:
		d.keep(e, field, "saisi dans le portail")
	default:
		d.keep(e, field, "modifié dans le portail")
	}
	return nil
}

func (d *decision) take(field string, ours, theirs json.RawMessage) {
	d.changed = append(d.changed, field)
	d.before[field] = ours
	d.record[field] = theirs
}

func (d *decision) keep(e entry, field, reason string) {
	d.kept = append(d.kept, Kept{File: e.file, Field: field, Label: label(field), Reason: reason})
}

// mergeMissions settles the missions one by one.
func (d *decision) mergeMissions(e entry, ours json.RawMessage) error {
	var missions threeMissions
	base, imported := d.origin.Imported["missions"]
	missions.known = imported
	for _, part := range []struct {
		from json.RawMessage
		into any
	}{{base, &missions.base}, {e.told["missions"], &missions.theirs}, {ours, &missions.ours}} {
		if len(part.from) == 0 {
			continue
		}
		if err := json.Unmarshal(part.from, part.into); err != nil {
			return fmt.Errorf("read the missions of %s: %w", e.slug, err)
		}
	}
	result := missions.merge()
	if result.changed {
		d.take("missions", ours, raw(result.missions))
	}
	if result.known {
		d.origin.Imported["missions"] = raw(result.base)
	}
	for _, reason := range result.kept {
		d.keep(e, "missions", reason)
	}
	return nil
}

// equals tells whether nothing is to be kept anew.
func (o origin) equals(other *origin) bool {
	return other != nil && o.Source == other.Source && o.Format == other.Format && o.Release == other.Release &&
		maps.EqualFunc(o.Imported, other.Imported, same)
}
