package mailbox

import "github.com/betagouv/espace-membre/internal/platform/job"

// Names of the jobs, which begin their action keys.
const (
	creationJob              = "emailCreationJob"
	recreationJob            = "recreateEmailIfUserActive"
	redirectionJob           = "redirectionCreationJob"
	activationJob            = "setEmailAddressesActive"
	redirectionActivationJob = "setEmailRedirectionActive"
	removalJob               = "deleteRedirectionsAfterQuitting"
	suspensionJob            = "reinitPasswordEmail"
	expiryJob                = "setEmailExpired"
	deletionJob              = "deleteOVHEmailAcounts"
	erasureJob               = "deleteSecondaryEmailsForUsers"
)

// monthEnd is the ceiling of what falls due for everybody whose mission ends with a month: a
// usual month passes, the end of a year waits for a person.
func monthEnd() job.Ceiling { return job.Ceiling{Count: 50} }

// Jobs declares the room's scheduled jobs.
func (s *Service) Jobs() []job.Spec {
	specs := append(s.arrivalJobs(), s.departureJobs()...)
	for i := range specs {
		specs[i].Room = "mailbox"
	}
	return specs
}

func (s *Service) arrivalJobs() []job.Spec {
	ovh := []job.Feature{"ovh"}
	return []job.Spec{
		{
			Name: creationJob, Title: "Crée chez OVH les adresses en attente",
			Schedule: "*/4 * * * *", Default: job.On, Needs: ovh, Queue: job.QueueOVH,
			Plan: s.planCreations, Apply: s.applyCreation,
		},
		{
			Name: redirectionJob, Aliases: []string{"cron de creation de redirection"},
			Title:    "Crée chez OVH les redirections en attente",
			Schedule: "*/4 * * * *", Default: job.On, Needs: ovh, Queue: job.QueueOVH,
			Flag: "FEATURE_APPLY_CREATE_REDIRECTION_EMAIL", FlagAnyText: true,
			Plan: s.planRedirections, Apply: s.applyRedirection,
		},
		{
			Name: activationJob, Title: "Active les adresses prêtes et inscrit aux listes",
			Schedule: "*/8 * * * *", Default: job.On, Needs: []job.Feature{"ovh", "brevo", "mail"}, Queue: job.QueueOVH,
			Plan: s.planActivations, Apply: s.applyActivation,
		},
		{
			Name: redirectionActivationJob, Title: "Active les redirections créées, inscrit aux listes",
			Schedule: "*/4 * * * *", Default: job.On, Needs: []job.Feature{"ovh", "brevo"}, Queue: job.QueueOVH,
			Plan: s.planRedirectionActivations, Apply: s.applyRedirectionActivation,
		},
		{
			Name: recreationJob, Title: "Recrée l’adresse d’un membre redevenu actif",
			Schedule: "*/8 * * * *", Default: job.Off, Needs: ovh, Queue: job.QueueOVH,
			Plan: s.planRecreations, Apply: s.applyRecreation,
		},
	}
}

func (s *Service) departureJobs() []job.Spec {
	ovh := []job.Feature{"ovh"}
	return []job.Spec{
		{
			Name: removalJob, Title: "Supprime les redirections OVH des membres expirés",
			Schedule: "0 8,14 * * *", Default: job.On, Needs: ovh, Queue: job.QueueOVH,
			Flag: "FEATURE_DELETE_REDIRECTIONS_AFTER_QUITTING", Ceiling: monthEnd(),
			Plan: s.planRemovals, Apply: s.applyRemoval,
		},
		{
			Name: suspensionJob, Title: "Réinitialise le mot de passe 5 jours après le départ",
			Schedule: "0 14 * * *", Default: job.On, Needs: ovh, Queue: job.QueueOVH,
			Flag: "FEATURE_REINIT_PASSWORD_EMAIL", Ceiling: monthEnd(),
			Plan: s.planSuspensions, Apply: s.applySuspension,
		},
		{
			Name: expiryJob, Title: "Marque comme expirées les adresses des membres partis",
			Schedule: "0 15 * * *", Default: job.On,
			Flag: "FEATURE_SET_EMAIL_EXPIRED", Ceiling: monthEnd(),
			Plan: s.planExpiries, Apply: s.applyExpiry,
		},
		{
			Name: deletionJob, Title: "Supprime les boîtes OVH des membres expirés (30 jours)",
			Schedule: "0 15 * * *", Default: job.On, Needs: ovh, Queue: job.QueueOVH,
			// those suspended together fall due together 30 days later: the same ceiling, or a usual
			// month end would pass in one job and wait in the other
			Flag: "FEATURE_DELETE_OVH_EMAIL_ACCOUNTS", Ceiling: monthEnd(),
			Plan: s.planDeletions, Apply: s.applyDeletion,
		},
		{
			Name: erasureJob, Title: "Efface les adresses secondaires des membres expirés",
			Schedule: "0 10 * * *", Default: job.Off,
			Flag: "FEATURE_DELETE_SECONDARY_EMAIL",
			Plan: s.planErasures, Apply: s.applyErasure,
		},
	}
}
