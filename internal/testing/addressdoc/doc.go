// Package addressdoc draws, from the code, the life of a primary address: docs/address-states.svg
// and the page docs/address-states.md. Its test compares them with the repository, and writes
// them with -update.
package addressdoc

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/graph"
)

// Picture draws every legal step, with who makes it; steps between the same states are one
// arrow, those that go back are dashed.
func Picture(ctx context.Context) (string, error) {
	g := graph.Graph{Title: "Vie d’une adresse principale : chaque flèche est un passage permis, avec qui le fait", Down: true}
	for _, status := range member.Statuses() {
		node := graph.Node{ID: string(status), Label: string(status) + "\n" + status.Meaning()}
		if status.ActiveLike() {
			node.Kind = graph.Strong
		}
		g.Nodes = append(g.Nodes, node)
	}
	for _, step := range member.Steps() {
		same := func(e graph.Edge) bool { return e.From == string(step.From) && e.To == string(step.To) }
		if i := slices.IndexFunc(g.Edges, same); i >= 0 {
			g.Edges[i].Label += "\n" + step.By
			continue
		}
		back := slices.Index(member.Statuses(), step.To) < slices.Index(member.Statuses(), step.From)
		g.Edges = append(g.Edges, graph.Edge{From: string(step.From), To: string(step.To), Label: step.By, Back: back})
	}
	return g.SVG(ctx)
}

// Page tells the same in words.
func Page() string {
	var b strings.Builder
	b.WriteString(`# Vie d’une adresse principale

*Page produite par le code (` + "`internal/member/status.go`" + `) : ` + "`go test ./internal/testing/addressdoc -update`" + `.*

Une seule fonction, ` + "`member.Transition`" + `, fait passer une adresse d’un état à l’autre. Elle refuse un passage qui n’est pas dans cette
liste, et écrit dans la même transaction l’état, sa date et un événement d’historique : qui, quand, pourquoi, avant, après.
« J » est le dernier jour de la dernière mission.

![Les états et les passages permis](address-states.svg)

Un cadre épais : l’adresse sert. Une flèche en tirets revient en arrière.

## États

| État | Ce que c’est | Sert aujourd’hui |
|---|---|---|
`)
	for _, status := range member.Statuses() {
		serves := ""
		if status.ActiveLike() {
			serves = "oui"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", status, status.Meaning(), serves)
	}
	b.WriteString("\n## Passages\n\n| De | Vers | Qui | Pourquoi |\n|---|---|---|---|\n")
	for _, step := range member.Steps() {
		by := step.By
		if !strings.Contains(by, " ") && !strings.Contains(by, "’") {
			by = "`" + by + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", step.From, step.To, by, step.Why)
	}
	b.WriteString("| tout état | `" + string(member.StatusUnset) + "` | la personne, l’administration | suppression de sa propre boîte |\n")
	return b.String()
}
