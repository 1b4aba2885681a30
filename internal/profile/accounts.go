package profile

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Presence tells whether something exists at a vendor.
type Presence int

// The presences.
const (
	Unknown Presence = iota // nobody could tell
	Absent
	Present
)

// Tone is how a state looks: going well, on its way, waiting for somebody, or none of these.
type Tone string

// The tones.
const (
	Good    Tone = "good"
	Ongoing Tone = "ongoing"
	Waiting Tone = "waiting"
	Plain   Tone = "plain"
)

// AccountRow is one line of the table of accounts.
type AccountRow struct {
	Service string
	Tone    Tone
	State   string // one or two words
	Text    string // French sentence, may be empty
	Detail  string // plan, name at the service; may be empty
	Help    string // what the service is for; may be empty
}

// BetaRow tells whether the account in the community is open.
func BetaRow(active bool) AccountRow {
	if active {
		return AccountRow{Service: "Compte de la communauté", Tone: Good, State: "Actif", Text: "Une mission est en cours ou à venir."}
	}
	return AccountRow{Service: "Compte de la communauté", Tone: Waiting, State: "Expiré", Text: "Aucune mission n’est en cours."}
}

// AddressRow tells the state of the address, from what the host of mailboxes says and what is
// recorded. An unknown mailbox is told by the record alone.
func AddressRow(mailbox Presence, status member.Status) AccountRow {
	row := addressState(mailbox, status)
	row.Service = "Adresse de la communauté"
	if mailbox == Unknown {
		row.Text = joined(row.Text, "L’hébergeur des boîtes ne répond pas : c’est notre dernière information.")
	}
	return row
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

func addressState(mailbox Presence, status member.Status) AccountRow {
	switch status {
	case member.StatusCreationWaiting, member.StatusCreationPending, member.StatusRecreationPending, member.StatusRedirectionPending:
		return AccountRow{Tone: Ongoing, State: "Création en cours", Text: "L’adresse sera prête dans quelques minutes."}
	case member.StatusVerificationWaiting:
		return AccountRow{Tone: Waiting, State: "Action nécessaire", Text: "La personne doit se connecter et vérifier sa fiche."}
	case member.StatusRedirectionActive: // a redirection has no mailbox
		return AccountRow{Tone: Good, State: "Actif", Text: "L’adresse est une redirection."}
	case member.StatusDeleted, member.StatusExpired, member.StatusUnset:
		if mailbox == Present {
			return AccountRow{
				Tone: Waiting, State: "Action nécessaire",
				Text: "Une boîte existe, alors qu’elle est notée comme supprimée ou jamais créée : un administrateur doit intervenir.",
			}
		}
		return AccountRow{Tone: Plain, State: "Pas d’adresse", Text: status.Label() + "."}
	case member.StatusSuspended:
		if mailbox == Absent {
			return missingMailbox(status)
		}
		return AccountRow{Tone: Waiting, State: "Suspendue", Text: "Définir un nouveau mot de passe la réactive, une fois la mission prolongée."}
	case member.StatusPasswordPending:
		if mailbox == Absent {
			return missingMailbox(status)
		}
		return AccountRow{Tone: Waiting, State: "Action nécessaire", Text: "Le mot de passe de la boîte est à définir."}
	}
	if mailbox == Absent {
		return missingMailbox(status)
	}
	return AccountRow{Tone: Good, State: "Actif"}
}

func missingMailbox(status member.Status) AccountRow {
	return AccountRow{
		Tone: Waiting, State: "Action nécessaire",
		Text: "L’adresse est notée « " + status.Label() + " », mais aucune boîte n’existe : un administrateur doit intervenir.",
	}
}

// OutsideRow is the line of a primary address that is not of the community: no mailbox is
// expected.
func OutsideRow(status member.Status) AccountRow {
	row := AccountRow{Service: "Adresse principale", Tone: Good, State: "Actif", Text: "C’est une adresse d’une administration : sa boîte n’est pas gérée ici."}
	if !status.ActiveLike() {
		row.Tone, row.State = Waiting, status.Label()
	}
	return row
}

// PlanLabel says an offer of mailbox; "" for an unknown one.
func PlanLabel(plan string) string {
	return map[string]string{
		"EMAIL_PLAN_BASIC": "offre MX Plan", "EMAIL_PLAN_PRO": "offre Pro", "EMAIL_PLAN_EXCHANGE": "offre Exchange",
	}[plan]
}

// ToolAccount is an account that a tool gave to a member.
type ToolAccount struct {
	Type   string // matomo, sentry or mattermost
	Status string // ACCOUNT_…
	Name   string // at the service; may be empty
	Closed bool   // the tool deactivated it: "active": false among what it said
	Access []Access
}

// Access is one thing that an account opens.
type Access struct {
	Name  string
	Kind  string // kind of site; number of projects
	Level string // French
}

// ToolAccounts lists the accounts of a member at the tools, by type.
func (s *Service) ToolAccounts(ctx context.Context, id uuid.UUID) ([]ToolAccount, error) {
	type row struct {
		Type, Status string
		Metadata     json.RawMessage
	}
	rows, err := postgres.All[row](ctx, s.db, `
		SELECT type, status, metadata
		FROM service_account
		WHERE member_id = $1
		ORDER BY type, status, id`, id)
	if err != nil {
		return nil, fmt.Errorf("read the accounts of member %s: %w", id, err)
	}
	accounts := make([]ToolAccount, len(rows))
	for i, r := range rows {
		accounts[i] = ToolAccount{Type: r.Type, Status: r.Status}
		accounts[i].Name, accounts[i].Closed, accounts[i].Access = accesses(r.Metadata)
	}
	return accounts, nil
}

// accesses reads what the tools said of an account; a shape that is not theirs says nothing.
func accesses(metadata json.RawMessage) (name string, closed bool, list []Access) {
	var known struct {
		Username string `json:"username"`
		Active   *bool  `json:"active"`
		Sites    []struct {
			Name        string `json:"name"`
			Type        string `json:"type"`
			AccessLevel string `json:"accessLevel"`
		} `json:"sites"`
		Teams []struct {
			Name     string            `json:"name"`
			Role     string            `json:"role"`
			Projects []json.RawMessage `json:"projects"`
		} `json:"teams"`
	}
	if json.Unmarshal(metadata, &known) != nil {
		return "", false, nil
	}
	for _, site := range known.Sites {
		list = append(list, Access{Name: site.Name, Kind: siteKind(site.Type), Level: level(site.AccessLevel)})
	}
	for _, team := range known.Teams {
		list = append(list, Access{Name: team.Name, Kind: projects(len(team.Projects)), Level: level(team.Role)})
	}
	return known.Username, known.Active != nil && !*known.Active, list
}

// ChatState is what is known of somebody's chat account.
type ChatState int

// The states.
const (
	ChatUnknown ChatState = iota // the accounts of the chat were never read
	ChatAbsent
	ChatInactive
	ChatActive
)

// ChatOf tells the state of the chat account among those of a member. An absence says something
// only once the accounts of the chat have been read: until then nobody has one.
func (s *Service) ChatOf(ctx context.Context, accounts []ToolAccount) (ChatState, error) {
	state := ChatUnknown
	for _, account := range accounts {
		switch {
		case account.Type != chatTool:
		case !account.Closed:
			return ChatActive, nil
		default:
			state = ChatInactive
		}
	}
	if state != ChatUnknown {
		return state, nil
	}
	read, err := postgres.Scalar[bool](ctx, s.db, `SELECT EXISTS (SELECT FROM service_account WHERE type = 'mattermost')`)
	if err != nil {
		return ChatUnknown, fmt.Errorf("look whether the accounts of the chat were read: %w", err)
	}
	if read {
		return ChatAbsent, nil
	}
	return ChatUnknown, nil
}

// chatTool is the tool where people talk.
const chatTool = "mattermost"

// ChatRow is the line of the chat in the table of accounts.
func ChatRow(state ChatState, accounts []ToolAccount) AccountRow {
	row := AccountRow{Service: "Compte " + ToolLabel(chatTool), Detail: ChatName(accounts)}
	switch state {
	case ChatActive:
		row.Tone, row.State = Good, "Actif"
	case ChatInactive:
		row.Tone, row.State, row.Text = Waiting, "Inactif", "Il a été désactivé, sans doute à la fin d’une mission : l’équipe peut le rouvrir."
	case ChatAbsent:
		row.Tone, row.State, row.Text = Plain, "Compte introuvable", "Aucun compte n’a été trouvé avec les adresses de la fiche : il en porte peut-être une autre."
	case ChatUnknown:
		row.Tone, row.State, row.Text = Plain, "Inconnu", "Les comptes Mattermost n’ont pas encore été lus."
	}
	return row
}

// ChatName is the name of a member in the chat, with its @; "" when it is not known.
func ChatName(accounts []ToolAccount) string {
	name := ""
	for _, account := range accounts {
		if account.Type == chatTool && account.Name != "" && (name == "" || !account.Closed) {
			name = "@" + strings.TrimPrefix(account.Name, "@")
		}
	}
	return name
}

func projects(n int) string {
	if n > 1 {
		return fmt.Sprintf("%d projets", n)
	}
	return fmt.Sprintf("%d projet", n)
}

func siteKind(kind string) string {
	switch kind {
	case "website":
		return "site web"
	case "app", "mobileapp":
		return "application mobile"
	}
	return kind
}

func level(word string) string {
	known := map[string]string{
		"admin": "administration", "view": "lecture", "contributor": "contribution", "member": "membre",
		"manager": "gestion", "owner": "propriétaire", "write": "écriture",
	}
	if french, ok := known[word]; ok {
		return french
	}
	return word
}

// ToolRow is the line of a tool in the table of accounts.
func ToolRow(kind string, accounts []ToolAccount) AccountRow {
	row := AccountRow{Service: "Compte " + ToolLabel(kind), Tone: Plain, State: "Pas de compte"}
	for _, account := range accounts {
		if account.Type != kind {
			continue
		}
		row.Detail = account.Name
		switch account.Status {
		case "ACCOUNT_CREATION_PENDING":
			row.Tone, row.State = Ongoing, "Création en cours"
		case "ACCOUNT_INVITATION_SENT":
			row.Tone, row.State, row.Text = Ongoing, "Invitation envoyée", "Elle est à accepter depuis le message reçu."
		default:
			row.Tone, row.State = Good, "Actif"
			return row
		}
	}
	return row
}

// ToolHelp says in one sentence what a tool is for, and how one enters.
func ToolHelp(kind string) string {
	return map[string]string{
		chatTool: "C’est là que la communauté discute : on s’y connecte avec l’adresse principale, et un mot de passe qui n’est pas celui de la boîte.",
		"matomo": "Il mesure l’audience des produits. Un compte s’ouvre à la demande, pour les produits où l’on travaille.",
		"sentry": "Il signale à chaque équipe les erreurs de son produit. Un compte s’ouvre à la demande.",
	}[kind]
}

// ToolLabel is the name of a tool.
func ToolLabel(kind string) string {
	return map[string]string{"matomo": "Matomo", "sentry": "Sentry", "mattermost": "Mattermost"}[kind]
}

// Outside tells whether a primary address is another administration's: the community holds no
// mailbox for it.
func (s *Service) Outside(m member.Member) bool {
	return m.PrimaryEmail != "" && !strings.HasSuffix(m.PrimaryEmail, "@"+s.config.Domain)
}
