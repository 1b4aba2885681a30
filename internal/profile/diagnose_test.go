package profile_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/profile"
)

var update = flag.Bool("update", false, "rewrite the documentation made of the tables")

// fine is somebody for whom nothing blocks, whose only mission ends on a day.
func fine(end string) profile.Facts {
	return profile.Facts{
		Today: clock.MustDay("2024-12-19"), Missions: []member.Mission{{Start: clock.MustDay("2024-01-01"), End: clock.MustDay(end)}},
		Status: member.StatusActive, HasPrimary: true, HasSecondary: true, Mailbox: profile.Present, RefusalsKnown: true, Chat: profile.ChatActive,
	}
}

func with(f profile.Facts, change func(*profile.Facts)) profile.Facts {
	change(&f)
	return f
}

func TestDiagnose(t *testing.T) {
	status := func(s member.Status, box profile.Presence) profile.Facts {
		return with(fine("2030-01-01"), func(f *profile.Facts) { f.Status, f.Mailbox = s, box })
	}
	for name, c := range map[string]struct {
		facts    profile.Facts
		problems string // titles
		path     string // of the next step
		code     string
	}{
		"all is well":           {fine("2030-01-01"), "", "", "EM-M0-A0-B0-R0-S1-C0"},
		"the last day":          {fine("2024-12-19"), "", "", "EM-M0-A0-B0-R0-S1-C0"},
		"the day after":         {fine("2024-12-18"), "Ta mission vient de se terminer", "/account/extension", "EM-M2-A0-B0-R0-S1-C0"},
		"four days after":       {fine("2024-12-15"), "Ta mission vient de se terminer", "/account/extension", "EM-M2-A0-B0-R0-S1-C0"},
		"five days after":       {fine("2024-12-14"), "Ta mission est terminée", "/account/extension", "EM-M3-A0-B0-R0-S1-C0"},
		"no mission":            {with(fine(""), func(f *profile.Facts) { f.Missions = nil }), "Aucune mission", "mailto:", "EM-M1-A0-B0-R0-S1-C0"},
		"a mission without end": {fine(""), "", "", "EM-M0-A0-B0-R0-S1-C0"},
		"a mission to come": {with(fine("2024-01-02"), func(f *profile.Facts) {
			f.Missions = append(f.Missions, member.Mission{Start: clock.MustDay("2025-01-01"), End: clock.MustDay("2025-06-01")})
		}), "", "", "EM-M0-A0-B0-R0-S1-C0"},
		"to verify":           {status(member.StatusVerificationWaiting, profile.Absent), "Ta fiche est à vérifier", "/verify", "EM-M0-A2-B1-R0-S1-C0"},
		"being created":       {status(member.StatusCreationPending, profile.Absent), "Ton adresse est en cours de création", "", "EM-M0-A4-B1-R0-S1-C0"},
		"password to define":  {status(member.StatusPasswordPending, profile.Present), "Le mot de passe de ta boîte est à définir", "/account/mailbox#password", "EM-M0-A6-B0-R0-S1-C0"},
		"suspended":           {status(member.StatusSuspended, profile.Present), "Ta boîte est suspendue", "/account/mailbox#password", "EM-M0-A9-B0-R0-S1-C0"},
		"deleted":             {status(member.StatusDeleted, profile.Absent), "Ta boîte a été supprimée", "/account/mailbox", "EM-M0-AD-B1-R0-S1-C0"},
		"no mailbox":          {status(member.StatusUnset, profile.Absent), "Tu n’as pas d’adresse de la communauté", "/account/mailbox", "EM-M0-A1-B1-R0-S1-C0"},
		"active without box":  {status(member.StatusActive, profile.Absent), "Ta boîte n’existe pas chez l’hébergeur", "mailto:", "EM-M0-A0-B1-R0-S1-C0"},
		"deleted with a box":  {status(member.StatusDeleted, profile.Present), "Ta boîte a été supprimée; Ta boîte existe encore chez l’hébergeur", "/account/mailbox", "EM-M0-AD-B0-R0-S1-C0"},
		"the host is down":    {status(member.StatusActive, profile.Unknown), "", "", "EM-M0-A0-B9-R0-S1-C0"},
		"a redirection":       {status(member.StatusRedirectionActive, profile.Absent), "", "", "EM-M0-A7-B1-R0-S1-C0"},
		"another's mailbox":   {with(status(member.StatusActive, profile.Absent), func(f *profile.Facts) { f.Outside = true }), "", "", "EM-M0-A0-B8-R0-S1-C0"},
		"refused":             {with(fine(""), func(f *profile.Facts) { f.PrimaryRefused = "hardBounce" }), "Nos messages n’arrivent plus à ton adresse principale", "mailto:", "EM-M0-A0-B0-R1-S1-C0"},
		"refused elsewhere":   {with(fine(""), func(f *profile.Facts) { f.SecondaryRefused = "unsubscribedViaEmail" }), "Nos messages n’arrivent plus à ton adresse secondaire", "mailto:", "EM-M0-A0-B0-R2-S1-C0"},
		"the vendor is down":  {with(fine(""), func(f *profile.Facts) { f.RefusalsKnown = false }), "", "", "EM-M0-A0-B0-R9-S1-C0"},
		"refused, we saw it":  {with(fine(""), func(f *profile.Facts) { f.PrimaryRefused, f.RefusalsKnown = "refused", false }), "Nos messages n’arrivent plus à ton adresse principale", "mailto:", "EM-M0-A0-B0-R1-S1-C0"},
		"blocked at the host": {with(fine(""), func(f *profile.Facts) { f.MailboxBlocked = true }), "Ta boîte est bloquée par l’hébergeur", "/account/mailbox#password", "EM-M0-A0-B2-R0-S1-C0"},
		"no chat account":     {with(fine(""), func(f *profile.Facts) { f.Chat = profile.ChatAbsent }), "Tu n’as pas de compte Mattermost", "mailto:", "EM-M0-A0-B0-R0-S1-C1"},
		"chat closed":         {with(fine(""), func(f *profile.Facts) { f.Chat = profile.ChatInactive }), "Ton compte Mattermost est désactivé", "mailto:", "EM-M0-A0-B0-R0-S1-C2"},
		"chat never read":     {with(fine(""), func(f *profile.Facts) { f.Chat = profile.ChatUnknown }), "", "", "EM-M0-A0-B0-R0-S1-C9"},
		"gone, chat closed":   {with(fine("2024-11-01"), func(f *profile.Facts) { f.Chat = profile.ChatInactive }), "Ta mission est terminée", "/account/extension", "EM-M3-A0-B0-R0-S1-C2"},
		"gone and suspended": {
			with(fine("2024-11-01"), func(f *profile.Facts) { f.Status = member.StatusSuspended }),
			"Ta mission est terminée; Ta boîte est suspendue", "/account/extension", "EM-M3-A9-B0-R0-S1-C0",
		},
	} {
		d := profile.Diagnose(c.facts)
		var titles []string
		for _, problem := range d.Problems {
			titles = append(titles, problem.Title)
		}
		if got := strings.Join(titles, "; "); got != c.problems || d.Next().Path != c.path || d.Code != c.code {
			t.Errorf("%s: %q, %q, %s; want %q, %q, %s", name, got, d.Next().Path, d.Code, c.problems, c.path, c.code)
		}
	}
}

func TestASecondaryAddressIsAdvised(t *testing.T) {
	d := profile.Diagnose(with(fine(""), func(f *profile.Facts) { f.HasSecondary = false }))
	if len(d.Problems) != 0 || len(d.Advice) != 1 || d.Code != "EM-M0-A0-B0-R0-S0-C0" {
		t.Errorf("%+v", d)
	}
}

// Whatever the facts: the code is in the table, every problem has words and a step, and a person
// in order is told that nothing blocks.
func TestDiagnoseAlwaysHasWords(t *testing.T) {
	known := map[string]bool{}
	for _, part := range profile.CodeTable() {
		for _, value := range part.Values {
			known[part.Letter+value[0]] = true
		}
	}
	states := []member.Status{
		member.StatusUnset, member.StatusVerificationWaiting, member.StatusCreationWaiting, member.StatusCreationPending, member.StatusRecreationPending,
		member.StatusPasswordPending, member.StatusActive, member.StatusRedirectionPending, member.StatusRedirectionActive, member.StatusSuspended,
		member.StatusDeleted, member.StatusExpired,
	}
	rapid.Check(t, func(t *rapid.T) {
		facts := profile.Facts{
			Today: clock.MustDay("2024-12-19"), Status: rapid.SampledFrom(states).Draw(t, "status"), HasPrimary: rapid.Bool().Draw(t, "primary"),
			HasSecondary: rapid.Bool().Draw(t, "secondary"), Outside: rapid.Bool().Draw(t, "outside"),
			Mailbox:        rapid.SampledFrom([]profile.Presence{profile.Unknown, profile.Absent, profile.Present}).Draw(t, "mailbox"),
			PrimaryRefused: rapid.SampledFrom([]string{"", "hardBounce", "adminBlocked", "nouveau"}).Draw(t, "refused"), RefusalsKnown: rapid.Bool().Draw(t, "known"),
			MailboxBlocked: rapid.Bool().Draw(t, "blocked"),
			Chat:           rapid.SampledFrom([]profile.ChatState{profile.ChatUnknown, profile.ChatAbsent, profile.ChatInactive, profile.ChatActive}).Draw(t, "chat"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "missions") {
			facts.Missions = append(facts.Missions, member.Mission{End: facts.Today.Add(rapid.IntRange(-20, 20).Draw(t, "end"))})
		}
		d := profile.Diagnose(facts)
		for _, part := range strings.Split(d.Code, "-")[1:] {
			if !known[part] {
				t.Fatalf("part %s of %s is not in the table", part, d.Code)
			}
		}
		for _, problem := range append(d.Problems, d.Advice...) {
			if problem.Title == "" || problem.Text == "" || problem.Step.Label == "" {
				t.Fatalf("%+v", problem)
			}
		}
		if again := profile.Diagnose(facts); again.Code != d.Code {
			t.Fatal("the same facts give another code")
		}
	})
}

// The documentation for support is made of the table.
func TestTheCodeIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Le code d’un diagnostic\n\n" +
		"Ce fichier est produit par `go test ./internal/profile -update` ; ne le modifie pas à la main.\n\n" +
		"La page « Qu’est-ce qui se passe ? » (`/keskispasse`) et le message du diagnostic donnent un code, par exemple `EM-M3-A9-B0-R0-S1-C0`.\n" +
		"Il ne nomme personne : chaque partie est une lettre, puis un caractère. Les mêmes faits donnent le même code.\n")
	for _, part := range profile.CodeTable() {
		fmt.Fprintf(&b, "\n## %s : %s\n\n| Code | Sens |\n|---|---|\n", part.Letter, part.About)
		for _, value := range part.Values {
			fmt.Fprintf(&b, "| `%s%s` | %s |\n", part.Letter, value[0], value[1])
		}
	}
	const path = "../../docs/diagnostic.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != b.String() {
		t.Errorf("docs/diagnostic.md is not made of the table (%v): go test ./internal/profile -update", err)
	}
}
