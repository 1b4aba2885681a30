package app

import (
	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook/chatwebhooksim"
	"github.com/betagouv/espace-membre/internal/integration/ovh/ovhsim"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// demoHook is the identifier with which the simulated Brevo tells the portal what did not arrive.
const demoHook = "demo-mails-rejetes"

// demoChat is the simulated webhooks, one a channel.
func demoChat(c clock.Clock) *chatwebhooksim.Sim {
	return chatwebhooksim.New(chatwebhooksim.Config{Clock: c, Hooks: map[string]chatwebhooksim.Hook{
		"demo-general": {Name: "Communauté", Channel: "town-square"}, "demo-secretariat": {Name: "Secrétariat", Channel: "secretariat"},
		"demo-dinum": {Name: "DINUM", Channel: "dinum"}, "demo-gip": {Name: "GIP", Channel: "gip"},
	}})
}

// chatEnv gives the settings of the webhooks, for a sandbox at an address.
func chatEnv(box string) map[string]string {
	return map[string]string{
		"CHAT_WEBHOOK_URL_GENERAL": box + "/chat/hooks/demo-general", "CHAT_WEBHOOK_URL_SECRETARIAT": box + "/chat/hooks/demo-secretariat",
		"CHAT_WEBHOOK_URL_DINUM": box + "/chat/hooks/demo-dinum", "CHAT_WEBHOOK_URL_GIP": box + "/chat/hooks/demo-gip",
		"SIB_WEBHOOK_ID": demoHook,
	}
}

// fillLists puts the sample's people on the members' list and on the newsletter, as lists that were
// kept by hand: a few in activity are missing, and two who left are still there.
func fillLists(lists *ovhsim.Sim, contacts *brevosim.Sim, people []member.ImportRecord) {
	lists.AddList("incubateur", "ancienne.adresse@ailleurs.fr")
	left := 0
	for i, p := range people {
		works := p.PrimaryEmail != "" && p.Status.ActiveLike()
		switch {
		case works && i%12 != 11:
			lists.AddList("incubateur", p.PrimaryEmail)
			contacts.AddContact(p.PrimaryEmail, nil, 332)
		case !works && p.Status == member.StatusSuspended && left < 2:
			left++
			lists.AddList("incubateur", p.PrimaryEmail)
			contacts.AddContact(p.PrimaryEmail, nil, 332)
		}
	}
}
