package mailbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Account is the mailbox of a member as one viewer may see and use it, from our records alone.
type Account struct {
	ID        uuid.UUID
	Username  string
	Fullname  string
	Primary   string
	Secondary string // "" when the viewer may not read it
	Status    member.Status
	Ours      bool // the primary address is of our domain
	Hosted    bool // mailboxes are configured here: what the vendor does not say, it will
	Own       bool // it is the viewer's
	Private   bool // the viewer may read what only the owner and administrators may
	Admin     bool // the viewer administers
	MayCreate bool
	MayUse    bool // password, redirections
	MayReply  bool // automatic reply: also in the days of grace, to say that one left
	MayDelete bool
	// Plan is the one that a mailbox made today would have.
	Plan Plan
	// Foreign tells that making a mailbox would replace an address of another administration.
	Foreign  bool
	Deletion *Deletion // the one that waits
	Requests []Request // newest first
	// obstacles are why each deed cannot be done today; "" when it can.
	obstacles map[Deed]string
}

// Deed is something that may be asked about a mailbox.
type Deed int

// The deeds.
const (
	ToCreate   Deed = iota + 1 // make a mailbox
	ToOpen                     // choose its password
	ToRedirect                 // redirections
	ToReply                    // automatic reply
	ToDelete                   // delete it
)

// WhyNot says, in French, why the viewer cannot do something; "" when they can.
func (a Account) WhyNot(d Deed) string {
	may := map[Deed]bool{ToCreate: a.MayCreate, ToOpen: a.MayUse, ToRedirect: a.MayUse, ToReply: a.MayReply, ToDelete: a.MayDelete}[d]
	switch {
	case may:
		return a.obstacles[d]
	case a.Own && (d == ToOpen || d == ToRedirect || d == ToReply):
		return "Ta mission est terminée : ta boîte ne se règle plus. Une fois ta mission prolongée, cela redeviendra possible."
	case d == ToCreate && a.Foreign && !a.Own:
		return "Cette personne a déjà une adresse principale : elle seule, ou l’administration, peut demander une boîte qui la remplace."
	case d == ToCreate:
		return "Une boîte se demande pour une personne dont la mission est en cours, par une personne dont la mission est en cours."
	}
	return "Seule la personne à qui est la boîte peut le faire."
}

// Account reads the mailbox of a member, for a viewer: NotFound when there is no such member,
// Forbidden when the viewer may not see them.
func (s *SelfService) Account(ctx context.Context, viewer actor.Actor, of uuid.UUID) (Account, error) {
	today := clock.Today(s.room.clock)
	subject, err := member.SubjectFor(ctx, s.room.db, viewer, of, today)
	if err != nil {
		return Account{}, err
	}
	if err := member.Can(viewer, member.ViewMember, subject); err != nil {
		return Account{}, err
	}
	m, err := s.room.reread(ctx, of)
	if err != nil {
		return Account{}, err
	}
	can := func(right member.Action) bool { return member.Can(viewer, right, subject) == nil }
	a := Account{
		ID: m.ID, Username: m.Username, Fullname: m.Fullname, Primary: m.Primary, Status: m.Status, Ours: s.room.ours(m.Primary),
		Hosted: s.room.provider != nil, Own: viewer.ID == m.ID, Admin: viewer.Admin, Private: can(member.ViewPrivate),
		MayCreate: can(member.CreateMailbox), MayUse: can(member.UseMailbox), MayReply: can(member.SetReply), MayDelete: can(member.DeleteMailbox),
		Plan: s.room.plan(m), Foreign: s.foreign(m),
		obstacles: map[Deed]string{
			ToCreate: fault.Public(s.creatable(m)), ToOpen: fault.Public(s.openable(m)),
			ToRedirect: fault.Public(s.usable(m)), ToReply: fault.Public(s.usable(m)), ToDelete: fault.Public(s.deletable(m)),
		},
	}
	a.MayCreate = a.MayCreate && (!a.Foreign || can(member.ReplacePrimary))
	if a.Private {
		a.Secondary = m.Secondary
	}
	return a, s.whatWaits(ctx, viewer, &a)
}

// whatWaits completes an account with what was asked about it.
func (s *SelfService) whatWaits(ctx context.Context, viewer actor.Actor, a *Account) (err error) {
	if a.Requests, err = s.requests(ctx, a.ID); err != nil {
		return err
	}
	if !a.Private {
		a.Requests = slices.DeleteFunc(a.Requests, func(r Request) bool { return r.Actor != viewer.Username })
		return nil
	}
	d, waits, err := s.deletionOf(ctx, s.room.db, a.ID)
	if err != nil {
		return fmt.Errorf("read the deletion that waits: %w", err)
	}
	if waits {
		a.Deletion = &d
	}
	return nil
}

// lastChange is when something that was asked about an account last ended.
func (a Account) lastChange() (last time.Time) {
	for _, r := range a.Requests {
		if r.ClosedAt != nil && r.ClosedAt.After(last) {
			last = *r.ClosedAt
		}
	}
	return last
}

// Outside is what the vendor says of a mailbox.
type Outside struct {
	HasBox       bool
	Box          Box
	Redirections []Redirection // without the one to itself that keeps a copy
	Copy         bool          // a copy of redirected mails stays in the mailbox
	CopyID       string        // what keeps it, for the vendor
	HasReply     bool
	Reply        Absence
}

// Outside reads what the vendor says of a mailbox, through a short cache: at once, or
// Unavailable when the context ends first.
func (s *SelfService) Outside(ctx context.Context, a Account) (Outside, error) {
	if s.room.provider == nil {
		return Outside{}, fault.New(fault.Unavailable, notConfiguredHere, "no provider of mailboxes")
	}
	return s.boxes.look(ctx, a.ID, a.lastChange(), func(ctx context.Context) (Outside, error) { return s.readOutside(ctx, a) })
}

func (s *SelfService) readOutside(ctx context.Context, a Account) (Outside, error) {
	local, address := s.local(waiting{Username: a.Username, Primary: a.Primary}), a.Primary
	if !a.Ours {
		address = s.room.mailboxAddress(a.Username)
	}
	type redirected struct {
		list []Redirection
		err  error
	}
	both := make(chan redirected, 1)
	go func() {
		list, err := s.room.provider.Redirections(ctx, address)
		both <- redirected{list, err}
	}()
	out, err := s.readBox(ctx, local)
	answer := <-both
	if err == nil {
		err = answer.err
	}
	if err != nil {
		return Outside{}, fmt.Errorf("read the mailbox of %s: %w", a.Username, err)
	}
	for _, r := range answer.list {
		if r.KeepsCopy() {
			out.Copy, out.CopyID = true, r.ID
			continue
		}
		out.Redirections = append(out.Redirections, r)
	}
	return out, nil
}

func (s *SelfService) readBox(ctx context.Context, local string) (out Outside, err error) {
	out.Box, err = s.room.provider.Find(ctx, local)
	if fault.Is(err, fault.NotFound) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.HasBox = true
	if out.Box.Plan == PlanBasic {
		out.Reply, out.HasReply, err = s.replyOf(ctx, out.Box)
	}
	return out, err
}

// Unblocks tells whether the vendor of mails is configured here.
func (s *SelfService) Unblocks() bool { return s.blocks != nil }

// FreePro counts the Pro accounts that an upgrade could take.
func (s *SelfService) FreePro(ctx context.Context, a Account) (int, error) {
	if s.room.provider == nil {
		return 0, fault.New(fault.Unavailable, notConfiguredHere, "no provider of mailboxes")
	}
	return s.free.look(ctx, PlanPro, a.lastChange(), func(ctx context.Context) (int, error) { return s.room.provider.Free(ctx, PlanPro) })
}

// Webmail gives the address of the webmail of a plan.
func (s *SelfService) Webmail(plan Plan) string { return s.room.config.Webmails[plan] }

// Domain gives the mail domain of the community.
func (s *SelfService) Domain() string { return s.room.config.Domain }

// PlanLabel says a plan: "offre Pro".
func PlanLabel(p Plan) string { return label(p) }

// Regret is the time that one has to change one's mind about a deletion.
func (s *SelfService) Regret() time.Duration { return s.config.Regret }

// LeavesEmail is where the mails of a deleted mailbox go.
func (s *SelfService) LeavesEmail() string { return s.room.config.LeavesEmail }

// Find gives the uuid of a member by handle; NotFound when there is none.
func (s *SelfService) Find(ctx context.Context, username string) (uuid.UUID, error) {
	m, err := member.ByUsername(ctx, s.room.db, username)
	return m.ID, err
}
