// Command gen makes the compact lists of communes and of départements that the portal embeds,
// from two packages of npm: the official list of the State, and a drawing of the départements.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen ASSETS DIST")
		os.Exit(2)
	}
	cities, shapes, err := generate(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
	fmt.Printf("%d communes, %d départements drawn\n", cities, shapes)
}

// generate writes communes.tsv.gz and departements.tsv.gz, and counts their lines.
func generate(assets, dist string) (cities, shapes int, err error) {
	modules := filepath.Join(assets, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		return 0, 0, errors.New("no node_modules: run npm ci in assets first")
	}
	data := filepath.Join(modules, "@etalab", "decoupage-administratif", "data")
	list, cities, err := communes(filepath.Join(data, "communes.json"))
	if err != nil {
		return 0, 0, err
	}
	if err := write(filepath.Join(dist, "communes.tsv.gz"), list); err != nil {
		return 0, 0, err
	}
	drawn, err := drawing(filepath.Join(modules, "@svg-maps", "france.departments", "france.departments.svg"))
	if err != nil {
		return 0, 0, err
	}
	table, err := departements(filepath.Join(data, "departements.json"), drawn)
	if err != nil {
		return 0, 0, err
	}
	return cities, len(drawn), write(filepath.Join(dist, "departements.tsv.gz"), table)
}

func readJSON(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// communes makes a line a commune: code, name, postal codes, inhabitants, and "-" when it is not a
// commune any more but part of one: old records hold its code.
func communes(path string) (list []byte, count int, err error) {
	var all []struct {
		Code, Nom, Type string
		CodesPostaux    []string
		Population      int
	}
	if err := readJSON(path, &all); err != nil {
		return nil, 0, err
	}
	known := map[string]bool{}
	var b bytes.Buffer
	for _, wanted := range []bool{true, false} { // a part often bears the code of the whole
		for _, c := range all {
			listed := c.Type == "commune-actuelle" || c.Type == "arrondissement-municipal"
			if listed != wanted || known[c.Code] {
				continue
			}
			known[c.Code] = true
			mark := ""
			if !listed {
				mark = "-"
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%d\t%s\n", c.Code, c.Nom, strings.Join(c.CodesPostaux, " "), c.Population, mark)
		}
	}
	if len(known) < 30_000 {
		return nil, 0, fmt.Errorf("%s holds %d communes only", path, len(known))
	}
	return b.Bytes(), len(known), nil
}

// shape is a département as drawn.
type shape struct {
	path   string
	center place
}

// departements makes a line a département: code, name, zone (metro, drom, com), latitude and
// longitude of its middle, drawing; the last three are empty for the smallest territories.
func departements(path string, drawn map[string]shape) ([]byte, error) {
	var all []struct{ Code, Nom, Zone string }
	if err := readJSON(path, &all); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, d := range all {
		s := drawn[d.Code]
		if d.Zone == "metro" && s.path == "" {
			return nil, fmt.Errorf("no drawing of département %s", d.Code)
		}
		if middle, ok := overseas()[d.Code]; ok {
			s.center = middle
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", d.Code, d.Nom, d.Zone, s.center, s.path)
	}
	return b.Bytes(), nil
}

// drawing reads the outlines of an SVG by code of département, and simplifies them.
func drawing(path string) (map[string]shape, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var svg struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			ID string `xml:"id,attr"`
			D  string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(text, &svg); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if svg.ViewBox != "0 0 613 585" {
		return nil, fmt.Errorf("the drawing is now %s: change the viewBox of package geo", svg.ViewBox)
	}
	drawn := map[string]shape{}
	for _, p := range svg.Paths {
		rings, err := parsePath(p.D)
		if err != nil {
			return nil, fmt.Errorf("département %s: %w", p.ID, err)
		}
		drawn[strings.ToUpper(p.ID)] = shape{printPath(slices.Collect(simplifyAll(rings))), middle(rings)}
	}
	return drawn, nil
}

// write compresses without a date, so that the same input gives the same bytes.
func write(name string, content []byte) error {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, zipped.Bytes(), 0o644)
}
