package config

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func diagnose(t *testing.T, check func(context.Context) error) Report {
	t.Helper()
	c, problems := Load(env{"MAIL_HOST": "localhost", "REDIS_URL": "redis://x", "NEXTAUTH_URL": "http://localhost:8100"})
	specs := []job.Spec{
		{Name: "sendJ1Email", Schedule: "0 8 * * *", Default: job.On, Needs: []job.Feature{"mail"}},
		{Name: "emailCreationJob", Schedule: "*/4 * * * *", Default: job.On, Needs: []job.Feature{"ovh"}},
		{Name: "onRequest"},
	}
	return Diagnose(t.Context(), c, problems, specs, []Probe{
		{Feature: "mail", Label: "Serveur SMTP", Check: check},
		{Feature: "ovh", Label: "OVH", Check: func(context.Context) error { t.Error("OVH is not configured"); return nil }},
	})
}

func printed(t *testing.T, r Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDoctorTellsWhatIsMissingForWhat(t *testing.T) {
	report := diagnose(t, func(context.Context) error { return nil })
	if !report.OK() {
		t.Error("nothing is wrong")
	}
	text := printed(t, report)
	for _, line := range []string{
		"Adresse du portail : http://localhost:8100 (d’après NEXTAUTH_URL)",
		"  ! REDIS_URL : retirée, sans effet : les sessions et la file des tâches sont dans PostgreSQL",
		"  ✓ Envoi de mails, par SMTP",
		"  · Boîtes mail et listes OVH : il manque OVH_APP_KEY, OVH_APP_SECRET, OVH_CONSUMER_KEY",
		"  ✓ sendJ1Email (0 8 * * *) : activée par défaut",
		"  · emailCreationJob (*/4 * * * *) : réglage manquant : OVH_APP_KEY, OVH_APP_SECRET, OVH_CONSUMER_KEY (Boîtes mail et listes OVH)",
		"  ✓ Serveur SMTP : répond en ",
		"  · OVH : non configuré",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("missing line %q in:\n%s", line, text)
		}
	}
	if strings.Contains(text, "onRequest") {
		t.Error("a kind of request is not a scheduled job")
	}
}

func TestDoctorHidesCauses(t *testing.T) {
	for want, err := range map[string]error{
		"ne répond pas":             fault.New(fault.Unavailable, "", "dial token=hush"),
		"les clés sont refusées":    fault.New(fault.Forbidden, "", "token=hush"),
		"la réponse est inattendue": errors.New("token=hush"),
		"Le compte est fermé.":      fault.New(fault.Conflict, "Le compte est fermé.", "token=hush"),
	} {
		report := diagnose(t, func(context.Context) error { return err })
		text := printed(t, report)
		if report.OK() || !strings.Contains(text, "✗ Serveur SMTP : "+want) || strings.Contains(text, "hush") {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
}

func TestDoctorSpeaksJSON(t *testing.T) {
	var b strings.Builder
	if err := diagnose(t, func(context.Context) error { return nil }).JSON(&b); err != nil {
		t.Fatal(err)
	}
	var back struct {
		Features []struct {
			Name    string
			Enabled bool
			Missing []string
		}
		Probes []struct{ Asked, OK bool }
	}
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Features) == 0 || back.Features[0].Name != "database" || len(back.Probes) != 2 || !back.Probes[0].OK || back.Probes[1].Asked {
		t.Errorf("report: %+v", back)
	}
}
