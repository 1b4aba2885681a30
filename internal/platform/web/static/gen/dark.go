package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// darkRoot is how the design system writes the dark theme; its script sets the attribute.
var darkRoot = regexp.MustCompile(`(:root)?\[data-fr-theme=dark\]`)

// deriveDark repeats the rules of the dark theme for a page whose theme no script has chosen,
// so that the preference of the system is followed without JavaScript.
func deriveDark(dist string) error {
	css, err := os.ReadFile(filepath.Join(dist, "dsfr", "dsfr.min.css"))
	if err != nil {
		return err
	}
	rules := darkRules(string(css))
	if len(rules) == 0 {
		return errors.New("no rule of the dark theme in dsfr.min.css")
	}
	var out bytes.Buffer
	out.WriteString("@media (prefers-color-scheme:dark) and (forced-colors:none){\n")
	for _, rule := range rules {
		fmt.Fprintln(&out, rule)
	}
	out.WriteString("}\n")
	return write(filepath.Join(dist, "dsfr", "system-dark.css"), out.Bytes())
}

// darkRules reads a minified style sheet and gives its rules about the dark theme, rewritten
// for a root without a chosen theme, each inside the media query where it stood.
func darkRules(css string) []string {
	var rules, media []string
	for {
		i := strings.IndexAny(css, "{}")
		if i < 0 {
			return rules
		}
		before, brace := css[:i], css[i]
		css = css[i+1:]
		switch {
		case brace == '}':
			if len(media) > 0 {
				media = media[:len(media)-1]
			}
		case strings.HasPrefix(lastStatement(before), "@font-face"):
			_, css, _ = strings.Cut(css, "}")
		case strings.HasPrefix(lastStatement(before), "@"):
			media = append(media, lastStatement(before))
		default:
			var body string
			body, css, _ = strings.Cut(css, "}")
			if selectors := darkSelectors(lastStatement(before)); len(selectors) > 0 && !forced(media) {
				rules = append(rules, inside(media, strings.Join(selectors, ",")+"{"+body+"}"))
			}
		}
	}
}

// lastStatement drops what stands before a rule: comments and statements without block.
func lastStatement(text string) string {
	if i := strings.LastIndex(text, "*/"); i >= 0 {
		text = text[i+2:]
	}
	return strings.TrimSpace(text[strings.LastIndexByte(text, ';')+1:])
}

// forced tells rules for forced colours, where the theme does not count.
func forced(media []string) bool {
	return strings.Contains(strings.Join(media, " "), "forced-colors")
}

func inside(media []string, rule string) string {
	for i := len(media) - 1; i >= 0; i-- {
		rule = media[i] + "{" + rule + "}"
	}
	return rule
}

// darkSelectors keeps the selectors of the dark theme, for a root without a chosen theme.
func darkSelectors(list string) []string {
	var kept []string
	for selector := range strings.SplitSeq(list, ",") {
		if darkRoot.MatchString(selector) {
			kept = append(kept, darkRoot.ReplaceAllString(selector, ":root:not([data-fr-theme])"))
		}
	}
	return kept
}
