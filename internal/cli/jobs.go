package cli

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/app"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/worker"
)

type jobsCmd struct {
	List    jobsListCmd    `cmd:"" help:"Liste les tâches : horaire, état, ce qui leur manque."`
	Plan    jobsPlanCmd    `cmd:"" help:"Montre ce qu’une tâche ferait, sans rien changer."`
	Run     jobsRunCmd     `cmd:"" help:"Lance une tâche ; sans --confirm, montre seulement son plan."`
	Confirm jobsConfirmCmd `cmd:"" help:"Confirme un plan retenu."`
	History jobsHistoryCmd `cmd:"" help:"Raconte les derniers passages et les actions à regarder."`
}

func (s *session) withApp(role config.Role, f func(ctx context.Context, a *app.App) error) error {
	settings, err := s.configFor(role)
	if err != nil {
		return err
	}
	a, err := app.New(s.ctx, settings)
	if err != nil {
		return err
	}
	defer a.Close()
	return f(s.ctx, a)
}

type jobsListCmd struct {
	Names bool `help:"Seulement les noms." hidden:""`
}

// Run lists the jobs; it needs no database.
func (c jobsListCmd) Run(s *session) error {
	settings, err := s.config()
	if err != nil {
		return err
	}
	list, err := app.JobList(settings)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(list)
	}
	for _, entry := range list {
		if c.Names {
			s.printf("%s\n", entry.Name)
			continue
		}
		state := "non"
		if entry.Enabled {
			state = "oui"
		}
		s.printf("%-45s %-14s activée : %s  %s\n", entry.Name, entry.Schedule, state, entry.Title)
		if len(entry.Missing) > 0 {
			s.printf("%-45s il manque : %s\n", "", strings.Join(entry.Missing, ", "))
		}
	}
	return nil
}

// parseDay reads --today; the empty text is today in Paris.
func parseDay(text string) (clock.Day, error) {
	day, err := clock.ParseDay(text)
	if err != nil {
		return day, fault.New(fault.Invalid, "--today attend une date AAAA-MM-JJ.", "%w", err)
	}
	return day, nil
}

func (s *session) printPlan(plan worker.Planned) error {
	if s.json {
		return s.printJSON(plan)
	}
	s.printf("%s, au %s : %d actions pour %d sujets considérés\n", plan.Job, plan.Today.French(), len(plan.Actions), plan.Population)
	if plan.Doubt != "" {
		s.printf("Doute : %s\n", plan.Doubt)
	}
	for _, action := range plan.Actions {
		s.printf("  %-12s %-30s %s\n", action.Verb, action.Subject, action.Reason)
	}
	for _, skip := range plan.Skipped {
		s.printf("  %-12s %-30s %s\n", "(passé)", skip.Subject, skip.Reason)
	}
	return nil
}

type jobsPlanCmd struct {
	Name  string `arg:"" help:"Nom de la tâche."`
	Today string `help:"Jour à considérer (AAAA-MM-JJ) ; aujourd’hui par défaut." placeholder:"JOUR"`
}

// Run shows a plan.
func (c jobsPlanCmd) Run(s *session) error {
	day, err := parseDay(c.Today)
	if err != nil {
		return err
	}
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		plan, err := a.Worker().Plan(ctx, c.Name, day)
		if err != nil {
			return err
		}
		return s.printPlan(plan)
	})
}

type jobsRunCmd struct {
	Name    string `arg:"" help:"Nom de la tâche."`
	Confirm bool   `help:"Applique le plan."`
	Today   string `help:"Jour à considérer (démonstration seulement)." placeholder:"JOUR"`
	Actor   string `help:"Qui lance la tâche." default:"console"`
}

// Run applies a plan, or shows it.
func (c jobsRunCmd) Run(s *session) error {
	day, err := parseDay(c.Today)
	if err != nil {
		return err
	}
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		run, err := a.Worker().Run(ctx, c.Name, worker.RunOptions{Actor: c.Actor, Today: day, Confirm: c.Confirm})
		if err != nil {
			return err
		}
		return s.told(run)
	})
}

// told prints how a run went, and makes the exit code say what a person must do.
func (s *session) told(run worker.Run) error {
	if s.json {
		if err := s.printJSON(run); err != nil {
			return err
		}
	} else {
		if err := s.printPlan(run.Plan); err != nil {
			return err
		}
		if !run.Applied {
			s.printf("Rien n’est appliqué : ajoute --confirm pour le faire.\n")
		}
		for _, action := range run.Actions {
			s.printf("  %-10s %-12s %-30s %s\n", action.State, action.Verb, action.Label, action.LastError)
		}
	}
	if run.Held != nil || run.State == "partial" {
		return quiet{ExitHeld}
	}
	return nil
}

type jobsConfirmCmd struct {
	Run_    string `arg:"" name:"passage" help:"Identifiant du passage retenu."`
	Version int    `help:"Version du plan qui a été lue." default:"1"`
	Actor   string `help:"Qui confirme." default:"console"`
}

// Run releases a held plan.
func (c jobsConfirmCmd) Run(s *session) error {
	id, err := uuid.Parse(c.Run_)
	if err != nil {
		return fault.New(fault.Invalid, "Cet identifiant de passage n’en est pas un.", "%w", err)
	}
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		run, err := a.Worker().Confirm(ctx, id, c.Version, c.Actor)
		if err != nil {
			return err
		}
		return s.printRuns([]worker.RunView{run})
	})
}

func (s *session) printRuns(runs []worker.RunView) error {
	if s.json {
		return s.printJSON(runs)
	}
	for _, run := range runs {
		s.printf("%s  %-40s %-9s %v\n", run.StartedAt.In(clock.Paris()).Format("02/01/2006 15:04"), run.Job, run.State, run.Counts)
		for _, action := range run.Actions {
			s.printf("    %-10s %-12s %-30s %s %s\n", action.State, action.Verb, action.Label, action.Reason, action.LastError)
		}
	}
	if len(runs) == 0 {
		s.printf("Aucun passage à raconter.\n")
	}
	return nil
}

type jobsHistoryCmd struct {
	Name  string `arg:"" optional:"" help:"Nom de la tâche ; toutes par défaut."`
	Limit int    `help:"Nombre de passages." default:"20"`
}

// Run tells the last runs, with the actions that wait for a person.
func (c jobsHistoryCmd) Run(s *session) error {
	return s.withApp(config.RoleData, func(ctx context.Context, a *app.App) error {
		runs, err := a.Worker().History(ctx, worker.HistoryFilter{Job: c.Name, Limit: c.Limit})
		if err != nil {
			return err
		}
		return s.printRuns(runs)
	})
}
