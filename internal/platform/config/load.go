package config

import (
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/mail"
)

// minSessionSecret is the shortest SESSION_SECRET, in characters, of a portal served in https.
const minSessionSecret = 32

// Load reads the settings from an environment and tells every problem at once: wrong values
// are Refused, retired and unknown variables are Reported. What is missing is no problem: see
// Require and Features.
func Load(environ map[string]string) (Config, []Problem) {
	c := empty()
	var problems []Problem
	for _, group := range c.groups() {
		for _, variable := range group.Variables {
			if problem, ok := variable.load(environ); ok {
				problems = append(problems, problem)
			}
		}
	}
	problems = append(problems, c.loadSwitches(environ)...)
	problems = append(problems, c.settle()...)
	return c, append(problems, leftovers(environ)...)
}

func empty() Config {
	return Config{Jobs: Jobs{Flags: map[string]bool{}, Switches: map[string]bool{}, Schedules: map[string]string{}}}
}

func (v Variable) load(environ map[string]string) (Problem, bool) {
	value, name := v.lookup(environ)
	if value == "" {
		return Problem{}, false
	}
	err := v.read(value)
	if err == nil {
		return Problem{}, false
	}
	reason := err.Error()
	if !v.Secret {
		reason += fmt.Sprintf(" ; lu : « %s »", shorten(value))
	}
	return Problem{Name: name, Reason: reason, Severity: Refused}, true
}

func shorten(value string) string {
	if runes := []rune(value); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return value
}

// settle computes what depends on several variables, and checks them together.
func (c *Config) settle() []Problem {
	var problems []Problem
	refuse := func(name, reason string) {
		problems = append(problems, Problem{Name: name, Reason: reason, Severity: Refused})
	}
	if length := len([]rune(c.Core.SessionSecret.Reveal())); c.Core.Secure && length > 0 && length < minSessionSecret {
		refuse("SESSION_SECRET", fmt.Sprintf("attend au moins %d caractères quand SECURE est vrai", minSessionSecret))
	}
	if c.Demo.ClockOffset != 0 && !c.Demo.On() {
		refuse("CLOCK_OFFSET", "n’est permise que dans une démonstration (DEMO_DIR)")
	}
	problems = append(problems, c.settleAddress()...)
	c.Core.BehindProxy = c.Core.proxy == "true" || c.Core.proxy == "" && c.Core.HTTPS()
	problems = append(problems, c.settleMail()...)
	return append(problems, c.settlePlan()...)
}

func (c *Config) settleAddress() []Problem {
	core := &c.Core
	switch {
	case core.publicURL != "":
		core.BaseURL, core.BaseURLFrom = core.publicURL, "NEXTAUTH_URL"
	case core.appURL != "":
		core.BaseURL, core.BaseURLFrom = core.appURL, "APP_BASE_URL"
	case core.hostname != "":
		core.BaseURL, core.BaseURLFrom = core.fromHostname(), "HOSTNAME"
		if _, err := parseLink(core.BaseURL); err != nil {
			return []Problem{{Name: "HOSTNAME", Reason: "n’est pas un nom d’hôte", Severity: Refused}}
		}
		return []Problem{{
			Name: "HOSTNAME", Severity: Reported,
			Reason: "les liens mèneront à " + core.BaseURL + " ; pose NEXTAUTH_URL si ce n’est pas l’adresse publique",
		}}
	default:
		core.BaseURL, core.BaseURLFrom = fmt.Sprintf("http://localhost:%d", core.Port), "PORT"
	}
	return nil
}

func (c *Core) fromHostname() string {
	if c.Secure {
		return "https://" + c.hostname
	}
	return "http://" + c.hostname
}

// settleMail applies the presets of known services, which win over host, port and TLS.
func (c *Config) settleMail() []Problem {
	m := &c.Mail
	if sender, err := netmail.ParseAddress(m.from); err == nil {
		m.Sender, m.SenderName = sender.Address, sender.Name
	}
	if m.Service == "" {
		return nil
	}
	service, known := mail.ServiceNamed(m.Service)
	if !known {
		return []Problem{{Name: "MAIL_SERVICE", Reason: "service inconnu : MAIL_HOST et MAIL_PORT sont utilisés", Severity: Reported}}
	}
	m.Host, m.Port, m.IgnoreTLS = service.Host, service.Port, service.IgnoreTLS
	return nil
}

func (c *Config) settlePlan() []Problem {
	missing := map[Plan]string{}
	if c.OVH.ProService == "" {
		missing[PlanPro] = "OVH_EMAIL_PRO_NAME"
	}
	if c.OVH.ExchangeService == "" {
		missing[PlanExchange] = "OVH_EMAIL_EXCHANGE_NAME"
	}
	if name, ok := missing[c.OVH.DefaultPlan]; ok {
		return []Problem{{Name: "EMAIL_DEFAULT_PLAN", Reason: "demande " + name + ", qui est absente : aucune boîte ne pourra être créée", Severity: Reported}}
	}
	return nil
}

// leftovers reports the variables that have no effect: retired, or mistyped.
func leftovers(environ map[string]string) []Problem {
	var problems []Problem
	known := Names()
	for _, row := range retiredRows() {
		if strings.TrimSpace(environ[row[0]]) != "" {
			problems = append(problems, Problem{Name: row[0], Reason: "retirée, sans effet : " + row[1], Severity: Reported})
		}
	}
	for name := range environ {
		if strings.HasPrefix(name, "FEATURE_") && !slices.Contains(known, name) && !retired(name) {
			problems = append(problems, unknown(name, known))
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return strings.Compare(a.Name, b.Name) })
	return problems
}

func unknown(name string, known []string) Problem {
	reason := "inconnue, sans effet"
	if candidate := nearest(name, known); candidate != "" {
		reason += " ; voulais-tu écrire " + candidate + " ?"
	}
	return Problem{Name: name, Reason: reason, Severity: Reported}
}

func retired(name string) bool {
	return slices.ContainsFunc(retiredRows(), func(row [2]string) bool { return row[0] == name })
}

// Groups gives every variable as the documentation shows it.
func Groups() []Group {
	c := empty()
	return c.groups()
}

// Names gives every accepted name that has an effect, in the order of the documentation.
func Names() []string {
	var names []string
	for _, group := range Groups() {
		for _, variable := range group.Variables {
			names = append(names, variable.names()...)
		}
	}
	return names
}

// Known tells whether a variable has an effect. JOB_* switches are checked by CheckJobs.
func Known(name string) bool { return slices.Contains(Names(), name) }
