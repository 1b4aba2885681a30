package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDarkRulesKeepTheirMediaAndOnlyTheirSelectors(t *testing.T) {
	css := `/*! licence */@charset "utf-8";:root{--a:1}:root[data-fr-theme=dark]{--a:2}` +
		`.x:after,[data-fr-theme=dark] .x:after{color:red}@font-face{src:url(a)}` +
		`@media (min-width:48em){.y{a:b}[data-fr-theme=dark] .y{c:d}}` +
		`@media (prefers-color-scheme:dark) and (forced-colors:active){[data-fr-theme=dark] .z{e:f}}.end{g:h}`
	want := []string{
		":root:not([data-fr-theme]){--a:2}",
		":root:not([data-fr-theme]) .x:after{color:red}",
		"@media (min-width:48em){:root:not([data-fr-theme]) .y{c:d}}",
	}
	if diff := cmp.Diff(want, darkRules(css)); diff != "" {
		t.Error(diff)
	}
}

func TestAPatternThatMatchesNothingStopsTheBuild(t *testing.T) {
	assets := t.TempDir()
	if err := os.MkdirAll(filepath.Join(assets, "node_modules", "pack"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(assets, "files.txt"), []byte("from pack to x\n*.css\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := generate(assets, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), `nothing matches "*.css"`) {
		t.Errorf("error: %v", err)
	}
}
