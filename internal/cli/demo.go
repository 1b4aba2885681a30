package cli

import (
	"github.com/betagouv/espace-membre/internal/app"
)

type demoCmd struct {
	Port        int    `help:"Port du portail." default:"8100"`
	SandboxPort int    `help:"Port du bac à sable." default:"8101" name:"sandbox-port"`
	SMTPPort    int    `help:"Port de l’attrape-mails." default:"8125" name:"smtp-port"`
	DataDir     string `help:"Dossier de la démonstration." default:".demo" name:"data-dir" placeholder:"DOSSIER"`
	Today       string `help:"Jour à simuler (AAAA-MM-JJ)." placeholder:"JOUR"`
	Reset       bool   `help:"Repart de zéro."`
	NoWorker    bool   `help:"Sans les tâches planifiées." name:"no-worker"`
}

// Run runs the demonstration until it is interrupted.
func (c demoCmd) Run(s *session) error {
	day, err := parseDay(c.Today)
	if err != nil {
		return err
	}
	return app.Demo(s.ctx, app.DemoOptions{
		Port: c.Port, SandboxPort: c.SandboxPort, SMTPPort: c.SMTPPort, Dir: c.DataDir,
		Today: day, Reset: c.Reset, NoWorker: c.NoWorker, Out: s.process.Stdout,
	})
}
