package cli

import (
	"archive/zip"
	"context"
	"io/fs"
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
	Directory importDirectoryCmd `cmd:"" help:"Importe l’annuaire public (API JSON) : membres, produits, incubateurs, organisations."`
	Site      importSiteCmd      `cmd:"" help:"Importe le dépôt Markdown du site public."`
}

// populateFlags are the options of a demonstration.
type populateFlags struct {
	Populate bool   `help:"Invente une adresse et un état à chaque membre importé (démonstration seulement)."`
	Today    string `help:"Jour de ces états (AAAA-MM-JJ) ; par défaut, celui de la démonstration." placeholder:"JOUR"`
}

type importDirectoryCmd struct {
	Authors       string `help:"Fichier ou adresse des membres : authors.json, formats v1.6 et v2.5 à v2.7, .gz accepté. Par défaut : USERS_API." placeholder:"FICHIER|URL"`
	Startups      string `help:"Fichier ou adresse des produits : startups.json." placeholder:"FICHIER|URL"`
	Incubators    string `help:"Fichier ou adresse des incubateurs : incubators.json." placeholder:"FICHIER|URL"`
	Organisations string `help:"Fichier ou adresse des organisations : organisations.json ou sponsors.json." placeholder:"FICHIER|URL"`
	populateFlags `embed:""`
}

// Run imports the public API and tells what became of it.
func (c importDirectoryCmd) Run(s *session) error {
	return s.bring(c.populateFlags, func(ctx context.Context, a *app.App, o app.ImportOptions) (app.ImportReport, error) {
		files := app.DirectoryFiles{Authors: c.Authors, Startups: c.Startups, Incubators: c.Incubators, Organisations: c.Organisations}
		return a.ImportDirectory(ctx, files, o)
	})
}

type importSiteCmd struct {
	Dir           string `help:"Dossier du dépôt." placeholder:"DOSSIER" xor:"source" required:""`
	Zip           string `help:"Archive zip du dépôt, comme GitHub la donne." placeholder:"FICHIER" xor:"source" required:""`
	populateFlags `embed:""`
}

// Run imports the Markdown files and tells what became of them.
func (c importSiteCmd) Run(s *session) error {
	tree, done, err := c.open()
	if err != nil {
		return err
	}
	defer done()
	return s.bring(c.populateFlags, func(ctx context.Context, a *app.App, o app.ImportOptions) (app.ImportReport, error) {
		return a.ImportSite(ctx, tree, o)
	})
}

func (c importSiteCmd) open() (tree fs.FS, done func(), err error) {
	if c.Zip == "" {
		if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
			return nil, nil, fault.New(fault.NotFound, "Le dossier "+c.Dir+" n’existe pas.", "open the site's folder: %w", err)
		}
		return os.DirFS(c.Dir), func() {}, nil
	}
	if _, err := os.Stat(c.Zip); err != nil {
		return nil, nil, fault.New(fault.NotFound, "Le fichier "+c.Zip+" est illisible.", "open the site's archive: %w", err)
	}
	archive, err := zip.OpenReader(c.Zip)
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, c.Zip+" n’est pas une archive zip.", "open the site's archive: %w", err)
	}
	return archive, func() { archive.Close() }, nil
}

// bring runs an import, shows how far it is, and tells its report.
func (s *session) bring(flags populateFlags, run func(context.Context, *app.App, app.ImportOptions) (app.ImportReport, error)) error {
	day, err := parseDay(flags.Today)
	if err != nil {
		return err
	}
	if !day.IsZero() && !flags.Populate {
		return fault.New(fault.Invalid, "--today ne sert qu’avec --populate.", "today without populate")
	}
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		progress := s.newBar()
		report, err := run(ctx, a, app.ImportOptions{Populate: flags.Populate, Today: day, Progress: func(step app.ImportStep) {
			progress.show(step.Label, step.Done, step.Total)
		}})
		progress.clear()
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(report)
		}
		s.tellImport(report)
		return nil
	})
}
