package member_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
)

func tokenOf(t *testing.T, letter member.ProofLetter) string {
	t.Helper()
	token, ok := strings.CutPrefix(letter.URL, "https://portail.example/account/address/confirm?token=")
	if !ok || len(token) < 40 {
		t.Fatalf("address of the letter: %s", letter.URL)
	}
	return token
}

// ask requests a change and gives the token that the mail holds.
func (b *bench) ask(t *testing.T, who actor.Actor, id uuid.UUID, kind member.AddressKind, address string) string {
	t.Helper()
	if err := b.service.RequestAddressChange(t.Context(), who, id, kind, address); err != nil {
		t.Fatal(err)
	}
	b.apply(t)
	return tokenOf(t, b.post.proofs[len(b.post.proofs)-1])
}

func TestASecondaryAddressChangesOnceProved(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	var followed []member.ContactChange
	b.service.OnContactChanged(func(_ context.Context, _ pgx.Tx, c member.ContactChange) error {
		followed = append(followed, c)
		return nil
	})
	token := b.ask(t, camille, camille.ID, member.Secondary, " Nouvelle@Exemple.fr ")
	if letter := b.post.proofs[0]; letter.To != "nouvelle@exemple.fr" || letter.Kind != member.Secondary || letter.AskedBy != "" || letter.Life != 24*time.Hour {
		t.Errorf("letter %+v", letter)
	}
	if proof, err := b.service.ReadProof(t.Context(), token); err != nil || proof.Address != "nouvelle@exemple.fr" || proof.Username != "camille.durand" {
		t.Errorf("%+v, %v", proof, err)
	}
	if m := b.read(t, camille.ID); m.SecondaryEmail != "camille.durand@exemple.org" {
		t.Errorf("before the proof: %+v", m)
	}
	if pending, err := b.service.PendingChanges(t.Context(), camille.ID); err != nil || len(pending) != 1 {
		t.Errorf("pending %+v, %v", pending, err)
	}
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if m := b.read(t, camille.ID); m.SecondaryEmail != "nouvelle@exemple.fr" || m.PrimaryEmail != "camille.durand@betagouv.ovh" || m.Status != member.StatusActive {
		t.Errorf("after the proof: %+v", m)
	}
	event := b.events(t, camille.ID)[0]
	if event.Code != member.CodeSecondaryUpdated || !strings.Contains(string(event.After), "nouvelle@exemple.fr") || len(member.PublicPart(event.After)) != 0 {
		t.Errorf("event %s %s", event.Code, event.After)
	}
	if len(followed) != 0 {
		t.Errorf("notices still go to the primary address: %+v", followed)
	}
	b.apply(t)
	if len(b.post.notices) != 1 || b.post.notices[0].To != "camille.durand@exemple.org" {
		t.Errorf("notices %+v", b.post.notices)
	}
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); !fault.Is(err, fault.Invalid) {
		t.Errorf("a second use: %v", err)
	}
}

func TestAnAddressLinkEnds(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	older := b.ask(t, camille, camille.ID, member.Secondary, "un@exemple.fr")
	newer := b.ask(t, camille, camille.ID, member.Secondary, "deux@exemple.fr")
	if _, err := b.service.ConfirmAddressChange(t.Context(), older); !fault.Is(err, fault.Invalid) {
		t.Errorf("the older link: %v", err)
	}
	b.clock.Advance(member.ChangeLife - time.Minute)
	if _, err := b.service.ReadProof(t.Context(), newer); err != nil {
		t.Errorf("a minute before its end: %v", err)
	}
	b.clock.Advance(2 * time.Minute)
	for name, token := range map[string]string{"a minute after its end": newer, "unknown": "x", "empty": ""} {
		if _, err := b.service.ConfirmAddressChange(t.Context(), token); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	cancelled := b.ask(t, camille, camille.ID, member.Secondary, "trois@exemple.fr")
	if err := b.service.CancelAddressChange(t.Context(), camille, camille.ID, member.Secondary); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.ConfirmAddressChange(t.Context(), cancelled); !fault.Is(err, fault.Invalid) {
		t.Errorf("a cancelled one: %v", err)
	}
}

func TestAReplacedRequestSendsNothing(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	for _, address := range []string{"un@exemple.fr", "deux@exemple.fr"} {
		if err := b.service.RequestAddressChange(t.Context(), camille, camille.ID, member.Secondary, address); err != nil {
			t.Fatal(err)
		}
	}
	for _, action := range b.requests.Pending() {
		if action.Mode != job.Once || action.Queue != job.QueueUrgent || strings.Contains(string(action.Args)+action.Key+action.Label+action.Reason, "@") {
			t.Errorf("action %+v", action)
		}
	}
	if outcomes := b.apply(t); outcomes[0].Moot == "" || len(b.post.proofs) != 1 || b.post.proofs[0].To != "deux@exemple.fr" {
		t.Errorf("%+v %+v", outcomes, b.post.proofs)
	}
}

func TestRequestAddressChangeRefuses(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	b.person(t, "autre.personne", member.StatusActive, "2025-01-01")
	for name, c := range map[string]struct {
		kind    member.AddressKind
		address string
	}{
		"nothing": {member.Secondary, ""}, "no address": {member.Secondary, "camille"}, "a shared one": {member.Secondary, "contact@exemple.fr"},
		"somebody's secondary": {member.Secondary, "autre.personne@exemple.org"}, "somebody's primary": {member.Primary, "autre.personne@betagouv.ovh"},
		"the same": {member.Secondary, "camille.durand@exemple.org"}, "one's primary as secondary": {member.Secondary, "camille.durand@betagouv.ovh"},
		"ours as secondary": {member.Secondary, "autre@betagouv.ovh"}, "a personal one as primary": {member.Primary, "camille@perso.example"},
		"another name of ours": {member.Primary, "liste@betagouv.ovh"}, "a shared one of agents": {member.Primary, "service@ministere.gouv.fr"},
		"two addresses": {member.Secondary, "a@exemple.fr, b@exemple.fr"}, "a header": {member.Secondary, "a@exemple.fr\r\nBcc: b@exemple.fr"},
		"a look-alike": {member.Secondary, "саmille@exemple.fr"}, "a long one": {member.Secondary, strings.Repeat("a", 65) + "@exemple.fr"},
	} {
		refused(t, name, b.service.RequestAddressChange(t.Context(), camille, camille.ID, c.kind, c.address), "email")
	}
	b.agents.down = true
	refused(t, "the directory is down", b.service.RequestAddressChange(t.Context(), camille, camille.ID, member.Primary, "camille@ministere.gouv.fr"), "email")
	if pending := b.requests.Pending(); len(pending) != 0 {
		t.Errorf("a refusal asks %+v", pending)
	}
}

func TestWhoMayChangeAnAddress(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	colleague, admin := b.person(t, "valid.member", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	limited := camille
	limited.Standing = actor.Limited
	for name, c := range map[string]struct {
		who     actor.Actor
		kind    member.AddressKind
		address string
		want    bool
	}{
		"a colleague, secondary":       {colleague, member.Secondary, "a@exemple.fr", false},
		"an administrator, secondary":  {admin, member.Secondary, "b@exemple.fr", true},
		"an administrator, primary":    {admin, member.Primary, "c@ministere.gouv.fr", false},
		"oneself, limited, secondary":  {limited, member.Secondary, "d@exemple.fr", true},
		"oneself, limited, primary":    {limited, member.Primary, "e@ministere.gouv.fr", false},
		"oneself, in activity primary": {camille, member.Primary, "f@ministere.gouv.fr", true},
	} {
		err := b.service.RequestAddressChange(t.Context(), c.who, camille.ID, c.kind, c.address)
		if (err == nil) != c.want || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.apply(t)
	for _, letter := range b.post.proofs {
		if byAdmin := letter.To == "b@exemple.fr"; byAdmin != (letter.AskedBy == "Admin Member") {
			t.Errorf("letter to %s asked by %q", letter.To, letter.AskedBy)
		}
	}
}

func TestTheSixthLinkOfAnHourIsRefused(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	ask := func() error {
		return b.service.RequestAddressChange(t.Context(), camille, camille.ID, member.Secondary, uuid.NewString()+"@exemple.fr")
	}
	for range 5 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, "the sixth", ask(), "email")
	b.clock.Advance(time.Hour + time.Second)
	if err := ask(); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestAPrimaryAddressChangesAndOthersFollow(t *testing.T) {
	for _, status := range []member.Status{member.StatusActive, member.StatusPasswordPending, member.StatusRedirectionActive, member.StatusSuspended, member.StatusDeleted, member.StatusExpired, member.StatusCreationWaiting} {
		t.Run(string(status), func(t *testing.T) {
			b := newBench(t)
			camille := b.person(t, "camille.durand", status, "2025-01-01")
			var followed []member.PrimaryChange
			var moved []member.ContactChange
			b.service.OnPrimaryChanged(func(_ context.Context, _ pgx.Tx, c member.PrimaryChange) error {
				followed = append(followed, c)
				return nil
			})
			b.service.OnContactChanged(func(_ context.Context, _ pgx.Tx, c member.ContactChange) error { moved = append(moved, c); return nil })
			token := b.ask(t, camille, camille.ID, member.Primary, "camille@ministere.gouv.fr")
			if _, err := b.service.ConfirmAddressChange(t.Context(), token); err != nil {
				t.Errorf("from %s: %v", status, err)
				return
			}
			m := b.read(t, camille.ID)
			if m.PrimaryEmail != "camille@ministere.gouv.fr" || m.Status != member.StatusActive || m.SecondaryEmail != "camille.durand@exemple.org" {
				t.Errorf("from %s: %+v", status, m)
			}
			if len(followed) != 1 || followed[0].From != "camille.durand@betagouv.ovh" || followed[0].To != "camille@ministere.gouv.fr" || followed[0].Username != "camille.durand" {
				t.Errorf("from %s, followed %+v", status, followed)
			}
			if len(moved) != 1 || moved[0].To != "camille@ministere.gouv.fr" {
				t.Errorf("from %s, contact %+v", status, moved)
			}
		})
	}
}

func TestAPrimaryAddressDoesNotChangeInTheMakingNorAfterADeparture(t *testing.T) {
	for _, status := range []member.Status{member.StatusCreationPending, member.StatusRecreationPending, member.StatusRedirectionPending} {
		t.Run(string(status), func(t *testing.T) {
			b := newBench(t)
			camille := b.person(t, "camille.durand", status, "2025-01-01")
			refused(t, string(status), b.service.RequestAddressChange(t.Context(), camille, camille.ID, member.Primary, "camille@ministere.gouv.fr"), "email")
		})
	}
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2024-12-19")
	token := b.ask(t, camille, camille.ID, member.Primary, "camille@ministere.gouv.fr")
	b.clock.Advance(23 * time.Hour) // the link lives, the mission is over
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); !fault.Is(err, fault.Conflict) {
		t.Errorf("the day after the end: %v", err)
	}
}

func TestAnAddressTakenMeanwhileIsRefusedAndTheLinkStays(t *testing.T) {
	b := newBench(t)
	camille, other := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "autre.personne", member.StatusActive, "2025-01-01")
	token := b.ask(t, camille, camille.ID, member.Secondary, "nouvelle@exemple.fr")
	b.exec(t, `UPDATE member SET secondary_email = 'nouvelle@exemple.fr' WHERE id = $1`, other.ID)
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); !fault.Is(err, fault.Conflict) {
		t.Errorf("taken: %v", err)
	}
	b.exec(t, `UPDATE member SET secondary_email = NULL WHERE id = $1`, other.ID)
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); err != nil {
		t.Errorf("free again: %v", err)
	}
}

func TestAFollowerThatFailsUndoesTheChange(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	b.service.OnPrimaryChanged(func(context.Context, pgx.Tx, member.PrimaryChange) error {
		return errors.New("no action could be recorded")
	})
	token := b.ask(t, camille, camille.ID, member.Primary, "camille@ministere.gouv.fr")
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); err == nil || b.read(t, camille.ID).PrimaryEmail != "camille.durand@betagouv.ovh" {
		t.Errorf("%v %+v", err, b.read(t, camille.ID))
	}
}

func TestASecondaryAddressIsPromoted(t *testing.T) {
	b := newBench(t)
	camille := b.person(t, "camille.durand", member.StatusActive, "2025-01-01")
	b.exec(t, `UPDATE member SET secondary_email = 'camille@ministere.gouv.fr' WHERE id = $1`, camille.ID)
	token := b.ask(t, camille, camille.ID, member.Primary, "camille@ministere.gouv.fr")
	if _, err := b.service.ConfirmAddressChange(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if m := b.read(t, camille.ID); m.PrimaryEmail != "camille@ministere.gouv.fr" || m.SecondaryEmail != "" {
		t.Errorf("%+v", m)
	}
}

func TestTheContactAddressIsChosen(t *testing.T) {
	b := newBench(t)
	camille, admin := b.person(t, "camille.durand", member.StatusActive, "2025-01-01"), b.person(t, "admin.member", member.StatusActive, "2025-01-01")
	var moved []member.ContactChange
	b.service.OnContactChanged(func(_ context.Context, _ pgx.Tx, c member.ContactChange) error { moved = append(moved, c); return nil })
	if _, err := b.service.ChoosePreference(t.Context(), admin, camille.ID, member.Secondary); !fault.Is(err, fault.Forbidden) {
		t.Errorf("for somebody else: %v", err)
	}
	_, err := b.service.ChoosePreference(t.Context(), camille, camille.ID, "tertiary")
	refused(t, "another word", err, "preference")
	for range 2 {
		if _, err := b.service.ChoosePreference(t.Context(), camille, camille.ID, member.Secondary); err != nil {
			t.Fatal(err)
		}
	}
	if m := b.read(t, camille.ID); m.CommunicationEmail != "secondary" || len(b.events(t, camille.ID)) != 1 || len(moved) != 1 || moved[0].To != "camille.durand@exemple.org" {
		t.Errorf("%+v, moved %+v", m, moved)
	}
	b.exec(t, `UPDATE member SET secondary_email = NULL, communication_email = 'primary' WHERE id = $1`, camille.ID)
	_, err = b.service.ChoosePreference(t.Context(), camille, camille.ID, member.Secondary)
	refused(t, "without a second address", err, "preference")
}
