package member_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestCan(t *testing.T) {
	me, other := uuid.New(), uuid.New()
	as := func(s actor.Standing) actor.Actor {
		return actor.Actor{ID: me, Username: "camille.durand", Standing: s}
	}
	admin := func(s actor.Standing) actor.Actor { a := as(s); a.Admin = true; return a }
	to := func(relation member.Relation) member.Subject {
		return member.Subject{ID: other, Active: true, Relation: relation}
	}
	own, gone := member.Subject{ID: me, Active: true}, member.Subject{ID: me}
	for name, c := range map[string]struct {
		who    actor.Actor
		action member.Action
		to     member.Subject
		want   bool
	}{
		"nobody sees a member":                           {actor.Actor{}, member.ViewMember, to(0), false},
		"a member sees another":                          {as(actor.Active), member.ViewMember, to(0), true},
		"limited sees nobody else":                       {as(actor.Limited), member.ViewMember, to(0), false},
		"limited sees oneself":                           {as(actor.Limited), member.ViewMember, gone, true},
		"the private address is private, even to a team": {as(actor.Active), member.ViewPrivate, to(member.Teammate | member.PublicAgent | member.IncubatorTeam), false},
		"the private address, to oneself":                {as(actor.Limited), member.ViewPrivate, gone, true},
		"the private address, to an administrator":       {admin(actor.Active), member.ViewPrivate, to(0), true},
		"missions of a stranger":                         {as(actor.Active), member.EditMissions, to(0), false},
		"missions of a teammate":                         {as(actor.Active), member.EditMissions, to(member.Teammate), false},
		"missions, by a public agent":                    {as(actor.Active), member.EditMissions, to(member.PublicAgent), true},
		"missions, by the incubator":                     {as(actor.Active), member.EditMissions, to(member.IncubatorTeam), true},
		"missions, by the incubator, expired":            {as(actor.Grace), member.EditMissions, to(member.IncubatorTeam), false},
		"own missions":                                   {as(actor.Active), member.EditMissions, own, true},
		"own expired missions":                           {as(actor.Grace), member.EditMissions, gone, false},
		"own expired missions, administrator":            {admin(actor.Grace), member.EditMissions, gone, false},
		"own extension":                                  {as(actor.Active), member.DecideExtension, own, false},
		"own extension, administrator":                   {admin(actor.Active), member.DecideExtension, own, false},
		"a teammate's extension":                         {as(actor.Active), member.DecideExtension, to(member.Teammate), true},
		"a stranger's extension":                         {as(actor.Active), member.DecideExtension, to(0), false},
		"somebody's password":                            {admin(actor.Active), member.UseMailbox, to(0), false},
		"own password, expired":                          {as(actor.Grace), member.UseMailbox, gone, false},
		"own reply, in grace":                            {as(actor.Grace), member.SetReply, gone, true},
		"own reply, limited":                             {as(actor.Limited), member.SetReply, gone, false},
		"somebody's reply":                               {admin(actor.Active), member.SetReply, to(0), false},
		"create a member, expired":                       {as(actor.Grace), member.CreateMember, member.Subject{}, false},
		"create a member":                                {as(actor.Active), member.CreateMember, member.Subject{}, true},
		"verify again":                                   {as(actor.Active), member.VerifyRecord, own, false},
		"a mailbox for who left":                         {as(actor.Active), member.CreateMailbox, member.Subject{ID: other}, false},
		"a mailbox for a colleague":                      {as(actor.Active), member.CreateMailbox, to(0), true},
		"a mailbox over a colleague's address":           {as(actor.Active), member.ReplacePrimary, to(member.PublicAgent | member.IncubatorTeam), false},
		"a mailbox over one's own address":               {as(actor.Active), member.ReplacePrimary, own, true},
		"a mailbox over one's own address, expired":      {as(actor.Grace), member.ReplacePrimary, gone, false},
		"a mailbox over an address, administrator":       {admin(actor.Grace), member.ReplacePrimary, to(0), true},
		"the system":                                     {actor.System(), member.DeleteMailbox, to(0), true},
		"an unknown action":                              {admin(actor.Active), "voler", to(0), false},
	} {
		err := member.Can(c.who, c.action, c.to)
		if (err == nil) != c.want || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSubjectForReadsRelationsOfTheDay(t *testing.T) {
	ctx, tx, today := t.Context(), pgtest.Tx(t), clock.MustDay("2024-12-19")
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	incubator, product, team := uuid.New(), uuid.New(), uuid.New()
	exec(`INSERT INTO incubator (id, slug, title, created_at, updated_at) VALUES ($1, 'inc', 'Inc', '2024-01-01', '2024-01-01')`, incubator)
	exec(`INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, 'p', 'P', $2, '2024-01-01', '2024-01-01')`, product, incubator)
	exec(`INSERT INTO team (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, 't', 'T', $2, '2024-01-01', '2024-01-01')`, team, incubator)
	serve := func(username, end, status string) uuid.UUID {
		id := insert(t, tx, username, member.StatusActive)
		mission, err := postgres.Scalar[uuid.UUID](ctx, tx, `
			INSERT INTO mission (member_id, start_day, end_day, status) VALUES ($1, '2024-01-01', $2, $3) RETURNING id`, id, clock.MustDay(end), status)
		if err != nil {
			t.Fatal(err)
		}
		exec(`INSERT INTO mission_startup (mission_id, startup_id) VALUES ($1, $2)`, mission, product)
		return id
	}
	gone := serve("gone", "2024-12-18", "independent")
	mate, agent, former := serve("mate", "2024-12-19", "independent"), serve("agent", "", "admin"), serve("former", "2024-12-18", "admin")
	coach := insert(t, tx, "coach", member.StatusActive)
	exec(`INSERT INTO team_member (team_id, member_id) VALUES ($1, $2)`, team, coach)
	for name, c := range map[string]struct {
		who  uuid.UUID
		want member.Relation
	}{
		"teammate on the last day": {mate, member.Teammate}, "public agent": {agent, member.Teammate | member.PublicAgent},
		"teammate who left": {former, 0}, "incubator": {coach, member.IncubatorTeam}, "stranger": {uuid.New(), 0},
	} {
		got, err := member.SubjectFor(ctx, tx, actor.Actor{ID: c.who}, gone, today)
		if err != nil || got.Active || got.Relation != c.want {
			t.Errorf("%s: %+v, %v; want %d", name, got, err, c.want)
		}
	}
	if _, err := member.SubjectFor(ctx, tx, actor.Actor{ID: mate}, uuid.New(), today); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown member: %v", err)
	}
}

// TestFormerTeamsHaveNoSay follows somebody who changed product: their former colleagues lose
// what they could do, unless that product is the last one before a departure.
func TestFormerTeamsHaveNoSay(t *testing.T) {
	ctx, tx, today := t.Context(), pgtest.Tx(t), clock.MustDay("2024-12-19")
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	// Each product has an incubator of its own, with a public agent and a coach.
	agents, coaches := map[string]uuid.UUID{}, map[string]uuid.UUID{}
	serve := func(id uuid.UUID, product, start, end, status string) {
		t.Helper()
		mission := uuid.New()
		exec(`INSERT INTO mission (id, member_id, start_day, end_day, status) VALUES ($1, $2, $3, $4, $5)`, mission, id, clock.MustDay(start), clock.MustDay(end), status)
		exec(`INSERT INTO mission_startup (mission_id, startup_id) SELECT $1, id FROM startup WHERE slug = $2`, mission, product)
	}
	for _, product := range []string{"ancien", "dernier", "actuel", "futur"} {
		incubator, team := uuid.New(), uuid.New()
		exec(`INSERT INTO incubator (id, slug, title, created_at, updated_at) VALUES ($1, $2, $2, '2024-01-01', '2024-01-01')`, incubator, product)
		exec(`INSERT INTO startup (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, $2, $2, $3, '2024-01-01', '2024-01-01')`, uuid.New(), product, incubator)
		exec(`INSERT INTO team (id, slug, name, incubator_id, created_at, updated_at) VALUES ($1, $2, $2, $3, '2024-01-01', '2024-01-01')`, team, product, incubator)
		agents[product], coaches[product] = insert(t, tx, "agent."+product, member.StatusActive), insert(t, tx, "coach."+product, member.StatusActive)
		serve(agents[product], product, "2020-01-01", "", "admin")
		exec(`INSERT INTO team_member (team_id, member_id) VALUES ($1, $2)`, team, coaches[product])
	}
	stays, left := insert(t, tx, "reste", member.StatusActive), insert(t, tx, "partie", member.StatusActive)
	serve(stays, "ancien", "2021-01-01", "2024-12-18", "independent")
	serve(stays, "actuel", "2024-01-01", "2024-12-19", "independent")
	serve(stays, "futur", "2025-01-01", "2025-06-30", "independent")
	serve(left, "ancien", "2021-01-01", "2022-12-31", "independent")
	serve(left, "dernier", "2023-01-01", "2024-06-30", "independent")
	serve(left, "actuel", "2024-01-01", "2024-06-30", "independent")
	for _, c := range []struct {
		name  string
		whom  uuid.UUID
		where string
		may   bool
	}{
		{"of a former product, who stays", stays, "ancien", false},
		{"of the present product", stays, "actuel", true},
		{"of the next product", stays, "futur", true},
		{"of an earlier product, who left", left, "ancien", false},
		{"of the last product, who left", left, "dernier", true},
		{"of the other last product", left, "actuel", true},
	} {
		for kind, who := range map[string]uuid.UUID{"agent": agents[c.where], "coach": coaches[c.where]} {
			viewer := actor.Actor{ID: who, Username: kind, Standing: actor.Active}
			subject, err := member.SubjectFor(ctx, tx, viewer, c.whom, today)
			if err != nil {
				t.Fatal(err)
			}
			if got := member.Can(viewer, member.EditMissions, subject) == nil; got != c.may {
				t.Errorf("%s %s: may edit missions %v, want %v", kind, c.name, got, c.may)
			}
		}
	}
}
