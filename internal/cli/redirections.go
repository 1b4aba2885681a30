package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/betagouv/espace-membre/internal/app"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/graph"
)

type redirectionsCmd struct {
	Export redirectionsExportCmd `cmd:"" help:"Écrit le graphe de toutes les redirections."`
	Delete redirectionsDeleteCmd `cmd:"" help:"Supprime les redirections d’une adresse vers une autre."`
}

type redirectionsExportCmd struct {
	Format string `help:"Format : ${enum}." enum:"dot,svg,png" default:"dot"`
	Output string `help:"Fichier à écrire ; la sortie standard par défaut." short:"o" placeholder:"FICHIER"`
}

// Run reads every redirection and writes their graph; --json gives the pairs.
func (c redirectionsExportCmd) Run(s *session) error {
	settings, err := s.config()
	if err != nil {
		return err
	}
	g, err := app.RedirectionGraph(s.ctx, settings)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(pairs(g))
	}
	if c.Output == "" {
		if c.Format == "png" && terminal(s.process.Stdout) {
			return fault.New(fault.Invalid, "Une image ne s’affiche pas dans un terminal : nomme un fichier avec --output.", "png on a terminal")
		}
		return c.write(s.ctx, g, s.process.Stdout)
	}
	return writeFile(c.Output, func(w io.Writer) error { return c.write(s.ctx, g, w) })
}

func (c redirectionsExportCmd) write(ctx context.Context, g graph.Graph, w io.Writer) error {
	switch c.Format {
	case "png":
		return g.PNG(ctx, w)
	case "svg":
		text, err := g.SVG(ctx)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, text)
		return err
	}
	_, err := io.WriteString(w, g.DOT())
	return err
}

// pair is a redirection, for a machine.
type pair struct {
	From string `json:"from"`
	To   string `json:"to"`
}

func pairs(g graph.Graph) []pair {
	list := make([]pair, len(g.Edges))
	for i, e := range g.Edges {
		list[i] = pair{e.From, e.To}
	}
	return list
}

// writeFile writes a whole file, or none.
func writeFile(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".export-*")
	if err != nil {
		return fault.New(fault.Invalid, "Impossible d’écrire "+path+".", "create the file: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // nothing is left there after the renaming
	if err := write(file); err != nil {
		_ = file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return fault.New(fault.Invalid, "Impossible d’écrire "+path+".", "close the file: %w", err)
	}
	if err := os.Chmod(file.Name(), 0o600); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

type redirectionsDeleteCmd struct {
	From  string `arg:"" help:"Adresse de départ."`
	To    string `arg:"" help:"Adresse d’arrivée."`
	Actor string `help:"Qui supprime." default:"console"`
}

// Run deletes, and tells it in the history.
func (c redirectionsDeleteCmd) Run(s *session) error {
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		n, err := a.DropRedirections(ctx, c.Actor, c.From, c.To)
		if n > 0 && !s.json {
			s.printf("Redirection supprimée : %s → %s (%d)\n", c.From, c.To, n)
		}
		if err != nil || !s.json {
			return err
		}
		return s.printJSON(map[string]any{"from": c.From, "to": c.To, "deleted": n})
	})
}
