package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

// shellRoom is the room of what the shell itself serves.
const shellRoom = "web"

// policyToken is the policy of what a token opens rather than a session.
const policyToken = "token"

// Table lists everything that a portal of this configuration answers, by path then method: the
// routes of its modules, and the shell's own.
func (c Config) Table() []RouteInfo {
	metrics := Public.name
	if c.MetricsToken != "" {
		metrics = policyToken
	}
	list := append(Routes(c.withDefaults().Modules),
		RouteInfo{http.MethodGet, static.Prefix, Public.name, shellRoom},
		RouteInfo{http.MethodGet, "/healthz", Public.name, shellRoom},
		RouteInfo{http.MethodGet, "/readyz", Public.name, shellRoom},
		RouteInfo{http.MethodGet, "/metrics", metrics, shellRoom},
	)
	slices.SortFunc(list, func(a, b RouteInfo) int {
		return cmp.Or(strings.Compare(a.Pattern, b.Pattern), strings.Compare(a.Method, b.Method))
	})
	return list
}

// policyTexts say, in French, whom the shell's policies let in.
var policyTexts = map[string]string{
	Public.name:     "tout le monde, sans session",
	Anonymous.name:  "qui n’est pas connecté ; un membre est renvoyé à l’accueil",
	Member.name:     "membres actifs, et expirés jusqu’à 4 jours après la fin",
	Any.name:        "toute session dont la fiche est vérifiée, même limitée",
	Unverified.name: "toute session, même avant la vérification de la fiche",
	Admin.name:      "administrateurs",
	policyToken:     "qui donne le jeton de METRICS_TOKEN",
}

// Meaning says, in French, whom a policy lets in.
func (r RouteInfo) Meaning() string {
	return cmp.Or(policyTexts[r.Policy], "membres, avec une condition de plus")
}

// Document writes docs/routes.md.
func Document(list []RouteInfo, how string) string {
	var b strings.Builder
	b.WriteString("# Routes\n\nCe fichier est produit par `" + how + "` ; ne le modifie pas à la main.\n\n" +
		"Toutes les adresses auxquelles le portail répond, dans la démonstration (`/components` n’existe que là). `espace-membre routes`\n" +
		"dit celles d’une installation. Le **droit** garde la porte ; la règle qui dit qui fait quoi à qui est dans `member.Can`.\n" +
		"Ce que chacun obtient vraiment : [access-matrix.txt](../internal/app/testdata/access-matrix.txt).\n\n" +
		"## Droits\n\n| Droit | Qui entre |\n|---|---|\n")
	seen := map[string]bool{}
	for _, r := range list {
		seen[r.Policy] = true
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, RouteInfo{Policy: name}.Meaning())
	}
	b.WriteString("\n## Adresses\n\n| Méthode | Adresse | Droit | Pièce |\n|---|---|---|---|\n")
	for _, r := range list {
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s |\n", r.Method, r.Pattern, r.Policy, r.Room)
	}
	return b.String()
}
