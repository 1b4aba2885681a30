package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const hidden = "correct-horse-battery-staple"

func TestSecretIsNeverPrinted(t *testing.T) {
	secret := NewSecret(hidden)
	holder := struct{ inner Secret }{secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%T"} {
		for _, value := range []any{secret, &secret, holder, []Secret{secret}, map[string]Secret{"k": secret}} {
			refuseLeak(t, verb, fmt.Sprintf(verb, value))
		}
	}
	text, err := json.Marshal(map[string]any{"s": secret, "list": []Secret{secret}})
	if err != nil {
		t.Fatal(err)
	}
	refuseLeak(t, "json", string(text))
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("start", "secret", secret, "holder", holder, "any", []any{secret})
		refuseLeak(t, name, out.String())
	}
}

func TestWholeConfigurationIsPrintable(t *testing.T) {
	environ := env{"SECURE": "false", "DATABASE_URL": "postgres://u:" + hidden + "@localhost/x"}
	for _, group := range Groups() {
		for _, v := range group.Variables {
			if v.Secret && v.Kind == "texte" {
				environ[v.Name] = hidden
			}
			if v.Secret && v.Kind == "adresse web" {
				environ[v.Name] = "https://hooks.example/" + hidden
			}
		}
	}
	c := load(t, environ)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	refuseLeak(t, "json", string(text))
	refuseLeak(t, "%+v", fmt.Sprintf("%+v", c))
	refuseLeak(t, "%#v", fmt.Sprintf("%#v", c))
}

func refuseLeak(t *testing.T, how, printed string) {
	t.Helper()
	if strings.Contains(printed, hidden) || strings.Contains(strings.ToLower(printed), fmt.Sprintf("%x", hidden)) {
		t.Errorf("%s shows the secret: %s", how, printed)
	}
}

func TestSecretReveals(t *testing.T) {
	if got := NewSecret(hidden); got.Reveal() != hidden || !got.IsSet() || !got.Equal(NewSecret(hidden)) {
		t.Error("a secret must give its text back")
	}
	if zero := (Secret{}); zero.Reveal() != "" || zero.IsSet() || NewSecret("").IsSet() || zero.String() != "" {
		t.Error("the zero secret is not set")
	}
}
