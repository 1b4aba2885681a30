package config

import "testing"

func TestTilesComeFromOneHTTPSServer(t *testing.T) {
	if got, err := parseTiles("https://tuiles.exemple.org/carte/{z}/{x}/{y}.png"); err != nil || got == "" {
		t.Errorf("refused: %v", err)
	}
	for _, bad := range []string{
		"http://tuiles.exemple.org/{z}/{x}/{y}.png", "https://{s}.exemple.org/{z}/{x}/{y}.png", "https://tuiles.exemple.org/{z}/{x}.png", "tuiles",
		"https:///{z}/{x}/{y}", "https://a.exemple; script-src */{z}/{x}/{y}", "https://*.exemple.org/{z}/{x}/{y}",
	} {
		if got, err := parseTiles(bad); err == nil {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}
