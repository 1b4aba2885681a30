package member_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// verification is what somebody confirms, with the address to which they were invited.
func (b *bench) verification(t *testing.T, who actor.Actor) member.Verification {
	t.Helper()
	return member.Verification{
		Email: b.read(t, who.ID).InvitedAddress(), Profile: draft(),
		Mission: member.MissionDraft{
			ID: b.missions(t, who.ID)[0].ID.String(), Start: "2024-01-01", End: "2025-06-30", Status: "admin", Employer: "Ministère", Product: "Aides Jeunes",
		},
	}
}

func TestVerifyAsksAMailbox(t *testing.T) {
	b := newBench(t)
	nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
	done, err := b.service.Verify(t.Context(), nova, b.verification(t, nova))
	if err != nil || done.Status != member.StatusCreationWaiting || done.Proof != "" || done.DirectoryDown {
		t.Fatalf("%+v, %v", done, err)
	}
	m := b.read(t, nova.ID)
	if m.PrimaryEmail != "" || m.SecondaryEmail != "nova.nouveau@exemple.org" || m.Status != member.StatusCreationWaiting || m.VerifiedAt == nil || m.Fullname != "Camille Durand" {
		t.Errorf("member %+v", m)
	}
	if mission := b.missions(t, nova.ID)[0]; mission.End.String() != "2025-06-30" || mission.Status != "admin" || len(mission.Startups) != 1 {
		t.Errorf("mission %+v", mission)
	}
	if _, err := b.service.Verify(t.Context(), nova, b.verification(t, nova)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second verification: %v", err)
	}
	nova.Standing = actor.Active
	if _, err := b.service.Verify(t.Context(), nova, b.verification(t, nova)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a verification by somebody verified: %v", err)
	}
}

func TestVerifyAdoptsAnAgentsAddress(t *testing.T) {
	for name, c := range map[string]struct {
		down    bool
		status  member.Status
		primary string
	}{
		"known":             {false, member.StatusActive, "nova@ministere.gouv.fr"},
		"directory is down": {true, member.StatusCreationWaiting, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.agents.down = c.down
			nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
			b.exec(t, `UPDATE member SET secondary_email = 'nova@ministere.gouv.fr' WHERE id = $1`, nova.ID)
			done, err := b.service.Verify(t.Context(), nova, b.verification(t, nova))
			m := b.read(t, nova.ID)
			if err != nil || done.DirectoryDown != c.down || m.Status != c.status || m.PrimaryEmail != c.primary || (m.SecondaryEmail == "") != (c.primary != "") {
				t.Errorf("%s: %+v %+v, %v", name, done, m, err)
			}
		})
	}
}

func TestVerifyWithAnotherPersonalAddressKeepsTheInvitedOneUntilItsProof(t *testing.T) {
	b := newBench(t)
	nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
	v := b.verification(t, nova)
	v.Email = "nova@ailleurs.fr"
	done, err := b.service.Verify(t.Context(), nova, v)
	if err != nil || done.Status != member.StatusCreationWaiting || done.Proof != "nova@ailleurs.fr" {
		t.Fatalf("%+v, %v", done, err)
	}
	if m := b.read(t, nova.ID); m.SecondaryEmail != "nova.nouveau@exemple.org" {
		t.Errorf("before the proof: %+v", m)
	}
	b.apply(t)
	if _, err := b.service.ConfirmAddressChange(t.Context(), tokenOf(t, b.post.proofs[0])); err != nil {
		t.Fatal(err)
	}
	if m := b.read(t, nova.ID); m.SecondaryEmail != "nova@ailleurs.fr" || m.Status != member.StatusCreationWaiting {
		t.Errorf("after the proof: %+v", m)
	}
}

func TestVerifyWithAnotherAgentsAddressWaitsForItsProof(t *testing.T) {
	b := newBench(t)
	nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
	v := b.verification(t, nova)
	v.Email = "nova@ministere.gouv.fr"
	done, err := b.service.Verify(t.Context(), nova, v)
	if err != nil || done.Status != member.StatusVerificationWaiting || done.Proof != "nova@ministere.gouv.fr" {
		t.Fatalf("%+v, %v", done, err)
	}
	b.apply(t)
	if _, err := b.service.ConfirmAddressChange(t.Context(), tokenOf(t, b.post.proofs[0])); err != nil {
		t.Fatal(err)
	}
	m := b.read(t, nova.ID)
	if m.Status != member.StatusActive || m.PrimaryEmail != "nova@ministere.gouv.fr" || m.SecondaryEmail != "nova.nouveau@exemple.org" || m.VerifiedAt == nil || m.Fullname != "Camille Durand" {
		t.Errorf("after the proof: %+v", m)
	}
}

func TestVerifyWithTheInvitedAddressEndsTheProofThatWaits(t *testing.T) {
	b := newBench(t)
	nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
	v := b.verification(t, nova)
	v.Email = "nova@ministere.gouv.fr"
	if _, err := b.service.Verify(t.Context(), nova, v); err != nil {
		t.Fatal(err)
	}
	b.apply(t)
	if _, err := b.service.Verify(t.Context(), nova, b.verification(t, nova)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.ConfirmAddressChange(t.Context(), tokenOf(t, b.post.proofs[0])); !fault.Is(err, fault.Invalid) {
		t.Errorf("the link of an address given up: %v", err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	b := newBench(t)
	nova := b.person(t, "nova.nouveau", member.StatusVerificationWaiting, "2025-03-01")
	other := b.person(t, "autre.personne", member.StatusActive, "2025-03-01")
	for name, c := range map[string]struct {
		change func(*member.Verification)
		fields []string
	}{
		"nothing":              {func(v *member.Verification) { *v = member.Verification{} }, []string{"email", "fullname", "role", "domain", "mission-0-start", "mission-0-status", "mission-0-employer"}},
		"somebody's address":   {func(v *member.Verification) { v.Email = "autre.personne@exemple.org" }, []string{"email"}},
		"a shared address":     {func(v *member.Verification) { v.Email = "equipe@ministere.gouv.fr" }, []string{"email"}},
		"our domain":           {func(v *member.Verification) { v.Email = "nova.nouveau@betagouv.ovh" }, []string{"email"}},
		"somebody's mission":   {func(v *member.Verification) { v.Mission.ID = b.missions(t, other.ID)[0].ID.String() }, []string{"mission-0-start"}},
		"a mission of nowhere": {func(v *member.Verification) { v.Mission.ID = uuid.NewString() }, []string{"mission-0-start"}},
		"a link that runs":     {func(v *member.Verification) { v.Profile.Link = "javascript:alert(1)" }, []string{"link"}},
		"six days":             {func(v *member.Verification) { v.Profile.DaysPerWeek = "5,5" }, []string{"days_per_week"}},
	} {
		v := b.verification(t, nova)
		c.change(&v)
		_, err := b.service.Verify(t.Context(), nova, v)
		refused(t, name, err, c.fields...)
	}
	if m := b.read(t, nova.ID); m.Status != member.StatusVerificationWaiting || m.Fullname != "Nova Nouveau" {
		t.Errorf("a refusal changed %+v", m)
	}
}
