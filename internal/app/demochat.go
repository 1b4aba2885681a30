package app

import (
	"github.com/betagouv/espace-membre/internal/integration/chatwebhook/chatwebhooksim"
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
