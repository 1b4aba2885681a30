package config

import (
	"fmt"
	"strings"
)

const generated = "Ce fichier est produit par `go test ./internal/platform/config -update` ; ne le modifie pas à la main."

// Markdown writes docs/configuration.md: every variable, what it serves, and what was retired.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Configuration\n\n" + generated + "\n\n" + introduction)
	features := empty().Features()
	for _, group := range Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n", group.Title)
		if group.Note != "" {
			b.WriteString(group.Note + "\n\n")
		}
		b.WriteString("| Variable | Forme | Par défaut | Rôle |\n|---|---|---|---|\n")
		for _, v := range group.Variables {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cellNames(v), cellKind(v), cellDefault(v), cellDoc(v, features))
		}
	}
	writeFeatureTable(&b, features)
	writeRetired(&b)
	return b.String()
}

const introduction = `Le programme lit les variables d’environnement, puis le fichier ` + "`.env`" + ` du dossier courant s’il existe, ou celui que
désigne ` + "`--env-file`" + ` ; quand une variable est dans les deux, l’environnement l’emporte. Une variable vide compte comme absente.
Dans le fichier, une valeur qui contient ` + "`$` ou `#`" + ` s’écrit entre apostrophes : ` + "`MAIL_PASS='a$b#c'`" + `.

- **Booléens** : ` + "`true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`" + `, en majuscules ou non. Tout autre texte est refusé au démarrage.
- **Listes** : séparées par des virgules, les espaces autour ne comptent pas.
- **Toutes les erreurs sont dites ensemble** au démarrage, avec le nom de la variable ; la valeur d’un secret n’est jamais montrée.
- **Un réglage absent n’empêche pas le portail de démarrer** : il désactive seulement ce qui en a besoin (voir « Fonctions »).
  Seules ` + "`DATABASE_URL` et `SESSION_SECRET`" + ` sont indispensables au portail et aux tâches.
- ` + "`espace-membre doctor`" + ` dit ce qui est configuré, ce qui manque et pour quoi.

Toutes sont lues et vérifiées dès le démarrage, même celles de fonctions ou de tâches encore à venir : ` + "`espace-membre jobs list`" + ` dit lesquelles existent.

Légende : 🔒 secret, jamais affiché ; ✚ nouvelle variable, inconnue de l’ancienne version.
`

func cellNames(v Variable) string {
	cell := "`" + v.Name + "`"
	if v.Other != "" {
		cell += " (ou `" + v.Other + "`)"
	}
	if v.Secret {
		cell += " 🔒"
	}
	if v.New {
		cell += " ✚"
	}
	return cell
}

func cellKind(v Variable) string { return v.Kind }

func cellDefault(v Variable) string {
	if v.Default == "" {
		return "—"
	}
	return "`" + v.Default + "`"
}

func cellDoc(v Variable, features []Feature) string {
	doc := strings.ReplaceAll(v.Doc, "|", `\|`)
	if labels := needed(v.Name, features); len(labels) > 0 && v.Default == "" {
		doc += " Nécessaire à : " + strings.Join(labels, " ; ") + "."
	}
	return doc
}

func writeFeatureTable(b *strings.Builder, features []Feature) {
	b.WriteString("\n## Fonctions\n\nUne fonction est active quand tout ce qu’elle demande est présent. " +
		"Le nom est celui que portent les tâches (`needs` dans `espace-membre jobs list --json`).\n\n| Nom | Fonction | Demande |\n|---|---|---|\n")
	for _, f := range features {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, f.Label, quoted(f.Needs))
	}
}

func quoted(names []string) string {
	cells := make([]string, len(names))
	for i, name := range names {
		cells[i] = "`" + strings.ReplaceAll(name, " ou ", "` ou `") + "`"
	}
	return strings.Join(cells, ", ")
}

func writeRetired(b *strings.Builder) {
	b.WriteString("\n## Variables retirées\n\nElles sont acceptées, signalées « retirée, sans effet », et n’ont plus d’effet.\n\n| Variable | Pourquoi |\n|---|---|\n")
	for _, row := range retiredRows() {
		fmt.Fprintf(b, "| `%s` | %s |\n", row[0], row[1])
	}
}

// Example writes .env.example: what a portal cannot do without, then everything else in comment.
func Example() string {
	var b strings.Builder
	b.WriteString("# Exemple de configuration. Copie ce fichier sous le nom .env, puis décommente ce dont tu as besoin.\n" +
		"# " + strings.ReplaceAll(generated, "`", "") + "\n" +
		"# Le détail de chaque variable est dans docs/configuration.md.\n")
	for _, group := range Groups() {
		fmt.Fprintf(&b, "\n# --- %s ---\n", group.Title)
		for _, v := range group.Variables {
			fmt.Fprintf(&b, "\n# %s\n%s\n", strings.ReplaceAll(v.Doc, "`", ""), exampleLine(v))
		}
	}
	return b.String()
}

// exampleLine keeps in force only what a first start on one's own machine needs.
func exampleLine(v Variable) string {
	essential := map[string]string{
		"DATABASE_URL":   "postgres://espace:espace@localhost:5432/espace_membre",
		"SESSION_SECRET": "",
		"NEXTAUTH_URL":   "http://localhost:8100",
		"SECURE":         "false",
	}
	if value, ok := essential[v.Name]; ok {
		return v.Name + "=" + value
	}
	return "#" + v.Name + "=" + v.Default
}
