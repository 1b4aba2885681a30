package member_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

func TestUpdateRecordTellsWhatChangedAndHidesWhatIsPrivate(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	d := draft()
	d.Bio, d.Link, d.Github = "# Bonjour\r\n\r\nMoi.", "www.exemple.fr/moi", "https://github.com/camille-d/"
	d.Competences, d.OtherCompetences = []string{"UX", "Python"}, "Poterie, ux ,  Jardinage"
	d.Gender, d.LegalStatus, d.DailyRate, d.DaysPerWeek, d.Workplace = "female", "AE", "1 450 €", "2,5", "75056"
	changed, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d})
	if err != nil || !changed {
		t.Fatalf("%v, %v", changed, err)
	}
	m := b.read(t, camille.ID)
	if m.Bio != "# Bonjour\n\nMoi." || m.Link != "https://www.exemple.fr/moi" || m.Github != "camille-d" || strings.Join(m.Competences, "+") != "UX+Python+Poterie+Jardinage" ||
		*m.DailyRate != 1450 || *m.DaysPerWeek != 2.5 || m.WorkplaceInseeCode != "75056" {
		t.Errorf("member %+v", m)
	}
	event := b.events(t, camille.ID)[0]
	if event.Code != member.CodeRecordUpdated || event.Actor != "camille.durand" {
		t.Fatalf("event %+v", event)
	}
	var before struct{ Role, Gender string }
	if err := json.Unmarshal(event.Before, &before); err != nil || before.Role != "Dev" || before.Gender != "" {
		t.Errorf("before %s", event.Before)
	}
	public, err := json.Marshal(member.PublicPart(event.After))
	if err != nil || !strings.Contains(string(public), "Développeuse") {
		t.Errorf("public part %s, %v", public, err)
	}
	for _, secret := range []string{"1450", "female", "legal", "days"} {
		if strings.Contains(string(public), secret) {
			t.Errorf("the public part holds %q: %s", secret, public)
		}
		if !strings.Contains(string(event.After), secret) {
			t.Errorf("the event lacks %q: %s", secret, event.After)
		}
	}
	if changed, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d}); err != nil || changed || len(b.events(t, camille.ID)) != 1 {
		t.Errorf("the same again: %v, %v", changed, err)
	}
}

func TestUpdateRecordRefuses(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	for name, c := range map[string]struct {
		change func(*member.ProfileDraft)
		field  string
	}{
		"no name":            {func(d *member.ProfileDraft) { d.Fullname = "  " }, "fullname"},
		"markup in the name": {func(d *member.ProfileDraft) { d.Fullname = "<b>Camille</b>" }, "fullname"},
		"no role":            {func(d *member.ProfileDraft) { d.Role = "" }, "role"},
		"a long role":        {func(d *member.ProfileDraft) { d.Role = strings.Repeat("é", 121) }, "role"},
		"no domain":          {func(d *member.ProfileDraft) { d.Domain = "" }, "domain"},
		"a script as link":   {func(d *member.ProfileDraft) { d.Link = "javascript:alert(1)" }, "link"},
		"data as link":       {func(d *member.ProfileDraft) { d.Link = "data:text/html,x" }, "link"},
		"a link with a user": {func(d *member.ProfileDraft) { d.Link = "https://beta.gouv.fr@ailleurs.example/" }, "link"},
		"a login with space": {func(d *member.ProfileDraft) { d.Github = "camille durand" }, "github"},
		"a path as login":    {func(d *member.ProfileDraft) { d.Github = "../x" }, "github"},
		"a long bio":         {func(d *member.ProfileDraft) { d.Bio = strings.Repeat("a", 5001) }, "bio"},
		"a bio with NUL":     {func(d *member.ProfileDraft) { d.Bio = "a\x00b" }, "bio"},
		"a strange gender":   {func(d *member.ProfileDraft) { d.Gender = "x" }, "gender"},
		"a strange status":   {func(d *member.ProfileDraft) { d.LegalStatus = "x" }, "legal_status"},
		"a strange type":     {func(d *member.ProfileDraft) { d.Type = "x" }, "type"},
		"a rate in words":    {func(d *member.ProfileDraft) { d.DailyRate = "cher" }, "daily_rate"},
		"a negative rate":    {func(d *member.ProfileDraft) { d.DailyRate = "-1" }, "daily_rate"},
		"NaN days":           {func(d *member.ProfileDraft) { d.DaysPerWeek = "NaN" }, "days_per_week"},
		"too many days":      {func(d *member.ProfileDraft) { d.DaysPerWeek = "5.01" }, "days_per_week"},
		"an unknown city":    {func(d *member.ProfileDraft) { d.Workplace = "Nulle-Part" }, "workplace"},
		"two cities":         {func(d *member.ProfileDraft) { d.Workplace, d.WorkplaceAbroad = "75056", "Berlin" }, "workplace_abroad"},
		"a long competence":  {func(d *member.ProfileDraft) { d.OtherCompetences = strings.Repeat("a", 61) }, "other_competences"},
		"many competences":   {func(d *member.ProfileDraft) { d.OtherCompetences = numbers(51) }, "other_competences"},
	} {
		d := draft()
		c.change(&d)
		_, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d})
		refused(t, name, err, c.field)
	}
	if len(b.events(t, camille.ID)) != 0 {
		t.Error("a refusal left an event")
	}
}

func numbers(n int) string {
	var list []string
	for i := range n {
		list = append(list, strings.Repeat("x", i+1))
	}
	return strings.Join(list, ",")
}

func TestAnImportedValueThatStaysIsNotJudged(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	b.exec(t, `UPDATE member SET github = 'pas un login', link = 'perdu', fullname = 'Камий', competences = '{"Go, Rust",UX}' WHERE id = $1`, camille.ID)
	d := draft()
	d.Competences, d.OtherCompetences = []string{"UX"}, "Go, Rust"
	d.Fullname, d.Github, d.Link = "Камий", "pas un login", "perdu"
	if _, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d}); err != nil {
		t.Error(err)
	}
	if got := b.read(t, camille.ID).Competences; strings.Join(got, "+") != "UX+Go, Rust" {
		t.Errorf("competences %q", got)
	}
}

func TestWhoMayUpdateARecord(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	colleague, admin := b.person(t, "valid.member", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	grace := camille
	grace.Standing = actor.Grace
	limited := camille
	limited.Standing = actor.Limited
	mission := member.MissionDraft{ID: b.missions(t, camille.ID)[0].ID.String(), Start: "2024-01-01", End: "2025-02-01", Status: "admin", Employer: "X"}
	for name, c := range map[string]struct {
		who      actor.Actor
		missions bool
		want     bool
	}{
		"oneself": {camille, false, true}, "a colleague": {colleague, false, false}, "an administrator": {admin, true, true}, "oneself in grace": {grace, false, true},
		"one's missions in grace": {grace, true, false}, "oneself, limited": {limited, false, false}, "nobody": {actor.Actor{}, false, false},
	} {
		d := member.RecordDraft{Profile: draft()}
		if c.missions {
			d.Missions = &member.MissionsDraft{Rows: []member.MissionDraft{mission}}
		}
		_, err := b.service.UpdateRecord(t.Context(), c.who, camille.ID, d)
		if (err == nil) != c.want || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.service.UpdateRecord(t.Context(), admin, uuid.New(), member.RecordDraft{Profile: draft()}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown member: %v", err)
	}
}

func TestOnlyAnAdministratorChoosesARedirection(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	admin := b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	yes := true
	_, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: draft(), Redirection: &yes})
	refused(t, "oneself", err, "email_is_redirection")
	_, err = b.service.UpdateRecord(t.Context(), admin, camille.ID, member.RecordDraft{Profile: draft(), Redirection: &yes})
	refused(t, "who has an address", err, "email_is_redirection")
	b.exec(t, `UPDATE member SET primary_email = NULL WHERE id = $1`, camille.ID)
	if _, err := b.service.UpdateRecord(t.Context(), admin, camille.ID, member.RecordDraft{Profile: draft(), Redirection: &yes}); err != nil || !b.read(t, camille.ID).EmailIsRedirection {
		t.Error(err)
	}
}

// row is the only mission of a member, as a form shows it.
func (b *bench) row(t *testing.T, id uuid.UUID) member.MissionDraft {
	t.Helper()
	m := b.missions(t, id)[0]
	return member.MissionDraft{ID: m.ID.String(), Start: m.Start.String(), End: m.End.String(), Status: m.Status, Employer: m.Employer}
}

func TestMissionsAreAddedEditedAndRemoved(t *testing.T) {
	b := newBench(t)
	camille, admin := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	first := b.row(t, camille.ID)
	first.End, first.Startups = "", []string{b.product.String()}
	second := member.MissionDraft{Start: "2025-02-01", End: "2025-06-01", Status: "service", Employer: "SARL"}
	if changed, err := b.service.UpdateMissions(t.Context(), admin, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{first, second}}); err != nil || !changed {
		t.Fatal(changed, err)
	}
	missions := b.missions(t, camille.ID)
	if len(missions) != 2 || !missions[0].End.IsZero() || len(missions[0].Startups) != 1 || missions[1].Employer != "SARL" {
		t.Fatalf("%+v", missions)
	}
	event := b.events(t, camille.ID)[0]
	if event.Code != member.CodeMissionsUpdated || event.Actor != "admin.member" || !strings.Contains(string(event.After), "aides.jeunes") || !strings.Contains(string(event.Before), "2025-01-01") {
		t.Errorf("event %s %s %s", event.Code, event.Before, event.After)
	}
	if _, err := b.service.UpdateMissions(t.Context(), admin, camille.ID, member.MissionsDraft{Removed: []string{missions[1].ID.String()}}); err != nil {
		t.Fatal(err)
	}
	left := b.missions(t, camille.ID)
	if len(left) != 1 || left[0].ID != missions[0].ID || len(left[0].Startups) != 1 {
		t.Errorf("left %+v", left)
	}
	_, err := b.service.UpdateMissions(t.Context(), admin, camille.ID, member.MissionsDraft{Removed: []string{left[0].ID.String()}})
	refused(t, "the last mission", err, "missions")
	last := member.MissionDraft{ID: left[0].ID.String(), Start: "2024-01-01", Status: "independent", Employer: "Scop"}
	_, err = b.service.UpdateMissions(t.Context(), admin, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{last}, Removed: []string{last.ID, last.ID}})
	refused(t, "the last mission, twice", err, "missions")
}

func TestMissionsNeverCrossMembers(t *testing.T) {
	b := newBench(t)
	camille, other := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "autre.personne", member.StatusActive, "2025-01-01")
	stolen := b.row(t, other.ID)
	stolen.End = "2026-01-01"
	_, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{stolen}})
	refused(t, "edit somebody's mission", err, "mission-0-start")
	_, err = b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{b.row(t, camille.ID)}, Removed: []string{stolen.ID}})
	refused(t, "remove somebody's mission", err, "missions")
	if _, err := b.service.UpdateMissions(t.Context(), camille, other.ID, member.MissionsDraft{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger's missions: %v", err)
	}
	if m := b.missions(t, other.ID); len(m) != 1 || m[0].End.String() != "2025-01-01" {
		t.Errorf("somebody's missions changed: %+v", m)
	}
}

func TestNobodyLengthensTheirOwnMissionOnceItIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		end, wanted string
		want        bool
	}{
		"the day before the end":  {"2024-12-20", "2025-06-01", true},
		"the last day":            {"2024-12-19", "2025-06-01", true},
		"the day after":           {"2024-12-18", "2025-06-01", false},
		"the day after, endless":  {"2024-12-18", "", false},
		"the day after, one more": {"2024-12-18", "2024-12-19", false},
		"over, shorter":           {"2024-12-18", "2024-11-01", true},
		"over, the same":          {"2024-12-18", "2024-12-18", true},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			camille := b.person(t, "camille.durand", member.StatusActive, c.end)
			b.exec(t, `INSERT INTO mission (member_id, start_day, end_day, status, employer) VALUES ($1, '2024-06-01', '2025-01-31', 'admin', 'X')`, camille.ID)
			row := b.row(t, camille.ID)
			row.End = c.wanted
			_, err := b.service.UpdateMissions(t.Context(), camille, camille.ID, member.MissionsDraft{Rows: []member.MissionDraft{row}})
			if c.want && err != nil {
				t.Errorf("%s: %v", name, err)
			} else if !c.want {
				refused(t, name, err, "mission-0-end")
			}
		})
	}
	b := newBench(t)
	gone := b.person(t, "camille.durand", member.StatusActive, "2024-12-18")
	gone.Standing, gone.Admin = actor.Grace, true
	if _, err := b.service.UpdateMissions(t.Context(), gone, gone.ID, member.MissionsDraft{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an administrator's own, over: %v", err)
	}
}

func TestRestoreVersionGivesBackWhatAnEventReplaced(t *testing.T) {
	b := newBench(t)
	camille, admin := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	d := draft()
	d.DailyRate, d.Competences = "450", []string{"UX"}
	row := b.row(t, camille.ID)
	row.End, row.Product = "2025-06-01", "aides jeunes"
	missions := &member.MissionsDraft{Rows: []member.MissionDraft{row, {Start: "2025-02-01", End: "2025-03-01", Status: "admin", Employer: "X"}}}
	if _, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d, Missions: missions}); err != nil {
		t.Fatal(err)
	}
	d.Bio, d.DailyRate = "plus tard", "500"
	if _, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d}); err != nil {
		t.Fatal(err)
	}
	events := b.events(t, camille.ID) // the newest first: bio, missions, record
	if len(events) != 3 {
		t.Fatalf("%d events", len(events))
	}
	if _, err := b.service.RestoreVersion(t.Context(), camille, events[2].ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by oneself: %v", err)
	}
	for _, event := range events[1:] {
		if changed, err := b.service.RestoreVersion(t.Context(), admin, event.ID); err != nil || !changed {
			t.Fatalf("%s: %v, %v", event.Code, changed, err)
		}
	}
	m := b.read(t, camille.ID)
	if m.Role != "Dev" || m.DailyRate != nil || len(m.Competences) != 0 || m.Bio != "plus tard" {
		t.Errorf("member %+v", m)
	}
	if left := b.missions(t, camille.ID); len(left) != 1 || left[0].End.String() != "2025-01-01" || len(left[0].Startups) != 0 {
		t.Errorf("missions %+v", left)
	}
	again := b.events(t, camille.ID)
	if changed, err := b.service.RestoreVersion(t.Context(), admin, again[0].ID); err != nil || !changed {
		t.Errorf("the restoration restored: %v, %v", changed, err)
	}
	if _, err := b.service.RestoreVersion(t.Context(), admin, 1<<40); !fault.Is(err, fault.NotFound) {
		t.Errorf("no event: %v", err)
	}
}

func TestRestoreGivesBackTheKindOfAddressWhereItMayChange(t *testing.T) {
	b := newBench(t)
	admin := b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	for name, c := range map[string]struct {
		address string // that the person has when the event is undone
		role    string // typed with the kind of address
		want    bool   // the kind of address comes back
		changed bool
		refused bool
	}{
		"no address yet":               {"", "Dev", true, true, false},
		"an address by now":            {"x@betagouv.ovh", "Dev", false, false, true},
		"an address, and another role": {"x@betagouv.ovh", "Autre rôle", false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			who := b.person(t, "camille."+letters(name), member.StatusActive, "2025-01-01")
			b.exec(t, `UPDATE member SET primary_email = NULL, primary_email_status = 'EMAIL_UNSET', role = 'Dev' WHERE id = $1`, who.ID)
			d, yes := draft(), true
			d.Role = c.role
			d.Fullname, d.Domain, d.Gender = b.read(t, who.ID).Fullname, b.read(t, who.ID).Domain, b.read(t, who.ID).Gender
			if _, err := b.service.UpdateRecord(t.Context(), admin, who.ID, member.RecordDraft{Profile: d, Redirection: &yes}); err != nil {
				t.Fatal(err)
			}
			b.exec(t, `UPDATE member SET primary_email = NULLIF($2, '') WHERE id = $1`, who.ID, c.address)
			changed, err := b.service.RestoreVersion(t.Context(), admin, b.events(t, who.ID)[0].ID)
			if changed != c.changed || (err != nil) != c.refused || err != nil && (!fault.Is(err, fault.Conflict) || !strings.Contains(fault.Public(err), "adresse principale")) {
				t.Errorf("%v, %v", changed, err)
			}
			if m := b.read(t, who.ID); m.EmailIsRedirection == c.want || m.Role != "Dev" {
				t.Errorf("redirection %v, role %q", m.EmailIsRedirection, m.Role)
			}
			b.exec(t, `UPDATE member SET primary_email = NULL WHERE id = $1`, who.ID)
		})
	}
}

func TestRestoreGivesBackTheEndOfALengthenedMission(t *testing.T) {
	b := newBench(t)
	camille, admin := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	lengthen := func(to string) int64 {
		t.Helper()
		if err := member.LengthenLastMission(t.Context(), b.tx, camille.ID, member.Lengthening{To: clock.MustDay(to), At: b.clock.Now(), Actor: "admin.member", Reason: "test"}); err != nil {
			t.Fatal(err)
		}
		return b.events(t, camille.ID)[0].ID
	}
	first := lengthen("2025-06-30")
	if !member.Restorable(member.CodeEndChanged) {
		t.Error("a changed end is not restorable")
	}
	for i, want := range []bool{true, false} {
		if changed, err := b.service.RestoreVersion(t.Context(), admin, first); err != nil || changed != want || b.missions(t, camille.ID)[0].End.String() != "2025-01-01" {
			t.Errorf("time %d: %v, %v, ends %s", i+1, changed, err, b.missions(t, camille.ID)[0].End)
		}
	}
	second := lengthen("2025-09-30")
	b.exec(t, `UPDATE mission SET end_day = '2025-12-31' WHERE member_id = $1`, camille.ID)
	if changed, err := b.service.RestoreVersion(t.Context(), admin, second); changed || !fault.Is(err, fault.Conflict) {
		t.Errorf("a mission that changed since: %v, %v", changed, err)
	}
}

func TestTheLastChangeIsThatOfAnythingShown(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	for i, code := range append(member.RecordCodes(), member.CodeStatusChanged) {
		at := b.clock.Now().Add(time.Duration(i) * time.Hour)
		if err := audit.Write(t.Context(), b.tx, audit.Event{At: at, Actor: "system", Code: code, Member: camille.ID}); err != nil {
			t.Fatal(err)
		}
		last, err := member.LastChangeOf(t.Context(), b.tx, camille.ID)
		if err != nil || last == nil || last.At.Equal(at) == (code == member.CodeStatusChanged) {
			t.Errorf("%s: last change %+v, %v", code, last, err)
		}
	}
}

func TestACityAbroadIsAsPublicAsACommune(t *testing.T) {
	b := newBench(t)
	camille, admin := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	d := draft()
	d.WorkplaceAbroad = "Bruxelles"
	if _, err := b.service.UpdateRecord(t.Context(), camille, camille.ID, member.RecordDraft{Profile: d}); err != nil {
		t.Fatal(err)
	}
	event := b.events(t, camille.ID)[0]
	if got := string(member.PublicPart(event.After)["workplace_abroad"]); got != `"Bruxelles"` {
		t.Errorf("the public part tells %q", got)
	}
	if _, err := b.service.RestoreVersion(t.Context(), admin, event.ID); err != nil || b.read(t, camille.ID).WorkplaceAbroad != "" {
		t.Errorf("restored: %q, %v", b.read(t, camille.ID).WorkplaceAbroad, err)
	}
	// Events of before kept it among what is private.
	b.exec(t, `UPDATE audit_event SET before = '{"private": {"workplace_abroad": "Berlin"}}' WHERE id = $1`, event.ID)
	if _, err := b.service.RestoreVersion(t.Context(), admin, event.ID); err != nil || b.read(t, camille.ID).WorkplaceAbroad != "Berlin" {
		t.Errorf("an older event: %q, %v", b.read(t, camille.ID).WorkplaceAbroad, err)
	}
}
