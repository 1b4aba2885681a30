package mailinglistweb

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

func TestPanelOfUndeliveredMails(t *testing.T) {
	day := clock.MustDay("2024-12-19")
	notes := []mailinglist.Note{
		{Address: "camille@perso.fr", Kind: mailinglist.Refused, Detail: "550 5.1.1", Times: 2, FirstAt: day.Add(-3).At(9, 0), LastAt: day.At(9, 0)},
		{Address: "<b>@exemple.org", Kind: mailinglist.HardBounce, Times: 1, FirstAt: day.At(9, 0), LastAt: day.At(9, 0)},
	}
	render := func(notes []mailinglist.Note, admin bool) string {
		var b bytes.Buffer
		if err := Undelivered(notes, admin).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if got := render(nil, true); got != "" {
		t.Errorf("nothing to tell: %s", got)
	}
	owner, admin := render(notes, false), render(notes, true)
	for _, want := range []string{"camille@perso.fr", "2 mails entre le 16 décembre 2024 et le 19 décembre 2024", "1 mail le 19 décembre 2024", "&lt;b&gt;"} {
		if !strings.Contains(owner, want) || !strings.Contains(admin, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(owner, "550") || strings.Contains(owner, "administration") || !strings.Contains(admin, "550 5.1.1") || !strings.Contains(admin, "administration") {
		t.Errorf("owner: %s\nadmin: %s", owner, admin)
	}
}
