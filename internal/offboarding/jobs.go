package offboarding

import (
	"time"

	"github.com/betagouv/espace-membre/internal/platform/job"
)

// Names of the jobs, which begin their action keys.
const (
	notice30Job  = "sendContractEndingMessageToUsers30days"
	notice15Job  = "sendContractEndingMessageToUsers15days"
	notice2Job   = "sendContractEndingMessageToUsers2days"
	farewellJob  = "sendJ1Email"
	closingJob   = "sendJ30Email"
	secondaryJob = "sendMessageToActiveUsersWithoutSecondaryEmail"
)

// endingFlag is the one switch that the reference had for its three notices before the end.
const endingFlag = "FEATURE_ON_USER_CONTRACT_END"

// monthLate is how late the message of the month may still leave.
const monthLate = 7 * 24 * time.Hour

// Jobs declares the room's scheduled jobs. The chat is not among their needs: it never keeps a
// mail from leaving.
func (s *Service) Jobs() []job.Spec {
	specs := []job.Spec{
		{
			Name: notice30Job, Title: "Fin de mission dans 30 jours", Schedule: "0 10 * * *", Flag: endingFlag,
			Plan: s.planNotices(Ending30), Apply: s.applyNotice(Ending30),
		},
		{
			Name: notice15Job, Title: "Fin de mission dans 15 jours", Schedule: "0 10 * * *", Flag: endingFlag,
			Plan: s.planNotices(Ending15), Apply: s.applyNotice(Ending15),
		},
		{
			Name: notice2Job, Title: "Fin de mission dans 2 jours", Schedule: "0 10 * * *", Flag: endingFlag,
			Plan: s.planNotices(Ending2), Apply: s.applyNotice(Ending2),
		},
		{
			Name: farewellJob, Title: "Message de départ J+1", Schedule: "0 8 * * *", Flag: "FEATURE_SEND_J1_EMAIL",
			Plan: s.planNotices(Farewell), Apply: s.applyNotice(Farewell),
		},
		{
			Name: closingJob, Title: "Message de départ J+30", Schedule: "0 8 * * *", Flag: "FEATURE_SEND_J30_EMAIL",
			Plan: s.planNotices(Closing), Apply: s.applyNotice(Closing),
		},
		{
			Name: secondaryJob, Title: "Demande une adresse secondaire aux membres qui n’en ont pas", Schedule: "0 10 1 * *",
			Late: monthLate, Flag: "FEATURE_SEND_MESSAGE_TO_ACTIVE_USERS_WITHOUT_SECONDARY_EMAIL",
			Plan: s.planSecondary, Apply: s.applySecondary,
		},
	}
	for i := range specs {
		specs[i].Room, specs[i].Default, specs[i].Needs, specs[i].Queue = "offboarding", job.On, []job.Feature{"mail"}, job.QueueMail
	}
	return specs
}
