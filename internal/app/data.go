package app

import (
	"context"
	"errors"
	"io/fs"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/sample"
)

// Seed fills an empty database with the sample, as it stands today.
func (a *App) Seed(ctx context.Context) error {
	_, err := sample.Seed(ctx, a.pool, sample.Settings{Today: clock.Today(a.clock), Domain: a.settings.Core.Domain})
	return err
}

// DirectoryFiles say where the files of the public API are: a path or an address, compressed
// with gzip or not; an empty one is not read, except the members', whose default is USERS_API.
type DirectoryFiles struct{ Authors, Startups, Incubators, Organisations string }

// ImportOptions are the same for both sources.
type ImportOptions struct {
	Populate bool      // give made-up addresses and states: demo only
	Today    clock.Day // day of these; zero: today
	Progress func(ImportStep)
}

// ImportStep is how far an import is.
type ImportStep = publicsite.Step

// ImportReport tells what an import did.
type ImportReport struct {
	publicsite.Report
	Population *sample.Population `json:"population,omitempty"`
}

// ImportDirectory imports the files of the public API.
func (a *App) ImportDirectory(ctx context.Context, files DirectoryFiles, o ImportOptions) (ImportReport, error) {
	if err := a.populatable(ctx, o); err != nil {
		return ImportReport{}, err
	}
	if files.Authors == "" {
		files.Authors = a.settings.Site.Users
	}
	var directory publicsite.Directory
	for _, part := range []struct {
		from string
		into *[]byte
	}{
		{files.Authors, &directory.Authors}, {files.Startups, &directory.Startups},
		{files.Incubators, &directory.Incubators}, {files.Organisations, &directory.Organisations},
	} {
		if part.from == "" {
			continue
		}
		if o.Progress != nil {
			o.Progress(ImportStep{Label: "Lecture de " + part.from, Done: 0, Total: 1})
		}
		var err error
		if *part.into, err = readSource(ctx, part.from, a.settings.Demo.On()); err != nil {
			return ImportReport{}, err
		}
	}
	source, err := publicsite.ReadDirectory(directory)
	if err != nil {
		return ImportReport{}, err
	}
	return a.bring(ctx, source, o)
}

// ImportSite imports the Markdown files of the public site's repository.
func (a *App) ImportSite(ctx context.Context, tree fs.FS, o ImportOptions) (ImportReport, error) {
	if err := a.populatable(ctx, o); err != nil {
		return ImportReport{}, err
	}
	source, err := publicsite.ReadSite(tree, o.Progress)
	if err != nil {
		return ImportReport{}, err
	}
	return a.bring(ctx, source, o)
}

func (a *App) bring(ctx context.Context, source *publicsite.Source, o ImportOptions) (ImportReport, error) {
	report, err := publicsite.Import(ctx, a.pool, a.clock.Now(), "system", source, o.Progress)
	if err != nil || !o.Populate {
		return ImportReport{Report: report}, err
	}
	population, err := a.populate(ctx, o)
	return ImportReport{Report: report, Population: &population}, err
}

// populate makes up the addresses of the imported people, and the accounts that go with them in
// the running demonstration.
func (a *App) populate(ctx context.Context, o ImportOptions) (sample.Population, error) {
	if o.Progress != nil {
		o.Progress(ImportStep{Label: "Adresses inventées", Done: 0, Total: 1})
	}
	today := o.Today
	if today.IsZero() {
		today = clock.Today(a.clock)
	}
	settings := sample.Settings{
		Today: today, Domain: a.settings.Core.Domain, DefaultPlan: string(a.settings.OVH.DefaultPlan),
		ExchangeIncubators: a.settings.OVH.ExchangeIncubators,
		Lists:              []int{a.settings.Brevo.NewsletterList, a.settings.Brevo.OnboardingList},
	}
	box := sandboxState{url: a.settings.Demo.SandboxURL, clock: a.clock}
	return sample.Populate(ctx, a.pool, settings, box.fill)
}

// populatable refuses to make up anything outside a demonstration: the settings must be those
// of a demo folder, and the database the one that this folder holds.
func (a *App) populatable(ctx context.Context, o ImportOptions) error {
	if !o.Populate {
		return nil
	}
	refused := func(cause error) error {
		return fault.New(fault.Forbidden, "--populate est réservé à la démonstration : donne ses réglages avec --env-file DOSSIER/env.", "populate outside a demonstration: %w", cause)
	}
	if !a.settings.Demo.On() || a.settings.Demo.SandboxURL == "" {
		return refused(errors.New("these are not the settings of a demonstration"))
	}
	if err := ownDemo(ctx, a.pool, a.settings.Demo); err != nil {
		return refused(err)
	}
	return nil
}
