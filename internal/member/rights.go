package member

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Action is something that a right allows. Pages, use-cases, the API and jobs all ask it of Can.
type Action string

// The actions about a member's record and addresses.
const (
	ViewMember         Action = "voir une fiche"
	ViewPrivate        Action = "voir l’adresse secondaire et les données privées"
	ViewHistory        Action = "voir l’historique d’une fiche"
	RestoreHistory     Action = "rétablir une valeur passée"
	CreateMember       Action = "créer une fiche membre"
	VerifyRecord       Action = "vérifier sa fiche"
	EditRecord         Action = "modifier une fiche"
	AdminEditRecord    Action = "modifier toute la fiche d’une autre personne"
	EditMissions       Action = "modifier les missions"
	ChangeAvatar       Action = "changer la photo"
	CreateMailbox      Action = "créer une boîte"
	ReplacePrimary     Action = "remplacer une adresse principale par une boîte"
	DeleteMailbox      Action = "supprimer une boîte"
	UseMailbox         Action = "régler une boîte : mot de passe, redirections"
	SetReply           Action = "régler la réponse automatique d’une boîte"
	ChangePrimary      Action = "changer l’adresse principale"
	ChangeSecondary    Action = "changer l’adresse secondaire"
	ChangePreference   Action = "choisir l’adresse de contact et les listes"
	UpgradeMailbox     Action = "changer l’offre d’une boîte"
	UnblockAddress     Action = "débloquer une adresse"
	AskExtension       Action = "demander une prolongation"
	DecideExtension    Action = "accepter ou refuser une prolongation"
	ManageDeparture    Action = "reporter ou annuler un départ"
	EditShared         Action = "modifier les produits, incubateurs, équipes et sponsors"
	Administer         Action = "administrer le portail"
	RequestToolAccess  Action = "demander un accès à un outil"
	ViewDepartureSteps Action = "voir les étapes d’un départ"
)

// Relation is what ties a viewer to the member concerned. Several may hold at once.
type Relation int

// The relations. Anyone is every logged-in member.
const (
	Anyone               Relation = 1 << iota // any session
	Self                                      // the member themself
	Teammate                                  // both serve a product today
	PublicAgent                               // a teammate whose mission there has status admin or service
	IncubatorTeam                             // in a team of an incubator of the member's products or teams
	Administrator                             // listed in ESPACE_MEMBRE_ADMIN
	AnotherAdministrator                      // an administrator, about somebody else
)

// grant opens an action to a relation, for viewers in some standings and members in some state.
type grant struct {
	to        Relation
	standings []actor.Standing
	subject   Presence
}

// Presence is the state of the member concerned that a grant asks for.
type Presence int

// The states; Whatever is no condition.
const (
	Whatever Presence = iota
	Present           // some mission runs or will
	Departed          // no mission runs any more
)

// The standings in which viewers keep their rights, from the largest to the narrowest.
func everybody() []actor.Standing {
	return []actor.Standing{actor.Unverified, actor.Limited, actor.Grace, actor.Active}
}

func verified() []actor.Standing { return []actor.Standing{actor.Limited, actor.Grace, actor.Active} }
func inGrace() []actor.Standing  { return []actor.Standing{actor.Grace, actor.Active} }
func inActivity() []actor.Standing {
	return []actor.Standing{actor.Active}
}

// rights is the one table: who may do what, to whom. An action without line is nobody's.
// A wiki culture with a trace: reading and shared records are every member's; addresses and
// accounts are their owner's; a mission is lengthened by somebody else than its owner.
func rights() map[Action][]grant {
	admins := grant{Administrator, inGrace(), Whatever}
	notOneself := grant{AnotherAdministrator, inGrace(), Whatever}
	return map[Action][]grant{
		ViewMember:         {{Anyone, inGrace(), Whatever}, {Self, verified(), Whatever}},
		ViewPrivate:        {{Self, everybody(), Whatever}, admins},
		ViewHistory:        {{Self, verified(), Whatever}, admins},
		ViewDepartureSteps: {{Self, verified(), Whatever}, admins},
		RestoreHistory:     {admins},
		CreateMember:       {{Anyone, inActivity(), Whatever}, admins},
		VerifyRecord:       {{Self, []actor.Standing{actor.Unverified}, Whatever}},
		EditRecord:         {{Self, inGrace(), Whatever}, admins},
		AdminEditRecord:    {admins},
		EditMissions: {
			{Self, inActivity(), Present}, {IncubatorTeam, inActivity(), Whatever}, {PublicAgent, inActivity(), Whatever}, notOneself,
		},
		ChangeAvatar:      {{Self, inGrace(), Whatever}, admins},
		CreateMailbox:     {{Anyone, inActivity(), Present}, {Administrator, inGrace(), Present}},
		ReplacePrimary:    {{Self, inActivity(), Present}, {Administrator, inGrace(), Present}},
		DeleteMailbox:     {{Self, verified(), Whatever}, admins},
		UseMailbox:        {{Self, inActivity(), Present}},
		SetReply:          {{Self, inGrace(), Whatever}},
		ChangePrimary:     {{Self, inActivity(), Present}},
		ChangeSecondary:   {{Self, verified(), Whatever}, admins},
		ChangePreference:  {{Self, verified(), Whatever}},
		UpgradeMailbox:    {{Administrator, inGrace(), Present}},
		UnblockAddress:    {admins},
		AskExtension:      {{Self, verified(), Whatever}},
		DecideExtension:   {{Teammate, inActivity(), Whatever}, {IncubatorTeam, inActivity(), Whatever}, notOneself},
		ManageDeparture:   {notOneself},
		EditShared:        {{Anyone, inActivity(), Whatever}, admins},
		RequestToolAccess: {{Self, inActivity(), Present}},
		Administer:        {admins},
	}
}

// Subject is the member concerned by an action, as rights see them. The zero Subject is for
// actions about nobody in particular: creating a member, editing what is shared.
type Subject struct {
	ID       uuid.UUID
	Active   bool     // some mission runs or will on the day
	Relation Relation // Teammate, PublicAgent, IncubatorTeam, as SubjectFor reads them; Can adds the others
}

// Can tells whether an actor may do something to a member: nil, or a Forbidden fault. The
// system may do everything: what jobs do is decided by their rules.
func Can(who actor.Actor, action Action, to Subject) error {
	if who.IsSystem() {
		return nil
	}
	if who.LoggedIn() {
		for _, g := range rights()[action] {
			if relations(who, to)&g.to != 0 && slices.Contains(g.standings, who.Standing) && g.subject.holds(to) {
				return nil
			}
		}
	}
	return fault.New(fault.Forbidden, "Tu n’as pas le droit de faire cela : "+string(action)+".", "%q may not %q", who.Username, action)
}

func relations(who actor.Actor, to Subject) Relation {
	held := Anyone | to.Relation
	if who.ID == to.ID {
		held = Anyone | Self // nobody is their own colleague
	}
	if who.Admin {
		held |= Administrator
		if who.ID != to.ID {
			held |= AnotherAdministrator
		}
	}
	return held
}

func (p Presence) holds(to Subject) bool {
	switch p {
	case Present:
		return to.Active
	case Departed:
		return !to.Active
	case Whatever:
	}
	return true
}

// SubjectFor reads the member concerned as rights see them, from the viewer's side, on a day:
// NotFound when there is no such member. Who is active is tied to the products that they serve or
// will; who left, to those that they served last. Former teams have no say any more.
func SubjectFor(ctx context.Context, db postgres.DB, who actor.Actor, id uuid.UUID, today clock.Day) (Subject, error) {
	type row struct {
		Active, Teammate, PublicAgent, IncubatorTeam bool
	}
	found, err := postgres.One[row](ctx, db, noMember, `
		WITH theirs AS (
		    SELECT mission_startup.startup_id
		    FROM mission
		    JOIN mission_startup ON mission_startup.mission_id = mission.id
		    WHERE mission.member_id = $1
		      AND (mission.end_day IS NULL
		           OR mission.end_day >= $3
		           OR mission.end_day = (
		               SELECT max(every.end_day)
		               FROM mission AS every
		               WHERE every.member_id = $1
		               HAVING NOT bool_or(every.end_day IS NULL OR every.end_day >= $3)))
		), ours AS (
		    SELECT mission_startup.startup_id, mission.status
		    FROM mission
		    JOIN mission_startup ON mission_startup.mission_id = mission.id
		    WHERE mission.member_id = $2
		      AND mission.start_day <= $3
		      AND (mission.end_day IS NULL OR mission.end_day >= $3)
		), incubators AS (
		    SELECT startup.incubator_id
		    FROM theirs
		    JOIN startup ON startup.id = theirs.startup_id
		    UNION
		    SELECT team.incubator_id
		    FROM team_member
		    JOIN team ON team.id = team_member.team_id
		    WHERE team_member.member_id = $1
		)
		SELECT EXISTS (
		           SELECT FROM mission
		           WHERE mission.member_id = member.id
		             AND (mission.end_day IS NULL OR mission.end_day >= $3)) AS active,
		       EXISTS (SELECT FROM ours JOIN theirs USING (startup_id)) AS teammate,
		       EXISTS (SELECT FROM ours JOIN theirs USING (startup_id) WHERE ours.status IN ('admin', 'service')) AS public_agent,
		       EXISTS (
		           SELECT FROM team_member
		           JOIN team ON team.id = team_member.team_id
		           WHERE team_member.member_id = $2
		             AND team.incubator_id IN (SELECT incubator_id FROM incubators)) AS incubator_team
		FROM member
		WHERE member.id = $1`, id, who.ID, today)
	if err != nil {
		return Subject{}, fmt.Errorf("read the relation to member %s: %w", id, err)
	}
	subject := Subject{ID: id, Active: found.Active}
	for relation, holds := range map[Relation]bool{
		Teammate: found.Teammate, PublicAgent: found.PublicAgent, IncubatorTeam: found.IncubatorTeam,
	} {
		if holds {
			subject.Relation |= relation
		}
	}
	return subject, nil
}
