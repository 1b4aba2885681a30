package publicsite

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/startup"
)

// toldOfStartup lists what each format says of a product; nil: everything.
func toldOfStartup(s source) []string {
	told := []string{"name", "pitch", "incubator", "phases"}
	switch s.release {
	case site:
		return nil
	case v16:
		return told
	case v26:
		told = append(told, "themes")
	}
	if s.has("techno") { // formats of 2026 only
		told = append(told, "technos")
	}
	return append(told, "description", "contact", "link", "repository", "stats_url", "budget_url", "dashlord_url",
		"accessibility_status", "risk_analysis", "risk_analysis_url", "sponsors", "events")
}

func (b *bundle) addStartup(s source) error {
	r := startup.Record{
		Name: s.name("title"), Pitch: s.text("mission"), Description: s.body, Incubator: lastPart(s.text("incubator")),
		Contact: s.text("contact"), Link: s.text("link"), Repository: s.text("repository"), Stats: s.flag("stats"),
		StatsURL: s.text("stats_url"), BudgetURL: s.text("budget_url"), DashlordURL: s.text("dashlord_url"),
		AccessibilityStatus: s.text("accessibility_status"), RiskAnalysis: s.flag("analyse_risques"),
		RiskAnalysisURL: s.text("analyse_risques_url"), MonServiceSecurise: s.flag("mon_service_securise"),
		Technos: s.list("techno"), Themes: s.list("thematiques"), UserTypes: s.list("usertypes"), Sponsors: s.slugs("sponsors"),
	}
	if r.Name == "" {
		r.Name = s.slug
	}
	r.Phases = b.phases(s)
	r.Events = b.events(s)
	return b.put(s, product, r, toldOfStartup(s))
}

// oldPhase gives the word that we have for a phase of the vocabulary of 2026. No rule links
// both: this is the usual sense.
func oldPhase(name string) string {
	return map[string]string{
		"abandon": "alumni", "abandon-investigation": "alumni",
		"transfere": "success", "opere": "success",
		"consolidation": "transfer", "perennisation": "transfer",
	}[name]
}

// phases reads the stages of a product, each once: of two with one name, the earlier.
func (b *bundle) phases(s source) []startup.Phase {
	phases := []startup.Phase{}
	for _, p := range s.bags("phases") {
		name := p.text("name")
		start, end, wrong := p.period()
		switch {
		case name == "" || start.IsZero():
			b.notice(s.file, "Phase « %s » laissée : %s.", name, cmp.Or(wrong, "nom absent"))
			continue
		case wrong != "":
			b.notice(s.file, "Phase « %s » : %s, la fin est laissée.", name, wrong)
			end = clock.Day{}
		}
		phases = append(phases, startup.Phase{Name: name, Start: start, End: end, Comment: p.text("comment")})
	}
	slices.SortStableFunc(phases, comparePhases)
	return phases
}

func comparePhases(a, b startup.Phase) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Name, b.Name))
}

// events reads the dates of a product's life, each once.
func (b *bundle) events(s source) []startup.Event {
	events := []startup.Event{}
	for _, e := range s.bags("events") {
		day, ok := e.day("date")
		if !ok || day.IsZero() {
			b.notice(s.file, "Événement « %s » laissé : date absente ou invalide.", e.text("name"))
			continue
		}
		event := startup.Event{Name: e.text("name"), Day: day, Comment: e.text("comment")}
		if !slices.Contains(startup.EventNames(), event.Name) {
			b.notice(s.file, "Événement « %s » inconnu : « other ».", event.Name)
			event.Name = "other"
		}
		if !slices.Contains(events, event) {
			events = append(events, event)
		}
	}
	if fast := s.inner("fast"); len(fast) > 0 && !slices.ContainsFunc(events, func(e startup.Event) bool { return e.Name == "fast" }) {
		// The grant of the fund, which old files tell apart; the site dates it so.
		events = append(events, startup.Event{
			Name: "fast", Day: clock.Date(2024, 1, 1),
			Comment: fmt.Sprintf("Montant de %s€ pour la promotion %s", fast.text("montant"), fast.text("promotion")),
		})
	}
	slices.SortStableFunc(events, func(a, b startup.Event) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Comment, b.Comment))
	})
	return events
}
