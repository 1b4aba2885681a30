package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/migrations"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Applique les migrations en attente."`
	Down   migrateDownCmd   `cmd:"" help:"Défait la dernière migration."`
	Status migrateStatusCmd `cmd:"" help:"Dit quelles migrations sont appliquées."`
	Create migrateCreateCmd `cmd:"" help:"Crée le fichier d’une nouvelle migration."`
}

func (s *session) withMigrations(f func(context.Context, *goose.Provider) error) error {
	settings, err := s.configFor(config.RoleData)
	if err != nil {
		return err
	}
	url := settings.Database.URL.Reveal()
	return postgres.WithMigrations(s.ctx, url, migrations.New, func(p *goose.Provider) error { return f(s.ctx, p) })
}

type migrateUpCmd struct{}

// Run applies every pending step.
func (migrateUpCmd) Run(s *session) error {
	return s.withMigrations(func(ctx context.Context, p *goose.Provider) error {
		results, err := p.Up(ctx)
		for _, r := range results {
			s.printf("appliquée : %d (%s)\n", r.Source.Version, r.Duration.Round(time.Millisecond))
		}
		if err == nil && len(results) == 0 {
			s.printf("Rien à faire : la base est à jour.\n")
		}
		return err
	})
}

type migrateDownCmd struct {
	All bool `help:"Défait toutes les migrations : toutes les données sont perdues."`
}

// Run undoes the newest step, or all of them.
func (c migrateDownCmd) Run(s *session) error {
	return s.withMigrations(func(ctx context.Context, p *goose.Provider) error {
		if c.All {
			results, err := p.DownTo(ctx, 0)
			s.printf("%d migrations défaites\n", len(results))
			return err
		}
		result, err := p.Down(ctx)
		if err == nil {
			s.printf("défaite : %d\n", result.Source.Version)
		}
		return err
	})
}

type migrateStatusCmd struct{}

type migrationStatus struct {
	Version   int64      `json:"version"`
	Applied   bool       `json:"applied"`
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

// Run lists the steps.
func (migrateStatusCmd) Run(s *session) error {
	return s.withMigrations(func(ctx context.Context, p *goose.Provider) error {
		steps, err := p.Status(ctx)
		if err != nil {
			return err
		}
		list := make([]migrationStatus, len(steps))
		for i, step := range steps {
			list[i] = migrationStatus{Version: step.Source.Version, Applied: step.State == goose.StateApplied}
			if list[i].Applied {
				list[i].AppliedAt = &steps[i].AppliedAt
			}
		}
		if s.json {
			return s.printJSON(list)
		}
		for _, step := range list {
			state := "en attente"
			if step.Applied {
				state = "appliquée le " + step.AppliedAt.Format("02/01/2006 15:04")
			}
			s.printf("%d  %s\n", step.Version, state)
		}
		return nil
	})
}

type migrateCreateCmd struct {
	Name string `arg:"" help:"Nom court, par exemple ajoute_la_table_x."`
	Dir  string `default:"migrations" help:"Dossier des migrations." type:"existingdir"`
}

// Run writes an empty SQL step named by the current instant.
func (c migrateCreateCmd) Run(s *session) error {
	if err := goose.Create(nil, c.Dir, c.Name, "sql"); err != nil {
		return fmt.Errorf("create migration: %w", err)
	}
	files, _ := filepath.Glob(filepath.Join(c.Dir, "*_"+c.Name+".sql"))
	for _, file := range files {
		s.printf("créée : %s\n", file)
	}
	return nil
}
