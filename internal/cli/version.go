package cli

import (
	"runtime"
	"strings"
)

type versionCmd struct{}

// Run prints the version of the program and of Go.
func (versionCmd) Run(s *session) error {
	if s.json {
		return s.printJSON(map[string]string{"version": s.process.Version, "go": runtime.Version()})
	}
	s.printf("espace-membre %s (%s)\n", s.process.Version, runtime.Version())
	return nil
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh ou fish."`
}

// Run prints a completion script: the commands, and the names of the jobs after « jobs plan ».
func (c completionCmd) Run(s *session) error {
	var names []string
	for _, node := range s.model.Children {
		names = append(names, node.Name)
	}
	words := strings.Join(names, " ")
	switch c.Shell {
	case "fish":
		s.printf("complete -c espace-membre -f -n __fish_use_subcommand -a '%s'\n", words)
		s.printf("complete -c espace-membre -f -n '__fish_seen_subcommand_from jobs' -a 'list plan run confirm history'\n")
	case "zsh":
		s.printf("autoload -U +X bashcompinit && bashcompinit\n")
		fallthrough
	default:
		s.printf(bashCompletion, words)
	}
	return nil
}

const bashCompletion = `_espace_membre() {
  local word="${COMP_WORDS[COMP_CWORD]}"
  case "$COMP_CWORD:${COMP_WORDS[1]}" in
    1:*) COMPREPLY=($(compgen -W "%s" -- "$word")) ;;
    2:jobs) COMPREPLY=($(compgen -W "list plan run confirm history" -- "$word")) ;;
    3:jobs) COMPREPLY=($(compgen -W "$(espace-membre jobs list --names 2>/dev/null)" -- "$word")) ;;
    2:migrate) COMPREPLY=($(compgen -W "up down status create" -- "$word")) ;;
    2:import) COMPREPLY=($(compgen -W "directory site" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _espace_membre espace-membre
`
