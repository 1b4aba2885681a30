package app

import (
	"context"

	"github.com/a-h/templ"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/member/memberweb"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
)

// addressLinks leads to the forms of addresses, just under these: those of one's own, and the
// secondary one of somebody who lost it, for administrators.
func addressLinks() profileweb.Panel {
	return profileweb.Panel{ID: "adresses", Title: "Changer d’adresse", Tab: profileweb.TabMailbox, Render: linksFor}
}

func linksFor(_ context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
	switch {
	case viewer.ID == of.ID:
		return memberweb.AddressLinks(of), nil
	case member.Can(viewer, member.ChangeSecondary, member.Subject{ID: of.ID}) == nil: // no relation opens it
		return memberweb.SecondaryLink(of), nil
	}
	return nil, nil
}

// invitationLink lets who created a record, and administrators, send the invitation again.
func invitationLink() profileweb.Panel {
	return profileweb.Panel{
		ID: "invitation", Title: "Invitation", Tab: profileweb.TabRecord,
		Render: func(_ context.Context, viewer actor.Actor, of member.Member) (templ.Component, error) {
			if may := member.MayCorrectInvitation(viewer, of); may == nil {
				return memberweb.InvitationLink(of), nil
			}
			return nil, nil
		},
	}
}
