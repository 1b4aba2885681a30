package archtest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Document is a text written for people.
type Document struct {
	Path string // from the root of the repository, with slashes
	Text string
}

// Documents reads every Markdown file under a root.
func Documents(root string) ([]Document, error) {
	var documents []Document
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(entry.Name(), name == root)
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		documents = append(documents, Document{filepath.ToSlash(relative), string(content)})
		return err
	})
	return documents, err
}

// CheckDocuments refuses what documents name and that is not there: a link to an absent file, a
// make target, a command of the program, a package of the house.
func CheckDocuments(documents []Document, exists func(path string) bool, targets, commands []string) []Finding {
	var findings []Finding
	for _, d := range documents {
		tell := func(what, name string) {
			findings = append(findings, Finding{d.Path, fmt.Sprintf("names %s %s, which does not exist", what, name)})
		}
		for _, link := range matches(`\]\(([^)#:]+)(?:#[^)]*)?\)`, d.Text) {
			if target := filepath.ToSlash(filepath.Join(filepath.Dir(d.Path), link)); !exists(target) {
				tell("file", target)
			}
		}
		for _, target := range matches("(?m)(?:`|^)make ([a-z][a-z0-9-]*)", d.Text) {
			if !slices.Contains(targets, target) {
				tell("target", target)
			}
		}
		for _, command := range matches("(?:bin/|`)espace-membre ([a-z]+)", d.Text) {
			if !slices.Contains(commands, command) {
				tell("command", command)
			}
		}
		for _, folder := range matches(`go test (?:\./)(internal/[a-z/]+?)(?:/\.\.\.)?[\s`+"`]", d.Text) {
			if !exists(folder) {
				tell("folder", folder)
			}
		}
	}
	return findings
}

func matches(pattern, text string) []string {
	var names []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// Targets gives the targets of a Makefile.
func Targets(makefile string) []string { return matches(`(?m)^([a-z0-9-]+):`, makefile) }

// Commands gives the names of the program's commands, read in the fields of its command tree.
func Commands(tree string) []string {
	names := matches("(?m)^\t([A-Z][A-Za-z]+)\\s+[a-zA-Z]+\\s+`cmd:", tree)
	for i := range names {
		names[i] = strings.ToLower(names[i])
	}
	return names
}
