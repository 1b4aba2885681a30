package web_test

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/dsfr"
	"github.com/betagouv/espace-membre/internal/platform/web"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// TestNoticesAreForTheirReaders shows one notice to visitors and another one to members, as text.
func TestNoticesAreForTheirReaders(t *testing.T) {
	site := webtest.New(t, func(site *webtest.Site, config *web.Config) []web.Module {
		config.PublicNotice = &web.Notice{Title: "Coupure ce soir", Description: "<script>alert(1)</script>", Severity: dsfr.Warning}
		config.PrivateNotice = &web.Notice{Title: "Nouvelle boîte mail", Severity: dsfr.Info}
		return house(site, config)
	})
	visitor := site.Visitor(t).Get(t, "/public")
	member := site.As(t, site.Member(t, webtest.Person{Username: "camille.durand"})).Get(t, "/any")
	for _, c := range []struct {
		who          string
		page         *webtest.Answer
		said, unsaid string
	}{
		{"a visitor", visitor, "Coupure ce soir", "Nouvelle boîte mail"}, {"a member", member, "Nouvelle boîte mail", "Coupure ce soir"},
	} {
		if text := c.page.Body; !strings.Contains(text, c.said) || strings.Contains(text, c.unsaid) {
			t.Errorf("%s reads: %s", c.who, text)
		}
	}
	if strings.Contains(visitor.Body, "<script>alert") || !strings.Contains(visitor.Body, "fr-notice--warning") {
		t.Errorf("the notice is not shown as text, in its tone: %s", visitor.Body)
	}
	if strings.Contains(member.Body, "fr-notice__desc") || !strings.Contains(member.Body, "fr-notice--info") {
		t.Error("a notice without description shows one, or has lost its tone")
	}
}

// TestTheTeamReadsAtTheAddressOfTheSettings looks for the support address in the footer.
func TestTheTeamReadsAtTheAddressOfTheSettings(t *testing.T) {
	for address, want := range map[string]string{"": "", "aide@exemple.test": `href="mailto:aide@exemple.test"`} {
		site := webtest.New(t, func(site *webtest.Site, config *web.Config) []web.Module {
			config.SupportEmail = address
			return house(site, config)
		})
		page := site.Visitor(t).Get(t, "/public")
		if found := strings.Contains(page.Body, "mailto:"); found != (want != "") || !strings.Contains(page.Body, want) {
			t.Errorf("%q: the footer leads to the team %v, want %q", address, found, want)
		}
	}
}
