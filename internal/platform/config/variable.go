package config

import (
	"fmt"
	"strings"
)

// Variable is one setting as people see it.
type Variable struct {
	Name     string
	Other    string // another accepted name, used when Name is not set; may be empty
	Kind     string // French word for what is expected: "texte", "booléen"…
	Default  string // text used when nothing is set; may be empty
	Doc      string // French sentence
	Secret   bool
	New      bool // not a variable of the reference
	External bool // read by another tool (compose), listed for the reader
	read     func(text string) error
}

// Group is a family of settings, in the order of the documentation.
type Group struct {
	Title     string // French
	Note      string // French, may be empty
	Variables []Variable
}

// bind makes a row that parses a text into a field.
func bind[T any](into *T, kind string, parse func(string) (T, error), name, otherwise, doc string) Variable {
	return Variable{Name: name, Kind: kind, Default: otherwise, Doc: doc, read: func(text string) error {
		value, err := parse(text)
		if err == nil {
			*into = value
		}
		return err
	}}
}

func text(into *string, name, otherwise, doc string) Variable {
	return bind(into, "texte", parseText, name, otherwise, doc)
}

func link(into *string, name, otherwise, doc string) Variable {
	return bind(into, "adresse web", parseLink, name, otherwise, doc)
}

func boolean(into *bool, name, otherwise, doc string) Variable {
	return bind(into, "booléen", ParseBool, name, otherwise, doc)
}

func integer(into *int, name, otherwise, doc string) Variable {
	return bind(into, "entier", func(text string) (int, error) { return parseInteger(text, 1, 1<<31-1) }, name, otherwise, doc)
}

func port(into *int, name, otherwise, doc string) Variable {
	return bind(into, "port", func(text string) (int, error) { return parseInteger(text, 1, 65535) }, name, otherwise, doc)
}

func list(into *[]string, name, otherwise, doc string) Variable {
	return bind(into, "liste", parseList, name, otherwise, doc)
}

func secret(into *Secret, name, doc string) Variable {
	return bind(into, "texte", parseSecret, name, "", doc).hidden()
}

func secretLink(into *Secret, name, doc string) Variable {
	return bind(into, "adresse web", parseSecretLink, name, "", doc).hidden()
}

func banner(into **Banner, name, doc string) Variable {
	return bind(into, "JSON", parseBanner, name, "", doc)
}

func choice[T ~string](into *T, name, otherwise, doc string, words ...T) Variable {
	return bind(into, "un de : `"+strings.ReplaceAll(joinWords(words), ", ", "`, `")+"`", func(text string) (T, error) {
		for _, word := range words {
			if strings.EqualFold(string(word), text) {
				return word, nil
			}
		}
		return "", fmt.Errorf("attend l’un de : %s", joinWords(words))
	}, name, otherwise, doc)
}

func joinWords[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// toggle is a boolean of which only the presence of a value counts: absent is neither on nor off.
func toggle(into map[string]bool, name, doc string) Variable {
	return Variable{Name: name, Kind: "booléen", Doc: doc, read: func(text string) error {
		value, err := ParseBool(text)
		if err == nil {
			into[name] = value
		}
		return err
	}}
}

func schedule(into map[string]string, name, doc string) Variable {
	return Variable{Name: name, Kind: "cron", Doc: doc, read: func(text string) error {
		value, err := ParseSchedule(text)
		if err == nil {
			into[name] = value
		}
		return err
	}}
}

// external is a variable that another tool reads.
func external(name, doc string) Variable {
	return Variable{Name: name, Kind: "texte", Doc: doc, External: true, read: func(string) error { return nil }}
}

func (v Variable) hidden() Variable { v.Secret = true; return v }

func (v Variable) added() Variable { v.New = true; return v }

func (v Variable) or(other string) Variable { v.Other = other; return v }

// names gives the accepted names, the preferred one first.
func (v Variable) names() []string {
	if v.Other == "" {
		return []string{v.Name}
	}
	return []string{v.Name, v.Other}
}

// lookup gives the text that counts and the name that it was found under. A blank value is
// as good as none: .env files are full of them.
func (v Variable) lookup(environ map[string]string) (value, name string) {
	for _, name := range v.names() {
		if value := strings.TrimSpace(environ[name]); value != "" {
			return value, name
		}
	}
	return v.Default, v.Name
}
