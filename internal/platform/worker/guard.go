package worker

import (
	"cmp"
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// The default ceiling of destructive actions over 24 hours.
const (
	defaultCount = 20
	defaultShare = 0.05
	smallestMax  = 3 // a share of a small population never forbids fewer than this
)

// guardFacts is what decides whether destructive actions may go on without a person.
type guardFacts struct {
	fresh      int // wanted by this plan and not decided yet: new, or already held
	recent     int // of this job, done within 24 h or open, and not held
	population int
	ceiling    job.Ceiling
	doubt      string
	approved   bool // a person has once accepted a destructive plan of this job here
}

// holdReason tells in French why the destructive actions of a plan need a person; "" when they
// may go on.
func holdReason(f guardFacts) string {
	if f.fresh == 0 {
		return ""
	}
	n := f.fresh + f.recent
	count, share := cmp.Or(f.ceiling.Count, defaultCount), cmp.Or(f.ceiling.Share, defaultShare)
	switch {
	case f.doubt != "":
		return f.doubt
	case n > count:
		return fmt.Sprintf("%d actions destructrices en 24 heures, plus que le plafond de %d", n, count)
	case float64(n) > max(smallestMax, share*float64(f.population)):
		return fmt.Sprintf("%d actions destructrices en 24 heures, plus que %.0f %% des %d personnes ou objets examinés", n, share*100, f.population)
	case !f.approved:
		return "premier plan destructeur de cette tâche sur cette base : une personne doit l’approuver"
	}
	return ""
}
