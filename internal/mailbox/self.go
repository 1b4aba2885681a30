package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/actor"
	"github.com/betagouv/espace-membre/internal/platform/audit"
	"github.com/betagouv/espace-membre/internal/platform/chatpost"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/job"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// SelfConfig is what differs from one community to another in what people do to their mailbox.
type SelfConfig struct {
	Admins  []string        // usernames; rights are asked again when an action is performed
	Regret  time.Duration   // to change one's mind about a deletion; zero: 24 hours
	Servers map[Plan]Server // of the mail programs; nil: OVH's
}

// SelfPorts are what self-service needs besides the ports of the room. All but Requester may be
// nil: unblocking is then refused, owners are told by the pages only, nobody follows addresses.
type SelfPorts struct {
	Requester job.Requester
	Blocks    Blocks
	Notices   Notices
	Follow    FollowContact
}

// FollowContact lets the other rooms know, in the transaction that changed the addresses of a
// member, when notices go elsewhere: before is the member as they were, who the author's username.
type FollowContact func(ctx context.Context, tx pgx.Tx, before member.Member, who string) error

// SelfService is what people ask about a mailbox from the pages: each demand is recorded as an
// urgent action in the page's transaction, and performed afterwards. Make it with NewSelfService.
type SelfService struct {
	room      *Service
	requester job.Requester
	blocks    Blocks
	notices   Notices
	follow    FollowContact
	config    SelfConfig
	boxes     *glance[uuid.UUID, Outside]
	reaches   *glance[uuid.UUID, []AddressReach]
	blocked   *snapshot[map[string]Block]
	free      *glance[Plan, int]
}

// NewSelfService makes the self-service of a room.
func NewSelfService(room *Service, ports SelfPorts, config SelfConfig) *SelfService {
	if config.Regret == 0 {
		config.Regret = 24 * time.Hour
	}
	if config.Servers == nil {
		config.Servers = ovhServers()
	}
	if ports.Follow == nil {
		ports.Follow = func(context.Context, pgx.Tx, member.Member, string) error { return nil }
	}
	return &SelfService{
		room: room, requester: ports.Requester, blocks: ports.Blocks, notices: ports.Notices, follow: ports.Follow, config: config,
		boxes:   newGlance[uuid.UUID, Outside](room.clock),
		reaches: newGlance[uuid.UUID, []AddressReach](room.clock),
		blocked: newSnapshot[map[string]Block](room.clock),
		free:    newGlance[Plan, int](room.clock),
	}
}

// Names of the kinds of actions that people ask; they begin the keys of these actions.
const (
	createName         = "createMailbox"
	deleteName         = "deleteMailbox"
	passwordName       = "changeMailboxPassword"
	redirectName       = "createMailboxRedirection"
	unredirectName     = "deleteMailboxRedirection"
	replyName          = "setMailboxReply"
	noReplyName        = "deleteMailboxReply"
	upgradeName        = "upgradeMailbox"
	unblockName        = "unblockAddress"
	maxTries           = 5              // attempts after which a demand that is our fault ends, told to the person
	passwordLife       = 24 * time.Hour // how long a password waits, sealed, for a vendor that is down
	askedFromPortal    = "demandé depuis le portail"
	notConfiguredHere  = "Les boîtes mail ne sont pas configurées ici."
	supportWillBeAsked = "Recommence, et préviens le support si cela se reproduit."
)

// Jobs declares the kinds of actions that people ask.
func (s *SelfService) Jobs() []job.Spec {
	spec := func(name, title string, needs job.Feature, apply func(context.Context, job.Action) (job.Outcome, error)) job.Spec {
		return job.Spec{
			Name: name, Title: title, Room: "mailbox", Default: job.On, Needs: []job.Feature{needs}, Queue: job.QueueUrgent,
			Apply: func(ctx context.Context, a job.Action) (job.Outcome, error) { return ended(a, s.within(ctx, a, apply)) },
		}
	}
	return []job.Spec{
		spec(createName, "Crée la boîte demandée", "ovh", s.applyCreate),
		spec(deleteName, "Supprime la boîte, un jour après la demande", "ovh", s.applyDelete),
		spec(passwordName, "Change le mot de passe d’une boîte", "ovh", s.applyPassword),
		spec(redirectName, "Crée la redirection demandée", "ovh", s.applyRedirect),
		spec(unredirectName, "Supprime une redirection", "ovh", s.applyUnredirect),
		spec(replyName, "Programme une réponse automatique", "ovh", s.applyReply),
		spec(noReplyName, "Arrête une réponse automatique", "ovh", s.applyNoReply),
		spec(upgradeName, "Passe une boîte à l’offre Pro", "ovh", s.applyUpgrade),
		spec(unblockName, "Débloque une adresse chez Brevo", "brevo", s.applyUnblock),
		s.noticeSpec(),
		{
			Name: replacedName, Title: "Ferme la boîte d’une adresse remplacée", Room: "mailbox", Default: job.On, Needs: []job.Feature{"ovh"},
			Queue: job.QueueUrgent, Apply: s.applyCloseReplaced,
		},
	}
}

// Demand says who asks something about whose mailbox. Form is the number drawn when the form
// was shown: sending the same form twice asks once.
type Demand struct {
	By   actor.Actor
	Of   uuid.UUID
	Form uuid.UUID
}

// wish is what a demand becomes once it is found acceptable.
type wish struct {
	name, verb, reason string
	args               any
	secret             []byte
	destructive        bool
	notBefore          time.Time
	// also is written in the transaction that records the demand; may be nil.
	also func(ctx context.Context, tx pgx.Tx) error
}

// ask checks the right on fresh facts, lets accept judge these facts, and records the demand.
// A form that was already sent changes nothing.
func (s *SelfService) ask(ctx context.Context, d Demand, name string, right member.Action, accept func(waiting) (wish, error)) error {
	m, err := s.allowed(ctx, d.By, d.Of, right)
	if err != nil {
		return err
	}
	key := job.Key(name, m.ID, d.Form.String())
	if known, err := s.asked(ctx, key); err != nil || known {
		return err
	}
	w, err := accept(m)
	if err != nil {
		return err
	}
	action := job.Action{
		Key: key, Mode: job.State, Job: name, Verb: w.verb, Subject: m.ID, Label: m.Username, Reason: w.reason,
		Secret: w.secret, Destructive: w.destructive, NotBefore: w.notBefore, Queue: job.QueueUrgent, Actor: d.By.Username,
	}
	if w.args != nil {
		action.Args = job.EncodeArgs(w.args)
	}
	return postgres.InTx(ctx, s.room.db, func(tx pgx.Tx) error {
		if w.also != nil {
			if err := w.also(ctx, tx); err != nil {
				return err
			}
		}
		return s.requester.Request(ctx, tx, action)
	})
}

// asked tells whether a form was sent before.
func (s *SelfService) asked(ctx context.Context, key string) (bool, error) {
	known, err := postgres.Scalar[bool](ctx, s.room.db, `
		SELECT EXISTS (SELECT FROM job_action WHERE key = $1)`, key)
	if err != nil {
		return false, fmt.Errorf("look for an earlier demand: %w", err)
	}
	return known, nil
}

// allowed reads the member concerned and checks a right. The one to make a mailbox does not
// reach as far as the address that somebody has already.
func (s *SelfService) allowed(ctx context.Context, by actor.Actor, of uuid.UUID, right member.Action) (waiting, error) {
	subject, err := member.SubjectFor(ctx, s.room.db, by, of, clock.Today(s.room.clock))
	if err != nil {
		return waiting{}, err
	}
	if err := member.Can(by, right, subject); err != nil {
		return waiting{}, err
	}
	m, err := s.room.reread(ctx, of)
	if err == nil && right == member.CreateMailbox && s.foreign(m) {
		err = member.Can(by, member.ReplacePrimary, subject)
	}
	return m, err
}

// foreign tells that the primary address of a member is of another administration: a mailbox
// would replace it, and with it the way they log in.
func (s *SelfService) foreign(m waiting) bool { return m.Primary != "" && !s.room.ours(m.Primary) }

// attempt is how one attempt ended, before it is told to the engine.
type attempt struct {
	outcome job.Outcome
	err     error
}

// within checks again, when an action is performed, that its author still may ask it.
func (s *SelfService) within(ctx context.Context, a job.Action, apply func(context.Context, job.Action) (job.Outcome, error)) attempt {
	by, err := s.author(ctx, a.Actor)
	if err != nil {
		return attempt{err: err}
	}
	_, err = s.allowed(ctx, by, a.Subject, rightOf(a.Job))
	switch {
	case fault.Is(err, fault.NotFound):
		return attempt{outcome: job.Moot("La fiche n’existe plus.")}
	case fault.Is(err, fault.Forbidden):
		return attempt{outcome: job.Moot(fault.Public(err))}
	case err != nil:
		return attempt{err: err}
	}
	outcome, err := apply(ctx, a)
	return attempt{outcome, err}
}

// rightOf is the right that a kind of action asks for.
func rightOf(name string) member.Action {
	switch name {
	case createName:
		return member.CreateMailbox
	case deleteName:
		return member.DeleteMailbox
	case upgradeName:
		return member.UpgradeMailbox
	case unblockName:
		return member.UnblockAddress
	case replyName, noReplyName:
		return member.SetReply
	}
	return member.UseMailbox
}

// ended turns what cannot succeed into the end of the action, told to the person who waits
// for it: a refusal is not tried again, nor kept with its secret. An outage is.
func ended(a job.Action, t attempt) (job.Outcome, error) {
	switch {
	case t.err == nil || fault.Is(t.err, fault.Unavailable) || errors.Is(t.err, context.DeadlineExceeded):
		return t.outcome, t.err
	case fault.Is(t.err, fault.Invalid), fault.Is(t.err, fault.NotFound), fault.Is(t.err, fault.Conflict):
		return job.Moot(orSorry(fault.Public(t.err))), nil
	case a.Attempt >= maxTries: // our settings or our mistake: logged at each earlier attempt
		return job.Moot("Cela n’a pas marché de notre côté. " + supportWillBeAsked), nil
	}
	return t.outcome, t.err
}

func orSorry(public string) string {
	if public == "" {
		return "La demande a été refusée. " + supportWillBeAsked
	}
	return public
}

// author is the person who asked, as they are today. Somebody who is gone has no right left.
func (s *SelfService) author(ctx context.Context, username string) (actor.Actor, error) {
	if username == actor.System().Username {
		return actor.System(), nil
	}
	m, err := member.ByUsername(ctx, s.room.db, username)
	if fault.Is(err, fault.NotFound) {
		return actor.Actor{}, nil
	}
	if err != nil {
		return actor.Actor{}, err
	}
	missions, err := member.MissionsOf(ctx, s.room.db, m.ID)
	if err != nil {
		return actor.Actor{}, err
	}
	who := actor.Actor{ID: m.ID, Username: m.Username, Fullname: m.Fullname, Standing: standing(missions, clock.Today(s.room.clock))}
	who.Admin = who.Standing != actor.Limited && slices.Contains(s.config.Admins, username)
	return who, nil
}

// standing is what a session would give: everything while a mission runs or will, as before
// through the last end + 4 days, then one's own record only.
func standing(missions []member.Mission, today clock.Day) actor.Standing {
	switch {
	case member.IsActive(missions, today):
		return actor.Active
	case len(missions) > 0 && !member.ExpiredFor(missions, 5, today):
		return actor.Grace
	}
	return actor.Limited
}

// local is the part before the @ of a member's mailbox.
func (s *SelfService) local(m waiting) string {
	if s.room.ours(m.Primary) {
		return localPart(m.Primary)
	}
	return m.Username
}

// theirBox finds the mailbox of a member; none is the end of a demand.
func (s *SelfService) theirBox(ctx context.Context, m waiting) (Box, error) {
	box, err := s.room.provider.Find(ctx, s.local(m))
	if fault.Is(err, fault.NotFound) {
		return box, fault.New(fault.NotFound, "Aucune boîte n’existe pour cette adresse.", "no mailbox for %s", m.Username)
	}
	if err != nil {
		return box, fmt.Errorf("find the mailbox of %s: %w", m.Username, err)
	}
	return box, nil
}

// basicBox finds the mailbox of a member, which must be of the plan that has what is asked.
func (s *SelfService) basicBox(ctx context.Context, m waiting, what string) (Box, error) {
	box, err := s.theirBox(ctx, m)
	if err == nil && box.Plan != PlanBasic {
		err = fault.New(fault.Conflict, what+" n’existent qu’avec l’offre MX Plan : avec l’"+label(box.Plan)+", c’est dans le webmail que cela se règle.",
			"mailbox of %s is of plan %s", m.Username, box.Plan)
	}
	return box, err
}

// usable says why the mailbox of a member cannot be set now; nil when it can.
func (s *SelfService) usable(m waiting) error {
	refuse := func(public string) error { return fault.New(fault.Conflict, public, "address is %s", m.Status) }
	switch {
	case s.room.provider == nil:
		return fault.New(fault.Unavailable, notConfiguredHere, "no provider of mailboxes")
	case m.Status == member.StatusCreationWaiting, m.Status == member.StatusCreationPending, m.Status == member.StatusRecreationPending:
		return refuse("La boîte est en cours de création : encore quelques minutes de patience.")
	case m.Redirection, m.Status == member.StatusRedirectionPending, m.Status == member.StatusRedirectionActive:
		return refuse("Cette adresse est une redirection : elle n’a pas de boîte.")
	case !s.room.ours(m.Primary):
		return refuse("Il n’y a pas de boîte de la communauté à cette adresse.")
	}
	return nil
}

// event writes a line of the history of a member, as the author of an action.
func (s *SelfService) event(ctx context.Context, tx pgx.Tx, a job.Action, code audit.Code, reason string, before, after any) error {
	return audit.Write(ctx, tx, audit.Event{
		At: s.room.clock.Now(), Actor: actorOf(a), Code: code, Member: a.Subject, Subject: a.Label, Reason: reason, Before: before, After: after,
	})
}

// told is the value of an event about an address.
func told(address string) map[string]string { return map[string]string{"value": address} }

// tell lets the secretariat's channel know, by an action of its own: whatever becomes of the
// message, what was done is done.
func (s *SelfService) tell(ctx context.Context, tx pgx.Tx, a job.Action, text string) error {
	post := chatpost.Action(a.Subject, a.Label, a.Job+"/"+formOf(a.Key), "fait depuis le portail", chatpost.Post{Channel: chatpost.Secretariat, Text: text})
	return chatpost.Tell(ctx, tx, s.requester, post)
}

// formOf is the last part of the key of a demand: the number of its form.
func formOf(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

// by says who asked, for the secretariat: "camille.durand", or "l’équipe" for the system.
func by(a job.Action) string { return actorOf(a) }

// whose says whose mailbox it is, after "la boîte".
func whose(a job.Action) string {
	if a.Actor == a.Label {
		return "sa boîte"
	}
	return "la boîte de " + a.Label
}
