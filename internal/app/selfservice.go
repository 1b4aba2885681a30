package app

import (
	"github.com/betagouv/espace-membre/internal/mailbox"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxbrevo"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxmail"
	"github.com/betagouv/espace-membre/internal/mailbox/mailboxweb"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/profile/profileweb"
)

// newSelfService builds what people ask about their mailbox; follow tells the other rooms when
// that changes where somebody is written to.
func (k kit) newSelfService(room *mailbox.Service, follow mailbox.FollowContact) *mailbox.SelfService {
	ports := mailbox.SelfPorts{Requester: k.requester, Follow: follow}
	if k.settings.Enabled("brevo") {
		ports.Blocks = mailboxbrevo.NewBlocks(k.brevo)
	}
	if k.sender != nil {
		ports.Notices = mailboxmail.New(k.sender, k.settings.Core.BaseURL)
	}
	return mailbox.NewSelfService(room, ports, mailbox.SelfConfig{Admins: k.settings.Core.Admins})
}

// mailboxPages builds the pages about mailboxes.
func (r *rooms) mailboxPages(clk clock.Clock) *mailboxweb.Pages { return mailboxweb.New(r.self, clk) }

// mailboxPanels are what the pages about a person show of their mailbox.
func (r *rooms) mailboxPanels(clk clock.Clock) []profileweb.Panel {
	pages := r.mailboxPages(clk)
	return []profileweb.Panel{
		{ID: mailboxweb.PanelID, Title: "Boîte mail", Tab: profileweb.TabMailbox, Render: pages.Panel},
		{ID: mailboxweb.AdminPanelID, Title: "Administration de la boîte", Tab: profileweb.TabMailbox, Render: pages.AdminPanel},
	}
}
