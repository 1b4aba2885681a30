package publicsite

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// maxFile is the size, in bytes, above which a file of the site is not read.
const maxFile = 8 << 20

// collection is a folder of the site.
type collection struct {
	folder string
	add    func(*bundle, source) error
}

func collections() []collection {
	return []collection{
		{"_organisations", (*bundle).addOrganization},
		{"_incubators", (*bundle).addIncubator},
		{"_teams", (*bundle).addTeam},
		{"_startups", (*bundle).addStartup},
		{"_authors", (*bundle).addMember},
	}
}

// ReadSite reads the Markdown files of the site's repository, wherever its folder "content" is
// in the tree. A file that cannot be kept is refused; a tree without members nor products is an
// Invalid fault. Progress may be nil.
func ReadSite(tree fs.FS, progress func(Step)) (*Source, error) {
	root, err := contentRoot(tree)
	if err != nil {
		return nil, err
	}
	s := &Source{bundle: newBundle(), release: site}
	for _, c := range collections() {
		if err := s.readCollection(tree, root, c, progress); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// contentRoot finds the folder that holds the collections: the tree itself, content, or the
// content of the one folder that an archive of the repository starts with.
func contentRoot(tree fs.FS) (string, error) {
	candidates := []string{".", "content"}
	entries, err := fs.ReadDir(tree, ".")
	if err != nil {
		return "", fault.New(fault.NotFound, "Ce dossier ou cette archive ne se lit pas.", "read the site: %w", err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			candidates = append(candidates, entry.Name(), path.Join(entry.Name(), "content"))
		}
	}
	for _, candidate := range candidates {
		for _, folder := range []string{"_authors", "_startups"} {
			if info, err := fs.Stat(tree, path.Join(candidate, folder)); err == nil && info.IsDir() {
				return candidate, nil
			}
		}
	}
	return "", fault.New(fault.Invalid, "Aucun dossier content/_authors ni content/_startups : ce n’est pas le dépôt du site public.", "no collection in the tree")
}

func (s *Source) readCollection(tree fs.FS, root string, c collection, progress func(Step)) error {
	folder := path.Join(root, c.folder)
	entries, err := fs.ReadDir(tree, folder)
	if errors.Is(err, fs.ErrNotExist) {
		s.bundle.notice(c.folder, "Ce dossier n’existe pas.")
		return nil
	}
	if err != nil {
		return fmt.Errorf("list %s: %w", folder, err)
	}
	for i, entry := range entries {
		if progress != nil && (i%100 == 0 || i == len(entries)-1) {
			progress(Step{"Lecture de " + c.folder, i + 1, len(entries)})
		}
		name := path.Join(c.folder, entry.Name())
		slug, markdown := strings.CutSuffix(entry.Name(), ".md")
		switch {
		case entry.IsDir() || strings.HasPrefix(entry.Name(), "."):
			continue
		case !markdown:
			s.bundle.refuse(name, "Le nom du fichier ne finit pas par .md.")
			continue
		}
		text, reason := readText(tree, path.Join(folder, entry.Name()))
		if reason != "" {
			s.bundle.refuse(name, reason)
			continue
		}
		if err := s.readFile(c, name, norm.NFC.String(slug), text); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) readFile(c collection, name, slug string, text []byte) error {
	valid := string(text)
	if !utf8.Valid(text) {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(text)
		if err != nil {
			s.bundle.refuse(name, "Ce fichier n’est pas en UTF-8.")
			return nil
		}
		valid = string(decoded)
		s.bundle.notice(name, "Ce fichier n’est pas en UTF-8 : lu en Windows-1252.")
	}
	header, body, reason := split(valid)
	if reason != "" {
		s.bundle.refuse(name, reason)
		return nil
	}
	values := bag{}
	if err := yaml.UnmarshalWithOptions([]byte(header), &values, yaml.AllowDuplicateMapKey()); err != nil {
		s.bundle.refuse(name, "En-tête YAML illisible"+position(err)+".")
		return nil
	}
	return c.add(s.bundle, source{
		bag: values, body: clean(body), slug: slug, file: name, kept: strings.ReplaceAll(valid, "\x00", ""), format: "markdown", release: site,
	})
}

func readText(tree fs.FS, name string) (text []byte, reason string) {
	info, err := fs.Stat(tree, name)
	if err != nil {
		return nil, "Ce fichier ne se lit pas."
	}
	if info.Size() > maxFile {
		return nil, "Ce fichier est trop gros."
	}
	if text, err = fs.ReadFile(tree, name); err != nil {
		return nil, "Ce fichier ne se lit pas."
	}
	return text, ""
}

// split cuts a file at the two lines of three dashes that surround its header; those of the
// body are part of it. The second one may be the last bytes of the file.
func split(text string) (header, body, reason string) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(text, "\ufeff"))
	first, rest, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != "---" {
		return "", "", "Le fichier ne commence pas par un en-tête (« --- »)."
	}
	for at := 0; at < len(rest); {
		line, _, more := strings.Cut(rest[at:], "\n")
		if strings.TrimRight(line, " \t") == "---" {
			return rest[:at], strings.TrimPrefix(rest[at+len(line):], "\n"), ""
		}
		if !more {
			break
		}
		at += len(line) + 1
	}
	return "", "", "L’en-tête n’est pas fermé (« --- »)."
}

// position gives the line of an error of YAML, counted in the file.
func position(err error) string {
	match := regexp.MustCompile(`^\[(\d+):\d+\]`).FindStringSubmatch(err.Error())
	if match == nil {
		return ""
	}
	var line int
	if _, err := fmt.Sscan(match[1], &line); err != nil {
		return ""
	}
	return fmt.Sprintf(", ligne %d", line+1)
}
