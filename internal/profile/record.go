package profile

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Record is what a viewer may read of a person. What is private is blank in Member, except for
// the person and for administrators.
type Record struct {
	Member   member.Member
	Subject  member.Subject // for member.Can
	Missions []Mission      // newest first
	Teams    []Team
	Active   bool
	LastEnd  clock.Day         // zero: no mission, or an open-ended one
	Private  bool              // the viewer may read what is private
	Change   member.LastChange // of the record or its missions; zero when nothing is known

	whole member.Member
}

// Whole gives the person with what is private, for panels: they ask member.Can themselves.
func (r Record) Whole() member.Member { return r.whole }

// Mission is a contract period as the record shows it; both days are included.
type Mission struct {
	Start    clock.Day
	End      clock.Day // zero: open-ended
	Status   string    // independent, admin, service or empty
	Employer string
	Slugs    []string // of its products
	Names    []string // of its products, in the same order
}

// Team is a team of the person.
type Team struct {
	ID            uuid.UUID
	Name          string
	Incubator     string // its title
	IncubatorSlug string
}

// Record reads a person by handle: NotFound when there is none, Forbidden when the viewer may
// not see it.
func (s *Service) Record(ctx context.Context, viewer actor.Actor, username string) (Record, error) {
	m, err := member.ByUsername(ctx, s.db, username)
	if err != nil {
		return Record{}, err
	}
	subject, err := member.SubjectFor(ctx, s.db, viewer, m.ID, clock.Today(s.clock))
	if err != nil {
		return Record{}, err
	}
	if err := member.Can(viewer, member.ViewMember, subject); err != nil {
		return Record{}, err
	}
	r := Record{Member: m, whole: m, Subject: subject, Active: subject.Active, Private: member.Can(viewer, member.ViewPrivate, subject) == nil}
	if !r.Private {
		r.Member = public(m)
	}
	return r, s.fill(ctx, &r)
}

// public blanks what only the person and administrators see.
func public(m member.Member) member.Member {
	m.SecondaryEmail, m.CommunicationEmail = "", ""
	m.Gender, m.LegalStatus, m.DailyRate, m.DaysPerWeek = "", "", nil, nil
	return m
}

func (s *Service) fill(ctx context.Context, r *Record) (err error) {
	id := r.Member.ID
	if r.Missions, err = s.missions(ctx, id); err != nil {
		return err
	}
	ends := make([]member.Mission, len(r.Missions))
	for i, m := range r.Missions {
		ends[i].End = m.End
	}
	r.LastEnd = member.LastEnd(ends)
	if r.Teams, err = s.teams(ctx, id); err != nil {
		return err
	}
	change, err := member.LastChangeOf(ctx, s.db, id)
	if err == nil && change != nil {
		r.Change = *change
	}
	return err
}

func (s *Service) missions(ctx context.Context, id uuid.UUID) ([]Mission, error) {
	missions, err := postgres.All[Mission](ctx, s.db, `
		SELECT mission.start_day AS start,
		       mission.end_day AS end,
		       COALESCE(mission.status, '') AS status,
		       mission.employer,
		       served.slugs,
		       served.names
		FROM mission
		CROSS JOIN LATERAL (
		    SELECT COALESCE(array_agg(startup.slug ORDER BY startup.name, startup.slug), '{}') AS slugs,
		           COALESCE(array_agg(startup.name ORDER BY startup.name, startup.slug), '{}') AS names
		    FROM mission_startup
		    JOIN startup ON startup.id = mission_startup.startup_id
		    WHERE mission_startup.mission_id = mission.id) AS served
		WHERE mission.member_id = $1
		ORDER BY mission.start_day DESC, mission.id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the missions of member %s: %w", id, err)
	}
	return missions, nil
}

func (s *Service) teams(ctx context.Context, id uuid.UUID) ([]Team, error) {
	teams, err := postgres.All[Team](ctx, s.db, `
		SELECT team.id, team.name, incubator.title AS incubator, incubator.slug AS incubator_slug
		FROM team_member
		JOIN team ON team.id = team_member.team_id
		JOIN incubator ON incubator.id = team.incubator_id
		WHERE team_member.member_id = $1
		ORDER BY team.name, incubator.title, team.id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the teams of member %s: %w", id, err)
	}
	return teams, nil
}
