package app

import (
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/config"
)

func TestWhatIsOutsideFollowsTheSettings(t *testing.T) {
	load := func(environ map[string]string) config.Config {
		settings, _ := config.Load(environ) // a portal that lacks the rest
		return settings
	}
	none := load(nil)
	if support(none) != nil || audience(none) != nil || tilesOrigin(none) != nil {
		t.Error("something outside is used though nothing is set")
	}
	if got := support(load(map[string]string{"NEXT_PUBLIC_CRISP_WEBSITE_ID": "a b"})); got == nil || got.Href != "https://go.crisp.chat/chat/embed/?locale=fr&website_id=a+b" {
		t.Errorf("crisp: %+v", got)
	}
	chatwoot := map[string]string{
		"NEXT_PUBLIC_CHAT_SUPPORT_SERVICE": "chatwoot", "NEXT_PUBLIC_CHATWOOT_WEBSITE_TOKEN": "jeton", "CHATWOOT_URL": "https://aide.exemple.org/",
	}
	if got := support(load(chatwoot)); got == nil || got.Href != "https://aide.exemple.org/widget?locale=fr&website_token=jeton" {
		t.Errorf("chatwoot: %+v", got)
	}
	half := load(map[string]string{"NEXT_PUBLIC_MATOMO_URL": "https://audience.exemple.org"})
	if audience(half) != nil {
		t.Error("audience is counted without the number of the site")
	}
	tiled := load(map[string]string{"MAP_TILES_URL": "https://tuiles.exemple.org/{z}/{x}/{y}.png"})
	if got := tilesOrigin(tiled); len(got) != 1 || got[0] != "https://tuiles.exemple.org" {
		t.Errorf("tiles: %v", got)
	}
}
