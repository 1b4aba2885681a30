package cli

import (
	"log/slog"

	"github.com/betagouv/espace-membre/internal/platform/config"
)

// config reads and validates the settings of the command, and tells what deserves a word.
func (s *session) config() (config.Config, error) {
	environ, err := config.Environ(s.envFile)
	if err != nil {
		return config.Config{}, err
	}
	settings, problems := config.Load(environ)
	for _, notice := range config.Notices(problems) {
		slog.Warn("setting", "name", notice.Name, "reason", notice.Reason)
	}
	return settings, config.Err(problems)
}

// configFor is config for a role, which refuses what it cannot do without.
func (s *session) configFor(role config.Role) (config.Config, error) {
	settings, err := s.config()
	if err != nil {
		return settings, err
	}
	return settings, config.Err(settings.Require(role))
}
