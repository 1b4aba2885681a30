package offboarding

import (
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// How many days after the last day each step falls due.
const (
	afterRedirections  = 1
	afterIncubatorList = 1
	afterGithub        = 1 // the evening of that day if the message of departure left, of the next one in any case
	afterLimited       = 5
	afterSuspension    = 5
	afterExpiry        = 5
	afterLists         = 30
	afterServices      = 30
	afterChatNotice    = 83
	afterChatRemoval   = 90
)

// Delays counted from another step.
const (
	deletionAfter  = 30 // after the suspension
	secondaryAfter = 30 // after the deletion or the expiry
)

// The lines of a timeline that no job performs.
const (
	stepEnd    member.DepartureStep = "end"
	stepPortal member.DepartureStep = "portal"
)

// LastFullDay is the last day on which somebody who left still logs in as before.
func LastFullDay(end clock.Day) clock.Day { return end.Add(afterLimited - 1) }

// rule is one step of a departure, applied to one person.
type rule struct {
	id          member.DepartureStep
	title, stop string
	due         clock.Day // before postponements
	jobs        []string  // those that perform it; none: it happens by itself
	last        int       // a message: days after due through which it may leave; 0: no limit
	sweep       bool      // its jobs look for what is left: no action means nothing found
	done        bool      // as the state of the address tells
	doneOn      clock.Day
	unconcerned string // why it does not concern the person; empty: it does
}

// rules lists the steps of a person's departure.
func rules(f Facts, today clock.Day) []rule {
	list := messageRules(f)
	list = append(list,
		rule{id: stepEnd, title: "Dernier jour de mission", due: f.End},
		rule{id: stepPortal, title: "Accès limité à l’espace membre", due: f.End.Add(afterLimited), stop: "l’espace membre ne te montre plus que ta fiche et la demande de prolongation"})
	list = append(list, addressRules(f, today)...)
	return append(list, accountRules(f)...)
}

// messageRules are the messages to the person.
func messageRules(f Facts) []rule {
	titles := []struct {
		kind  Kind
		title string
	}{
		{Ending30, "Message « fin de mission dans 30 jours »"},
		{Ending15, "Message « fin de mission dans 15 jours »"},
		{Ending2, "Message « fin de mission dans 2 jours »"},
		{Farewell, "Message de départ"},
		{Closing, "Message un mois après le départ"},
	}
	var list []rule
	for _, t := range titles {
		n := notices()[t.kind]
		list = append(list, rule{id: n.step, title: t.title, due: f.End.Add(n.first), jobs: []string{n.job}, last: n.last - n.first})
	}
	return list
}

// accountRules are the accounts and lists of the person.
func accountRules(f Facts) []rule {
	none := func(has bool, why string) string {
		if has {
			return ""
		}
		return why
	}
	return []rule{
		{
			id: member.StepIncubatorList, title: "Retrait de la liste « incubateur »", due: f.End.Add(afterIncubatorList), sweep: true,
			jobs: []string{"unsubscribeEmailAddresses"}, stop: "tu ne reçois plus les messages de la liste de la communauté",
		},
		{
			id: member.StepGithub, title: "Retrait de l’organisation GitHub", due: f.End.Add(afterGithub), sweep: true,
			jobs: []string{"removeGithubUserFromOrganization"}, stop: "ton compte GitHub sort de l’organisation",
			unconcerned: none(f.Github, "aucun compte GitHub n’est indiqué"),
		},
		{
			id: member.StepLists, title: "Retrait de l’infolettre et des autres listes", due: f.End.Add(afterLists), sweep: true,
			jobs: []string{"removeEmailsFromMailingList"}, stop: "tu ne reçois plus l’infolettre ni les autres listes",
		},
		{
			id: member.StepServices, title: "Suppression des comptes Matomo et Sentry", due: f.End.Add(afterServices), sweep: true,
			jobs: []string{"deleteMatomoAccount", "deleteSentryAccount"}, stop: "tes comptes Matomo et Sentry sont supprimés",
			unconcerned: none(f.Tools, "aucun compte Matomo ni Sentry n’est connu"),
		},
		{
			id: member.StepChatNotice, title: "Message avant le retrait de Mattermost", due: f.End.Add(afterChatNotice), sweep: true,
			jobs: []string{"sendReminderToUserAtDays90"},
		},
		{
			id: member.StepChatRemoval, title: "Retrait de l’équipe Mattermost", due: f.End.Add(afterChatRemoval), sweep: true,
			jobs: []string{"removeUsersFromCommunityTeam", "removeBetaAndParnersUsersFromCommunityTeam"}, stop: "ton compte Mattermost quitte l’équipe de la communauté",
		},
	}
}
