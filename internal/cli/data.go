package cli

import (
	"context"
	"os"

	"github.com/betagouv/espace-membre/internal/app"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

type seedCmd struct{}

// Run fills an empty database with the sample; it refuses one that holds other people.
func (seedCmd) Run(s *session) error {
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		if err := a.Seed(ctx); err != nil {
			return err
		}
		s.printf("L’exemple est en place.\n")
		return nil
	})
}

type importCmd struct {
	Directory importDirectoryCmd `cmd:"" help:"Crée les membres de l’annuaire public qui ne sont pas encore connus."`
}

type importDirectoryCmd struct {
	Authors string `help:"Fichier JSON des membres (formats v1.6, v2.5 à v2.7)." required:"" placeholder:"FICHIER"`
}

// Run imports the members of a file and reports what was refused.
func (c importDirectoryCmd) Run(s *session) error {
	text, err := os.ReadFile(c.Authors)
	if err != nil {
		return fault.New(fault.NotFound, "Le fichier "+c.Authors+" est illisible.", "read authors: %w", err)
	}
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		report, err := a.ImportAuthors(ctx, text)
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(report)
		}
		s.printf("%d membres créés, %d déjà connus, %d refusés.\n", report.Created, report.Known, len(report.Refused))
		for _, refusal := range report.Refused {
			s.printf("  refusé : %s — %s\n", refusal.File, refusal.Reason)
		}
		return nil
	})
}
