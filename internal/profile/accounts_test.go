package profile_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/profile"
)

// The table of the reference: what the host says, what is recorded, what is shown.
func TestAddressRow(t *testing.T) {
	for _, c := range []struct {
		mailbox profile.Presence
		status  member.Status
		tone    profile.Tone
		state   string
	}{
		{profile.Present, member.StatusSuspended, profile.Waiting, "Suspendue"},
		{profile.Present, member.StatusActive, profile.Good, "Actif"},
		{profile.Present, member.StatusRedirectionActive, profile.Good, "Actif"},
		{profile.Present, member.StatusCreationWaiting, profile.Ongoing, "Création en cours"},
		{profile.Present, member.StatusCreationPending, profile.Ongoing, "Création en cours"},
		{profile.Present, member.StatusRecreationPending, profile.Ongoing, "Création en cours"},
		{profile.Present, member.StatusRedirectionPending, profile.Ongoing, "Création en cours"},
		{profile.Present, member.StatusPasswordPending, profile.Waiting, "Action nécessaire"},
		{profile.Present, member.StatusVerificationWaiting, profile.Waiting, "Action nécessaire"},
		{profile.Present, member.StatusDeleted, profile.Waiting, "Action nécessaire"},
		{profile.Present, member.StatusExpired, profile.Waiting, "Action nécessaire"},
		{profile.Present, member.StatusUnset, profile.Waiting, "Action nécessaire"},
		{profile.Absent, member.StatusCreationWaiting, profile.Ongoing, "Création en cours"},
		{profile.Absent, member.StatusVerificationWaiting, profile.Waiting, "Action nécessaire"},
		{profile.Absent, member.StatusDeleted, profile.Plain, "Pas d’adresse"},
		{profile.Absent, member.StatusExpired, profile.Plain, "Pas d’adresse"},
		{profile.Absent, member.StatusUnset, profile.Plain, "Pas d’adresse"},
		{profile.Absent, member.StatusActive, profile.Waiting, "Action nécessaire"},
		{profile.Absent, member.StatusPasswordPending, profile.Waiting, "Action nécessaire"},
		{profile.Absent, member.StatusSuspended, profile.Waiting, "Action nécessaire"},
		{profile.Absent, member.StatusRedirectionActive, profile.Good, "Actif"},
		{profile.Unknown, member.StatusActive, profile.Good, "Actif"},
		{profile.Unknown, member.StatusSuspended, profile.Waiting, "Suspendue"},
		{profile.Unknown, member.StatusDeleted, profile.Plain, "Pas d’adresse"},
	} {
		row := profile.AddressRow(c.mailbox, c.status)
		if row.Tone != c.tone || row.State != c.state {
			t.Errorf("%v, %s: %s %q, want %s %q", c.mailbox, c.status, row.Tone, row.State, c.tone, c.state)
		}
		if told := strings.Contains(row.Text, "ne répond pas"); told != (c.mailbox == profile.Unknown) {
			t.Errorf("%v, %s: an outage is told: %v", c.mailbox, c.status, told)
		}
	}
}

func TestToolRowPrefersTheAccountThatWorks(t *testing.T) {
	for _, c := range []struct {
		statuses []string
		want     string
	}{
		{nil, "Pas de compte"},
		{[]string{"ACCOUNT_CREATION_PENDING"}, "Création en cours"},
		{[]string{"ACCOUNT_INVITATION_SENT"}, "Invitation envoyée"},
		{[]string{"ACCOUNT_FOUND"}, "Actif"},
		{[]string{"ACCOUNT_FOUND", "ACCOUNT_CREATION_PENDING"}, "Actif"},
	} {
		accounts := []profile.ToolAccount{{Type: "sentry", Status: "ACCOUNT_FOUND"}}
		for _, status := range c.statuses {
			accounts = append(accounts, profile.ToolAccount{Type: "matomo", Status: status})
		}
		if got := profile.ToolRow("matomo", accounts).State; got != c.want {
			t.Errorf("%v: %q, want %q", c.statuses, got, c.want)
		}
	}
}

func TestChatRowSaysTheStateAndWhatItMeans(t *testing.T) {
	accounts := []profile.ToolAccount{{Type: "mattermost", Name: "ancien", Closed: true}, {Type: "mattermost", Name: "camille"}, {Type: "sentry", Name: "autre"}}
	for state, want := range map[profile.ChatState]string{
		profile.ChatActive: "Actif", profile.ChatInactive: "Inactif", profile.ChatAbsent: "Compte introuvable", profile.ChatUnknown: "Inconnu",
	} {
		row := profile.ChatRow(state, accounts)
		if row.State != want || row.Detail != "@camille" || (row.Text == "") != (state == profile.ChatActive) {
			t.Errorf("%v: %+v", state, row)
		}
	}
	for _, kind := range []string{"mattermost", "matomo", "sentry"} {
		if profile.ToolHelp(kind) == "" {
			t.Errorf("no help about %s", kind)
		}
	}
}
