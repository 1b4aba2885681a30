package app

import (
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingmail"
	"github.com/betagouv/espace-membre/internal/onboarding"
	"github.com/betagouv/espace-membre/internal/onboarding/onboardingmail"
	"github.com/betagouv/espace-membre/internal/signin"
	"github.com/betagouv/espace-membre/internal/signin/signinmail"
)

// newSignin builds the room of login links.
func (k kit) newSignin() *signin.Service {
	key, _ := k.settings.Core.DeriveKey("login") // without key the portal does not start: see config.Require
	var letters signin.Letters
	if k.sender != nil {
		letters = signinmail.New(k.sender)
	}
	return signin.New(k.db, k.clock, k.requester, letters, signin.Config{
		BaseURL: k.settings.Core.BaseURL, Key: key[:], Admins: k.settings.Core.Admins,
	})
}

// newOnboarding builds the room of arrivals.
func (k kit) newOnboarding() *onboarding.Service {
	var letters onboarding.Letters
	if k.sender != nil {
		letters = onboardingmail.New(k.sender, k.settings.Core.BaseURL)
	}
	return onboarding.New(k.db, k.clock, letters)
}

// newOffboarding builds the room of departures, which asks another to give back what a return
// deserves; runs tells whether a job is on.
func (k kit) newOffboarding(restorer offboarding.Restorer, lists *mailinglist.Service, runs func(job string) bool) *offboarding.Service {
	ports := offboarding.Ports{Requester: k.requester, Restorer: restorer}
	if k.sender != nil {
		ports.Letters = offboardingmail.New(k.sender, offboardingmail.Links{Portal: k.settings.Core.BaseURL, Leave: leaveLink(lists)})
	}
	return offboarding.New(k.db, k.clock, ports, offboarding.Config{
		Domain: k.settings.Core.Domain, Portal: k.settings.Core.BaseURL, Admins: k.settings.Core.Admins, Runs: runs,
	})
}
