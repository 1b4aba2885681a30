package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/betagouv/espace-membre/internal/app"
)

type routesCmd struct{}

// Run lists the addresses of the portal and who may use each; it needs no database.
func (routesCmd) Run(s *session) error {
	settings, err := s.config()
	if err != nil {
		return err
	}
	list, err := app.Routes(settings)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(list)
	}
	table := tabwriter.NewWriter(s.process.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MÉTHODE\tADRESSE\tPIÈCE\tDROIT\tQUI ENTRE")
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Method, r.Pattern, r.Room, r.Policy, r.Meaning())
	}
	return table.Flush()
}
