package signin

import "github.com/betagouv/espace-membre/internal/platform/job"

// Jobs lists the jobs of this room.
func (s *Service) Jobs() []job.Spec {
	return []job.Spec{s.sendLoginEmail()}
}
