package offboardingweb

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// holdForm is the state of the form that postpones or cancels a step.
type holdForm struct {
	Step, Until, Why, Choice string
	Errors                   map[string]string
}

// The choices of the form, and of the buttons that undo it.
const (
	fieldChoice = "choix"
	postpone    = "reporter"
	cancel      = "annuler"
	resume      = "reprendre"
)

// showDeparture serves GET /community/{username}/departure, for the person and administrators.
func (p *Pages) showDeparture(w http.ResponseWriter, r *http.Request) error {
	return p.renderDeparture(w, r, http.StatusOK, holdForm{Choice: postpone})
}

// changeDeparture serves POST /community/{username}/departure.
func (p *Pages) changeDeparture(w http.ResponseWriter, r *http.Request) error {
	form := holdForm{
		Step: web.Text(r, offboarding.FieldStep), Until: web.Text(r, offboarding.FieldUntil), Why: web.Text(r, offboarding.FieldWhy), Choice: web.Text(r, fieldChoice),
	}
	said, err := p.applyDeparture(r, &form)
	if messages, refused := together(form.Errors, err); refused {
		form.Errors = messages
		return p.renderDeparture(w, r, statusOf(err), form)
	}
	if err != nil {
		return err
	}
	web.Flash(r, dsfr.Success, said)
	return web.SeeOther(w, r, departurePath(r.PathValue("username")))
}

// applyDeparture does what the form says, and gives the sentence that tells it.
func (p *Pages) applyDeparture(r *http.Request, form *holdForm) (said string, err error) {
	who, username, step := web.Viewer(r), r.PathValue("username"), member.DepartureStep(form.Step)
	ask := offboarding.HoldAsk{Step: step, Why: form.Why}
	switch form.Choice {
	case resume:
		return "C’est noté : l’étape suit de nouveau son cours.", p.service.ResumeDeparture(r.Context(), who, username, step)
	case cancel:
		ask.Cancel = true
		return "C’est noté : l’étape est annulée.", p.service.HoldDeparture(r.Context(), who, username, ask)
	case postpone:
		form.Errors = map[string]string{}
		ask.Until = readDay(r, offboarding.FieldUntil, form.Errors)
		if len(form.Errors) > 0 {
			return "", nil
		}
		return "C’est noté : l’étape est reportée au " + ask.Until.French() + ".", p.service.HoldDeparture(r.Context(), who, username, ask)
	}
	form.Errors = map[string]string{fieldChoice: "Choisis de reporter ou d’annuler."}
	return "", nil
}

func (p *Pages) renderDeparture(w http.ResponseWriter, r *http.Request, status int, form holdForm) error {
	d, err := p.service.Departure(r.Context(), web.Viewer(r), r.PathValue("username"))
	if err != nil {
		return err
	}
	trail := []dsfr.Link{{Label: "Membres", Href: "/community"}, {Label: d.Fullname, Href: "/community/" + d.Username}, {Label: "Départ"}}
	title := "Départ : " + d.Fullname
	if d.Own {
		trail, title = []dsfr.Link{{Label: "Compte", Href: "/account"}, {Label: "Mon départ"}}, "Mon départ"
	}
	return web.Render(w, r, status, web.Page{Title: title, Breadcrumb: trail, Body: departureBody(title, d, form)})
}

// Panel shows, on another page, the steps of a member's departure, with the forms of
// administrators: what was done, what comes next and when. Forbidden to all but the person and
// administrators. The page that shows it gives it a heading.
func (p *Pages) Panel(ctx context.Context, who actor.Actor, username string) (templ.Component, error) {
	d, err := p.service.Departure(ctx, who, username)
	if err != nil {
		return nil, err
	}
	if !d.End.IsZero() && d.End.After(d.Today.Add(farAway)) && len(d.Holds) == 0 {
		return farPanel(d), nil
	}
	return panel(d, holdForm{Choice: postpone}), nil
}

// farAway is from how many days on a departure is told in one line on the record: its steps have
// their page.
const farAway = 60

// line is a step as people read it.
type line struct {
	When, Title, Label, Note string
	Tone                     dsfr.Severity
}

// lines are the steps that concern the person; others are the titles of those that do not, and why.
func lines(d offboarding.Departure) (shown []line, others []string) {
	for _, s := range d.Steps {
		if s.State == offboarding.Nothing {
			others = append(others, lowerFirst(s.Title)+" ("+s.Note+")")
			continue
		}
		l := line{When: when(s), Title: s.Title, Note: s.Note}
		l.Label, l.Tone = label(s, d.Today)
		shown = append(shown, l)
	}
	return shown, others
}

func when(s offboarding.Step) string {
	switch {
	case s.State == offboarding.Done && !s.Day.IsZero():
		return s.Day.French()
	case s.Due.IsZero():
		return "Jour inconnu"
	}
	return s.Due.French()
}

func label(s offboarding.Step, today clock.Day) (text string, tone dsfr.Severity) {
	switch s.State {
	case offboarding.Done:
		return "Fait", dsfr.Success
	case offboarding.Due:
		return "En cours", dsfr.Info
	case offboarding.Postponed:
		return "Reporté", dsfr.Warning
	case offboarding.Cancelled:
		return "Annulé", dsfr.Warning
	case offboarding.Missed:
		return "Pas envoyé", dsfr.Neutral
	case offboarding.Trouble:
		return "À regarder", dsfr.Error
	case offboarding.Off:
		return "Désactivé", dsfr.Neutral
	case offboarding.Coming, offboarding.Nothing:
	}
	text = offboarding.In(s.Due, today)
	if s.Due.IsZero() {
		text = "à venir"
	}
	if s.Next {
		return "Prochaine étape, " + text, dsfr.Info
	}
	return text, dsfr.Neutral
}

func lowerFirst(text string) string {
	first, rest := []rune(text)[:1], []rune(text)[1:]
	return strings.ToLower(string(first)) + string(rest)
}

// options are the steps that may still be postponed or cancelled.
func options(d offboarding.Departure) []dsfr.Option {
	list := []dsfr.Option{{Value: string(member.StepEverything), Label: "Tout le départ"}}
	for _, s := range d.Steps {
		if s.Holdable && s.State != offboarding.Done && s.State != offboarding.Nothing && s.State != offboarding.Missed {
			list = append(list, dsfr.Option{Value: string(s.ID), Label: s.Title})
		}
	}
	return list
}

// heldTitle names what a hold is about.
func heldTitle(d offboarding.Departure, h member.DepartureHold) string {
	for _, s := range d.Steps {
		if s.ID == h.Step {
			return s.Title
		}
	}
	return "Tout le départ"
}

// heldText says what was decided.
func heldText(h member.DepartureHold) string {
	what := "annulé"
	if !h.Until.IsZero() {
		what = "reporté au " + h.Until.French()
	}
	return what + " par " + h.By + " le " + clock.DayOf(h.At).French() + " : " + h.Why
}
