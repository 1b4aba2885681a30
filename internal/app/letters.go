package app

import (
	"slices"

	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/member/membermail"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingmail"
	"github.com/betagouv/espace-membre/internal/onboarding/onboardingmail"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/profile/profilemail"
	"github.com/betagouv/espace-membre/internal/signin/signinmail"
)

// letters lists every letter that the product sends, with made-up data: a room with letters adds
// one line.
func letters() []mail.Specimen {
	return slices.Concat(
		signinmail.Specimens(),
		membermail.Specimens(),
		onboardingmail.Specimens(),
		mailboxmail.Specimens(),
		profilemail.Specimens(),

		offboardingmail.Specimens(),
	)
}
