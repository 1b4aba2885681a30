package member_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestUsernameFor(t *testing.T) {
	for _, c := range []struct{ first, last, want string }{
		{"Jean", "Dupont", "jean.dupont"},
		{"Jean Pierre", "Dupont", "jean.pierre.dupont"},
		{"Jean-Pierre", "Dupont", "jean-pierre.dupont"},
		{"Jean-Paul", "de la Tour", "jean-paul.de.la.tour"},
		{"Élodie", "Lefèvre", "elodie.lefevre"},
		{"Marie", "D'Artagnan", "marie.d.artagnan"},
		{"Marie", "D’Artagnan", "marie.d.artagnan"},
		{"Zoë", "Œuvrard-Æsir", "zoe.oeuvrard-aesir"},
		{"Łukasz", "Groß", "lukasz.gross"},
		{"Anne", "Martin2", "anne.martin"},
		{"Anne\u00a0Lise", "Martin", "anne.lise.martin"},
		{"-Jean-", "Dupont", "jean.dupont"},
		{"Jean‐‐Marc", "Du--Pont", "jean-marc.du-pont"},
		{"Ａnna", "Ｌee", "anna.lee"},
		{"李", "王", ""},
		{"Anna", "...", ""},
	} {
		if got := member.UsernameFor(c.first, c.last); got != c.want {
			t.Errorf("%s / %s: %q, want %q", c.first, c.last, got, c.want)
		}
	}
}

func TestSharedLooksAtWordsOfTheLocalPart(t *testing.T) {
	for address, want := range map[string]bool{
		"contact@exemple.fr": true, "Support@exemple.fr": true, "no-reply@exemple.fr": true, "noreply2@exemple.fr": true, "team.data@exemple.fr": true,
		"info+x@exemple.fr": true, "camille@service-public.fr": false, "camille@info.gouv.fr": false, "john.falstaff@exemple.fr": false,
		"teamy@exemple.fr": false, "informatique@exemple.fr": false, "camille+contact@exemple.fr": false,
	} {
		if got := member.Shared(address); got != want {
			t.Errorf("%s is shared: %v", address, got)
		}
	}
}

func newMember() member.NewMember {
	return member.NewMember{
		Firstname: "Camille", Lastname: "Durand", Email: " Camille@Exemple.fr ", Domain: "Design",
		Mission: member.MissionDraft{Start: "2024-12-19", End: "2025-03-19", Status: "independent", Employer: "Scop", Product: "aides jeunes"},
	}
}

func TestCreateInvitesSomebody(t *testing.T) {
	b := newBench(t)
	creator := b.person(t, "valid.member", member.StatusActive, "2025-01-01")
	created, err := b.service.Create(t.Context(), creator, newMember())
	if err != nil || created.Username != "camille.durand" {
		t.Fatalf("%+v, %v", created, err)
	}
	m := b.read(t, created.ID)
	if m.Fullname != "Camille Durand" || m.Role != "" || m.Domain != "Design" || m.SecondaryEmail != "camille@exemple.fr" || m.PrimaryEmail != "" ||
		m.Status != member.StatusVerificationWaiting || m.CreatedBy != "valid.member" {
		t.Errorf("member %+v", m)
	}
	missions := b.missions(t, created.ID)
	if len(missions) != 1 || missions[0].End.String() != "2025-03-19" || missions[0].Employer != "Scop" || len(missions[0].Startups) != 1 || missions[0].Startups[0] != b.product {
		t.Errorf("missions %+v", missions)
	}
	events := b.events(t, created.ID)
	if len(events) != 1 || events[0].Code != member.CodeCreated || events[0].Actor != "valid.member" {
		t.Fatalf("events %+v", events)
	}
	if public := member.PublicPart(events[0].After); public["missions"] == nil || strings.Contains(string(public["fullname"])+string(public["missions"]), "exemple.fr") || public["private"] != nil {
		t.Errorf("public part %s", public)
	}
}

func TestCreateRefuses(t *testing.T) {
	b := newBench(t)
	creator := b.person(t, "valid.member", member.StatusActive, "2025-01-01")
	for name, c := range map[string]struct {
		change func(*member.NewMember)
		fields []string
	}{
		"nothing": {func(n *member.NewMember) { *n = member.NewMember{} }, []string{
			"firstname", "lastname", "email", "domain", "mission-0-start", "mission-0-end", "mission-0-status", "mission-0-employer",
		}},
		"a shared address":            {func(n *member.NewMember) { n.Email = "contact@exemple.fr" }, []string{"email"}},
		"an address of nobody":        {func(n *member.NewMember) { n.Email = "camille" }, []string{"email"}},
		"a look-alike address":        {func(n *member.NewMember) { n.Email = "cаmille@exemple.fr" }, []string{"email"}},
		"a primary address taken":     {func(n *member.NewMember) { n.Email = "valid.member@betagouv.ovh" }, []string{"email"}},
		"a secondary address taken":   {func(n *member.NewMember) { n.Email = "VALID.member@exemple.org" }, []string{"email"}},
		"an address of our domain":    {func(n *member.NewMember) { n.Email = "libre@betagouv.ovh" }, []string{"email"}},
		"a name without Latin letter": {func(n *member.NewMember) { n.Firstname, n.Lastname = "李", "王" }, []string{"firstname", "lastname"}},
		"a look-alike name":           {func(n *member.NewMember) { n.Firstname = "Cаmille" }, []string{"firstname"}},
		"a name of dots":              {func(n *member.NewMember) { n.Lastname = "..." }, []string{"lastname"}},
		"markup in a name":            {func(n *member.NewMember) { n.Lastname = "<script>alert(1)</script>" }, []string{"lastname"}},
		"a long name":                 {func(n *member.NewMember) { n.Lastname = strings.Repeat("a", 61) }, []string{"lastname"}},
		"a reversed name":             {func(n *member.NewMember) { n.Lastname = "Du\u202erand" }, []string{"lastname"}},
		"an undecodable name":         {func(n *member.NewMember) { n.Lastname = "Du\xffrand" }, []string{"lastname"}},
		"an unknown domain":           {func(n *member.NewMember) { n.Domain = "Cuisine" }, []string{"domain"}},
		"an end before the start":     {func(n *member.NewMember) { n.Mission.End = "2024-12-18" }, []string{"mission-0-end"}},
		"1900":                        {func(n *member.NewMember) { n.Mission.Start = "1900-01-01" }, []string{"mission-0-start"}},
		"2999":                        {func(n *member.NewMember) { n.Mission.End = "2999-01-01" }, []string{"mission-0-end"}},
		"a start in 2999":             {func(n *member.NewMember) { n.Mission.Start, n.Mission.End = "2999-01-01", "2999-02-01" }, []string{"mission-0-start", "mission-0-end"}},
		"no date":                     {func(n *member.NewMember) { n.Mission.Start = "2024-13-45" }, []string{"mission-0-start"}},
		"an unknown product":          {func(n *member.NewMember) { n.Mission.Product = "Inconnu" }, []string{"mission-0-product"}},
		"a product that is gone":      {func(n *member.NewMember) { n.Mission.Startups = []string{uuid.NewString()} }, []string{"mission-0-product"}},
		"a product that is no uuid":   {func(n *member.NewMember) { n.Mission.Startups = []string{"1; DROP TABLE"} }, []string{"mission-0-product"}},
	} {
		n := newMember()
		c.change(&n)
		_, err := b.service.Create(t.Context(), creator, n)
		refused(t, name, err, c.fields...)
	}
	creator.Standing = actor.Grace
	if _, err := b.service.Create(t.Context(), creator, newMember()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by an expired member: %v", err)
	}
}

func TestCreateAcceptsTheBoundaryDays(t *testing.T) {
	for _, c := range []struct {
		start, end string
		want       bool
	}{
		{"2013-06-30", "2025-01-01", false}, {"2013-07-01", "2025-01-01", true}, {"2024-12-19", "2024-12-19", true},
		{"2026-12-19", "2027-01-01", true}, {"2026-12-20", "2027-01-01", false}, {"2024-12-19", "2034-12-19", true}, {"2024-12-19", "2034-12-20", false},
		{"19/12/2024", "31/12/2024", true},
	} {
		t.Run(c.start+" "+strings.ReplaceAll(c.end, "/", "-"), func(t *testing.T) {
			b := newBench(t)
			creator := b.person(t, "valid.member", member.StatusActive, "2025-01-01")
			n := newMember()
			n.Mission.Start, n.Mission.End = c.start, c.end
			if _, err := b.service.Create(t.Context(), creator, n); (err == nil) != c.want {
				t.Errorf("%s to %s: %v", c.start, c.end, err)
			}
		})
	}
}

func TestHomonymsAreShownThenNumbered(t *testing.T) {
	b := newBench(t)
	creator := b.person(t, "valid.member", member.StatusActive, "2025-01-01")
	b.person(t, "camille.durand", member.StatusDeleted, "2024-02-01")
	n := newMember()
	_, err := b.service.Create(t.Context(), creator, n)
	homonyms, ok := errors.AsType[*member.HomonymsError](err)
	if !ok || !fault.Is(err, fault.Conflict) || homonyms.Username != "camille.durand2" || len(homonyms.People) != 1 ||
		homonyms.People[0].Username != "camille.durand" || homonyms.People[0].Active || homonyms.People[0].LastEnd.String() != "2024-02-01" {
		t.Fatalf("%+v, %v", homonyms, err)
	}
	n.Seen = []string{"camille.durand"}
	second, err := b.service.Create(t.Context(), creator, n)
	if err != nil || second.Username != "camille.durand2" {
		t.Fatalf("%+v, %v", second, err)
	}
	n.Email = "autre@exemple.fr"
	if _, err := b.service.Create(t.Context(), creator, n); !fault.Is(err, fault.Conflict) {
		t.Errorf("a homonym made since was not shown: %v", err)
	}
	near := newMember()
	near.Firstname, near.Lastname, near.Email = "Camile", "Durand", "camile@exemple.fr"
	if _, err := b.service.Create(t.Context(), creator, near); !fault.Is(err, fault.Conflict) {
		t.Errorf("a near name was not shown: %v", err)
	}
}

func TestCreateTakesNobodysAddressNorAdministration(t *testing.T) {
	b := newBench(t)
	creator := b.person(t, "valid.member", member.StatusActive, "2025-01-01")
	other := b.person(t, "autre.personne", member.StatusActive, "2025-01-01")
	b.exec(t, `UPDATE member SET primary_email = 'camille.durand@betagouv.ovh' WHERE id = $1`, other.ID)
	created, err := b.service.Create(t.Context(), creator, newMember())
	if err != nil || created.Username != "camille.durand2" {
		t.Errorf("whose address is taken: %+v, %v", created, err)
	}
	n := newMember()
	n.Firstname, n.Lastname, n.Email = "Futur", "Admin", "futur@exemple.fr"
	created, err = b.service.Create(t.Context(), creator, n)
	if err != nil || created.Username != "futur.admin2" {
		t.Errorf("with the name of an administrator to come: %+v, %v", created, err)
	}
}
