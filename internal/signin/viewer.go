package signin

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// graceDays is for how many days after the last end somebody logs in as before.
const graceDays = 5

// Viewer tells who a member is today; NotFound when the record is gone.
func (s *Service) Viewer(ctx context.Context, id uuid.UUID) (actor.Actor, error) {
	viewer := actor.Actor{ID: id}
	var status member.Status
	var ends []clock.Day
	err := s.db.QueryRow(ctx, `
		SELECT username, fullname, primary_email_status,
		       ARRAY(SELECT end_day FROM mission WHERE member_id = member.id)
		FROM member
		WHERE id = $1`, id).Scan(&viewer.Username, &viewer.Fullname, &status, &ends)
	if errors.Is(err, pgx.ErrNoRows) {
		return actor.Actor{}, fault.New(fault.NotFound, "Cette fiche n’existe plus.", "no member of this session")
	}
	if err != nil {
		return actor.Actor{}, fmt.Errorf("load the viewer: %w", postgres.Fault(err))
	}
	missions := make([]member.Mission, len(ends))
	for i, end := range ends {
		missions[i].End = end
	}
	viewer.Standing = Standing(status, missions, clock.Today(s.clock))
	viewer.Admin = s.admins[viewer.Username] && viewer.Standing != actor.Limited && viewer.Standing != actor.Unverified
	return viewer, nil
}

// Standing tells how much a member may do on a day: everything while a mission runs or will,
// as before through the last end + 4 days, then their own record only. Who was invited first
// confirms the record.
func Standing(status member.Status, missions []member.Mission, today clock.Day) actor.Standing {
	active := member.IsActive(missions, today)
	switch {
	case !active && (len(missions) == 0 || member.ExpiredFor(missions, graceDays, today)):
		return actor.Limited
	case status == member.StatusVerificationWaiting:
		return actor.Unverified
	case !active:
		return actor.Grace
	}
	return actor.Active
}
