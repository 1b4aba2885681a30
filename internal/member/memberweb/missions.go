package memberweb

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
)

// missionsForm is the editor of missions: rows that are added and removed by buttons which send
// the form, so that no script is needed and nothing typed is lost.
type missionsForm struct {
	Rows     []missionRow
	Removed  []string        // uuids of the missions to remove
	Overlap  bool            // missions that overlap on a product are meant
	Products member.Products // all of them
	Errors   messages
	Single   bool // one mission, neither added nor removed
	Ended    bool // missions have an end
	Today    clock.Day
}

// missionRow is a mission, as stored or as typed.
type missionRow struct {
	member.MissionDraft
	Found            member.Products // that the name typed may mean, to tick
	StatusOptional   bool            // it was empty before we asked for it
	EmployerOptional bool
}

// storedMissions shows missions as they are.
func storedMissions(missions []member.Mission) (rows []missionRow) {
	for _, m := range missions {
		row := missionRow{MissionDraft: member.MissionDraft{
			ID: m.ID.String(), Start: m.Start.String(), End: m.End.String(), Status: m.Status, Employer: m.Employer,
		}, StatusOptional: m.Status == "", EmployerOptional: m.Employer == ""}
		for _, id := range m.Startups {
			row.Startups = append(row.Startups, id.String())
		}
		rows = append(rows, row)
	}
	return rows
}

// typedMissions reads the rows of the editor; missions says which fields may be empty.
func typedMissions(r *http.Request, missions []member.Mission) (f missionsForm) {
	stored := storedMissions(missions)
	for i := range member.MaxMissions + 1 {
		field := func(name string) string { return member.MissionField(i, name) }
		if !r.PostForm.Has(field("start")) {
			break
		}
		row := missionRow{MissionDraft: member.MissionDraft{
			ID: web.Text(r, field("id")), Start: web.Text(r, field("start")), End: web.Text(r, field("end")), Status: web.Text(r, field("status")),
			Employer: web.Text(r, field("employer")), Startups: web.Texts(r, field("startups")), Product: web.Text(r, field("product")),
		}}
		if j := slices.IndexFunc(stored, func(s missionRow) bool { return s.ID == row.ID }); j >= 0 {
			row.StatusOptional, row.EmployerOptional = stored[j].StatusOptional, stored[j].EmployerOptional
		}
		f.Rows = append(f.Rows, row)
	}
	f.Removed, f.Overlap = web.Texts(r, "removed"), web.Checked(r, member.OverlapField)
	return f
}

// draft is what the editor asks of the use-case.
func (f missionsForm) draft() member.MissionsDraft {
	d := member.MissionsDraft{Removed: f.Removed, Overlap: f.Overlap}
	for _, row := range f.Rows {
		d.Rows = append(d.Rows, row.MissionDraft)
	}
	return d
}

// newMission is the row that is proposed: from today, for three months.
func newMission(today clock.Day) missionRow {
	return missionRow{MissionDraft: member.MissionDraft{Start: today.String(), End: today.AddMonths(3).String(), Status: "independent"}}
}

// perform does what a button of the editor asks, and tells whether it was one. Nothing is saved.
func (f *missionsForm) perform(button string) bool {
	if button == "add-mission" && !f.Single {
		if len(f.Rows) < member.MaxMissions {
			f.Rows = append(f.Rows, newMission(f.Today))
		}
		return true
	}
	cut := strings.LastIndex(button, "-")
	i, err := strconv.Atoi(button[cut+1:])
	if cut < 0 || err != nil || i < 0 || i >= len(f.Rows) {
		return false
	}
	switch button[:cut] {
	case "remove-mission":
		f.remove(i)
	case "three-months":
		f.Rows[i].End = f.Today.AddMonths(3).String()
	case "add-product":
		f.addProduct(i)
	default:
		return false
	}
	return true
}

func (f *missionsForm) remove(i int) {
	if f.Single {
		return
	}
	if id := f.Rows[i].ID; id != "" {
		f.Removed = append(f.Removed, id)
	}
	f.Rows = slices.Delete(f.Rows, i, i+1)
}

// addProduct chooses the product typed, or offers those that it may mean.
func (f *missionsForm) addProduct(i int) {
	row, name := &f.Rows[i], member.MissionField(i, "product")
	found := f.Products.Find(row.Product)
	switch len(found) {
	case 0:
		f.tell(name, "Aucun produit ne porte ce nom. Essaie avec un mot de son nom.")
	case 1:
		if id := found[0].ID.String(); !slices.Contains(row.Startups, id) {
			row.Startups = append(row.Startups, id)
		}
		row.Product = ""
	default:
		row.Found = found
		f.tell(name, "Plusieurs produits correspondent : coche le tien, ou écris plus de lettres.")
		row.Product = ""
	}
}

func (f *missionsForm) tell(name, text string) {
	if f.Errors == nil {
		f.Errors = messages{}
	}
	f.Errors[name] = text
}

// offer shows, for each product typed and refused, those that it may mean.
func (f *missionsForm) offer() {
	for i := range f.Rows {
		if found := f.Products.Find(f.Rows[i].Product); len(found) > 1 {
			f.Rows[i].Found = found
		}
	}
}

// order is the order of the fields of the editor.
func (f missionsForm) order() (names []string) {
	for i := range f.Rows {
		for _, name := range []string{"start", "end", "employer", "status", "product"} {
			names = append(names, member.MissionField(i, name))
		}
	}
	return append(names, member.OverlapField)
}

// overlapField is the box that confirms an overlap: shown once one was refused.
func (f missionsForm) overlapField() dsfr.Field {
	return dsfr.Field{Name: member.OverlapField, Label: "Oui, ces missions se chevauchent sur le même produit", Value: "1", Error: f.Errors[member.OverlapField]}
}

// field is a line of a mission.
func (f missionsForm) field(i int, name, label, value string, required bool) dsfr.Field {
	name = member.MissionField(i, name)
	return dsfr.Field{Name: name, Label: label, Value: value, Error: f.Errors[name], Required: required}
}

func (f missionsForm) statuses(i int) dsfr.Choice {
	row := f.Rows[i]
	return dsfr.Choice{
		Field: f.field(i, "status", "Type de contrat", "", !row.StatusOptional), Options: choices(member.MissionStatuses()),
		Chosen: []string{row.Status}, Empty: "Choisis un type de contrat",
	}
}

// products are the boxes of a mission: those chosen, then those to choose from.
func (f missionsForm) products(i int) dsfr.Choice {
	row := f.Rows[i]
	name := member.MissionField(i, "startups")
	c := dsfr.Choice{
		Field:  dsfr.Field{Name: name, Label: "Produits concernés", Error: f.Errors[name], Hint: "Décoche un produit pour le retirer."},
		Chosen: row.Startups, Inline: true,
	}
	shown := f.Products.Among(row.Startups)
	if len(shown)+len(row.Found) == 0 {
		c.Hint = "Aucun produit choisi pour l’instant."
	}
	for _, product := range row.Found {
		if !slices.Contains(row.Startups, product.ID.String()) {
			shown = append(shown, product)
		}
	}
	for _, product := range shown {
		c.Options = append(c.Options, dsfr.Option{Value: product.ID.String(), Label: product.Name})
	}
	return c
}

// endHint says what an empty end means.
func (f missionsForm) endHint() string {
	if f.Ended {
		return "Dernier jour, inclus."
	}
	return "Dernier jour, inclus. Laisse vide s’il n’y a pas de fin prévue."
}

func missionID(i int) string { return fmt.Sprintf("mission-%d", i) }

func removeLabel(i int) string { return fmt.Sprintf("Retirer la mission %d", i+1) }
