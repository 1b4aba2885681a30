package mailinglist

import (
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// List names a list that its members may refuse. The word stays in the database and in links,
// whatever the list is called at its host.
type List string

// Members is the mailing list of everybody in activity ("incubateur").
const Members List = "incubateur"

// About tells a list to people, in French.
type About struct {
	List        List
	Title       string
	Description string
}

// refusable lists what may be refused: a new one is a line here, and a job that honours it.
func refusable() []About {
	return []About{{
		List: Members, Title: "Liste de tous les membres",
		Description: "Les annonces à toute la communauté, par mail. Chaque membre en activité y est inscrit, sauf s’il ne le souhaite pas.",
	}}
}

// ListNamed finds a list that may be refused; NotFound otherwise.
func ListNamed(name string) (About, error) {
	for _, a := range refusable() {
		if string(a.List) == name {
			return a, nil
		}
	}
	return About{}, fault.New(fault.NotFound, "Cette liste n’existe pas.", "no list that may be refused has this name")
}
