package publicsite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Directory is the site's public API, each file as it was read; an absent one is nil.
type Directory struct {
	Authors       []byte // authors.json
	Startups      []byte // startups.json
	Incubators    []byte // incubators.json
	Organisations []byte // organisations.json, or sponsors.json
}

// Source is what was read of the public site, ready to be compared with the portal.
type Source struct {
	bundle  *bundle
	release release // of the members
	// lists tells that the source is made of lists which may name records that it does not
	// describe; the site's files describe all of them.
	lists bool
}

// ReadDirectory reads the public API in formats v1.6 and v2.5 to v2.7. Records that cannot be
// kept are refused one by one; a file that is not JSON is an Invalid fault.
func ReadDirectory(d Directory) (*Source, error) {
	s := &Source{bundle: newBundle(), lists: true}
	for _, part := range []struct {
		text []byte
		read func([]byte) error
		name string
	}{
		{d.Organisations, s.readOrganizations, "organisations"},
		{d.Incubators, s.readIncubators, "incubateurs"},
		{d.Startups, s.readStartups, "produits"},
		{d.Authors, s.readAuthors, "membres"},
	} {
		if len(part.text) == 0 {
			continue
		}
		if err := part.read(part.text); err != nil {
			return nil, fault.New(fault.Invalid, "Le fichier des "+part.name+" n’est pas du JSON lisible.", "read %s: %w", part.name, err)
		}
	}
	return s, nil
}

// Release names the format of the members: v1.6, v2.5, v2.6 (v2.7 too) or site; "" without any.
func (s *Source) Release() string { return string(s.release) }

// listed is one record of a JSON file.
type listed struct {
	bag  bag
	text string
}

// readList reads a list of records. One that is not a record is refused.
func (b *bundle) readList(what string, raws []json.RawMessage) []listed {
	var found []listed
	for i, text := range raws {
		var one bag
		if json.Unmarshal(text, &one) != nil || one == nil {
			b.refuse(fmt.Sprintf("%s n° %d", what, i+1), "Fiche illisible.")
			continue
		}
		found = append(found, listed{one, string(text)})
	}
	return found
}

// slugOf gives the identifier of a record; an absent one refuses it.
func (b *bundle) slugOf(what string, one bag) (string, bool) {
	slug := one.text("id")
	if slug == "" {
		b.refuse(what, "Identifiant absent.")
	}
	return slug, slug != ""
}

func decodeList(text []byte) (list []json.RawMessage, err error) {
	err = json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &list)
	return list, err
}

func anyHas(records []listed, key string) bool {
	return slices.ContainsFunc(records, func(l listed) bool { return l.bag.has(key) })
}

// unescape undoes what the site's templates escape for HTML.
func (b bag) unescape(keys ...string) {
	for _, key := range keys {
		if text, ok := b[key].(string); ok {
			b[key] = html.UnescapeString(text)
		}
	}
}

func (s *Source) readAuthors(text []byte) error {
	raws, err := decodeList(text)
	if err != nil {
		return err
	}
	records := s.bundle.readList("membre", raws)
	switch {
	case anyHas(records, "bio"):
		s.release = v26
	case anyHas(records, "missions"):
		s.release = v25
	default:
		s.release = v16
	}
	for _, l := range records {
		slug, ok := s.bundle.slugOf("membre", l.bag)
		if !ok {
			continue
		}
		if s.release == v16 {
			l.bag["missions"] = onePeriod(l.bag)
		}
		l.bag.unescape("role", "domaine", "link")
		err := s.bundle.addMember(source{bag: l.bag, body: l.bag.text("bio"), slug: slug, file: slug, kept: l.text, format: "json", release: s.release})
		if err != nil {
			return err
		}
	}
	return nil
}

// onePeriod makes the mission that v1.6 tells on the record itself: from the first start to the
// last end, with "status/employer".
func onePeriod(record bag) []any {
	if record.text("start") == "" {
		return nil
	}
	status, employer, _ := strings.Cut(record.text("employer"), "/")
	return []any{map[string]any{"start": record["start"], "end": record["end"], "status": status, "employer": employer}}
}

func (s *Source) readOrganizations(text []byte) error {
	raws, err := decodeList(text)
	if err != nil { // sponsors.json: by slug
		if raws, err = bySlug(text); err != nil {
			return err
		}
	}
	for _, l := range s.bundle.readList("organisation", raws) {
		slug, ok := s.bundle.slugOf("organisation", l.bag)
		if !ok {
			continue
		}
		l.bag.unescape("name", "acronym", "domaine_ministeriel", "type")
		if err := s.bundle.addOrganization(source{bag: l.bag, slug: slug, file: slug, kept: l.text, format: "json", release: v26}); err != nil {
			return err
		}
	}
	return nil
}

// bySlug makes a list of an object whose keys are slugs, in order.
func bySlug(text []byte) ([]json.RawMessage, error) {
	var object map[string]bag
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &object); err != nil {
		return nil, err
	}
	var list []json.RawMessage
	for _, slug := range slices.Sorted(maps.Keys(object)) {
		one := object[slug]
		if one == nil {
			one = bag{}
		}
		one["id"] = slug
		list = append(list, raw(one))
	}
	return list, nil
}

func (s *Source) readIncubators(text []byte) error {
	raws, err := bySlug(text)
	if err != nil {
		return err
	}
	for _, l := range s.bundle.readList("incubateur", raws) {
		delete(l.bag, "startups") // told by the products themselves
		if l.bag.text("title") == "" {
			continue // hidden: only its products are told
		}
		if err := s.addListedIncubator(l.bag.text("id"), l.bag, string(raw(l.bag))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) addListedIncubator(slug string, b bag, text string) error {
	return s.bundle.addIncubator(source{bag: b, slug: slug, file: slug, kept: text, format: "json", release: v26})
}

func (s *Source) readStartups(text []byte) error {
	var document struct {
		Data     []json.RawMessage `json:"data"`
		Included []json.RawMessage `json:"included"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &document); err != nil {
		return err
	}
	for _, l := range s.bundle.readList("incubateur", document.Included) {
		slug := lastPart(l.bag.text("id")) // v2.1 to v2.6 write /incubateurs/slug
		if title := l.bag.inner("attributes").text("title"); slug == "" || title == "" || s.bundle.has(incubator, slug) {
			continue
		}
		if err := s.addListedIncubator(slug, l.bag.inner("attributes"), l.text); err != nil {
			return err
		}
	}
	records := s.bundle.readList("produit", document.Data)
	found := startupsRelease(records)
	for _, l := range records {
		slug, ok := s.bundle.slugOf("produit", l.bag)
		if !ok {
			continue
		}
		attributes := inSiteWords(l.bag, found)
		err := s.bundle.addStartup(source{
			bag: attributes, body: attributes.text("body"), slug: slug, file: slug, kept: l.text, format: "json", release: found,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func startupsRelease(records []listed) release {
	has := func(key string) bool {
		return slices.ContainsFunc(records, func(l listed) bool { return l.bag.inner("attributes").has(key) })
	}
	switch {
	case has("thematiques"):
		return v26
	case has("contact"):
		return v25
	}
	return v16
}

// inSiteWords names the attributes of a product as the Markdown files do.
func inSiteWords(record bag, r release) bag {
	a := bag{}
	maps.Copy(a, record.inner("attributes"))
	a["title"], a["mission"] = a["name"], a["pitch"]
	a["incubator"] = record.inner("relationships").inner("incubator").inner("data").text("id")
	if list := record.inner("relationships").inner("incubators").bags("data"); a["incubator"] == "" && len(list) > 0 {
		a["incubator"] = list[0].text("id") // v2.7
	}
	if technos, ok := a["technos"]; ok {
		a["techno"] = technos
	}
	if r == v16 && a.text("status") != "" {
		a["phases"] = []any{map[string]any{"name": a.text("status"), "start": a["start"]}}
	}
	a["body"] = decodeMarkdown(a.text("content_url_encoded_markdown"))
	return a
}

// decodeMarkdown undoes the percent-encoding of a body; a broken one stays as it is.
func decodeMarkdown(encoded string) string {
	decoded, err := url.PathUnescape(encoded)
	if err != nil {
		return encoded
	}
	return decoded
}
