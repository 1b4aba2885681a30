package mailinglist_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// people is the room of people on the same database: it writes the history as in production.
type people struct {
	w        *world
	room     *member.Service
	requests *webtest.Requests
	url      string // of the last proof asked
}

func (w *world) people() *people {
	r := &people{w: w, requests: &webtest.Requests{}}
	r.room = member.New(w.db, w.clock, r.requests, member.Ports{Letters: r, Agents: r}, member.Config{BaseURL: "https://espace.exemple.org", Domain: domain})
	return r
}

func (r *people) SendAddressProof(_ context.Context, letter member.ProofLetter) error {
	r.url = letter.URL
	return nil
}
func (r *people) SendAddressChanged(context.Context, member.ChangedLetter) error { return nil }
func (r *people) IsAgent(context.Context, string) (bool, error)                  { return true, nil }

// change replaces an address of a member, who proves the new one.
func (r *people) change(id uuid.UUID, username string, kind member.AddressKind, address string) {
	r.w.t.Helper()
	who := actor.Actor{ID: id, Username: username, Standing: actor.Active}
	if err := r.room.RequestAddressChange(r.w.t.Context(), who, id, kind, address); err != nil {
		r.w.t.Fatal(err)
	}
	if _, err := r.requests.Apply(r.w.t.Context(), r.w.db, r.room.Jobs()); err != nil {
		r.w.t.Fatal(err)
	}
	_, token, _ := strings.Cut(r.url, "token=")
	if _, err := r.room.ConfirmAddressChange(r.w.t.Context(), token); err != nil {
		r.w.t.Fatal(err)
	}
}

// The addresses that the room of people wrote in the history are known, the private ones too.
func TestAddressesReplacedInTheRecordAreKnown(t *testing.T) {
	w := newWorld(t)
	r := w.people()
	id := w.add(person{username: "anne.due", primary: "anne@ministere.gouv.fr", secondary: "anne.un@perso.fr"})
	r.change(id, "anne.due", member.Secondary, "anne.deux@perso.fr")
	r.change(id, "anne.due", member.Secondary, "anne.trois@perso.fr")
	r.change(id, "anne.due", member.Primary, "anne@autre.gouv.fr")
	w.add(person{username: "bea.there", primary: "bea@ministere.gouv.fr"})
	w.exec(`UPDATE mission SET end_day = '2024-12-18' WHERE member_id = $1`, id)
	w.ovh.AddList("incubateur", "anne.un@perso.fr", "anne.deux@perso.fr", "anne.trois@perso.fr", "anne@ministere.gouv.fr", "anne@autre.gouv.fr", "bea@ministere.gouv.fr")
	w.applyAll(unsubscribe)
	w.expect("incubateur", w.on("incubateur"), "bea@ministere.gouv.fr")
}

// The address by which somebody was invited is told only by the event of the creation.
func TestTheAddressOfTheInvitationIsKnown(t *testing.T) {
	w := newWorld(t)
	r := w.people()
	by := w.add(person{username: "colle.gue"})
	created, err := r.room.Create(t.Context(), actor.Actor{ID: by, Username: "colle.gue", Standing: actor.Active}, member.NewMember{
		Firstname: "Anne", Lastname: "Due", Email: "anne@invitee.fr", Domain: "Design",
		Mission: member.MissionDraft{Start: "2024-12-19", End: "2025-03-19", Status: "independent", Employer: "Scop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.exec(`UPDATE member SET secondary_email = NULL WHERE id = $1`, created.ID)
	w.exec(`UPDATE mission SET start_day = '2024-12-01', end_day = '2024-12-18' WHERE member_id = $1`, created.ID)
	w.ovh.AddList("incubateur", "anne@invitee.fr", "colle.gue@exemple.org")
	w.applyAll(unsubscribe)
	w.expect("incubateur", w.on("incubateur"), "colle.gue@exemple.org")
}

// An address that the username of somebody else gives them is not taken from them, even while it
// is not in their record.
func TestAddressThatTheUsernameOfAnotherGivesIsTheirs(t *testing.T) {
	w := newWorld(t)
	w.add(person{username: "anne.gone", end: "2024-11-01", status: member.StatusDeleted})
	w.remember("anne.gone", "MEMBER_EMAIL_STATUS_UPDATED", `{"primary_email":"bea.there@exemple.org"}`, "")
	w.add(person{username: "bea.there", status: member.StatusDeleted, end: "none"})
	w.ovh.AddList("incubateur", "bea.there@exemple.org")
	w.expectPlan(unsubscribe, "population 1", "laisser bea.there : aucune mission : pas de date de départ")
}
