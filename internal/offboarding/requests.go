package offboarding

import "github.com/betagouv/espace-membre/internal/platform/job"

// Requests declares the actions that pages ask for.
func (s *Service) Requests() []job.Spec { return nil }
