package profile

import (
	"github.com/betagouv/espace-membre/internal/mailinglist"
	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Facts are all that a diagnosis looks at.
type Facts struct {
	Today        clock.Day
	Missions     []member.Mission
	Status       member.Status // of the primary address
	HasPrimary   bool
	HasSecondary bool
	Outside      bool     // the primary address is another administration's: no mailbox of ours
	Mailbox      Presence // at the host
	// MailboxBlocked: the host closed the mailbox, which sent spam.
	MailboxBlocked bool
	Chat           ChatState
	// Refused tell why our mails to each address are refused, in the words of the vendor or of
	// mailinglist.Kind; "" when nothing says so.
	PrimaryRefused   string
	SecondaryRefused string
	RefusalsKnown    bool // everybody who could tell has answered
}

// Diagnosis is what blocks a person and what to do, in words, with a short code to give to the
// team. It names nobody.
type Diagnosis struct {
	Code     string
	Problems []Problem // what blocks, the first to solve first; none: nothing does
	Advice   []Problem // what would help, but blocks nothing
}

// Problem is one thing that blocks and the next step.
type Problem struct {
	Title string
	Text  string
	Step  Step
}

// Step is what the person does next.
type Step struct {
	Label string
	Path  string // page of the portal, or ToSupport; "" when there is only to wait
}

// ToSupport is the path of a step that is to write to the team.
const ToSupport = "mailto:"

// Next gives the first step; its label is empty when nothing blocks.
func (d Diagnosis) Next() Step {
	if len(d.Problems) == 0 {
		return Step{}
	}
	return d.Problems[0].Step
}

// steps that several problems share.
func askExtension() Step { return Step{"Demander une prolongation", "/account/extension"} }

func writeToTeam() Step {
	return Step{"Écrire à l’équipe en donnant le code", ToSupport}
}
func openMailbox(label string) Step { return Step{label, "/account/mailbox"} }
func definePassword() Step          { return choosePassword("Définir le mot de passe") }

func choosePassword(label string) Step { return Step{label, "/account/mailbox#password"} }

// Diagnose tells what blocks, from the facts alone.
func Diagnose(f Facts) Diagnosis {
	d := Diagnosis{Code: code(f)}
	for _, look := range []func(Facts) (Problem, bool){missionProblem, recordProblem, addressProblem, mailboxProblem, blockedProblem, chatProblem, primaryRefusal, secondaryRefusal} {
		if problem, found := look(f); found {
			d.Problems = append(d.Problems, problem)
		}
	}
	if !f.HasSecondary && f.HasPrimary {
		d.Advice = append(d.Advice, Problem{
			"Aucune adresse secondaire", "Avec une adresse secondaire, tu peux te connecter même quand ta boîte principale ne s’ouvre plus.",
			openMailbox("Ajouter une adresse secondaire"),
		})
	}
	return d
}

// missionState is the first part of the code.
func missionState(f Facts) string {
	switch {
	case member.IsActive(f.Missions, f.Today):
		return "0"
	case len(f.Missions) == 0:
		return "1"
	case !member.ExpiredFor(f.Missions, graceDays, f.Today):
		return "2"
	}
	return "3"
}

// graceDays is for how many days after the last end somebody works as before.
const graceDays = 5

func missionProblem(f Facts) (Problem, bool) {
	switch missionState(f) {
	case "1":
		return Problem{
			"Aucune mission", "Ta fiche ne porte aucune mission : tes accès sont fermés. Un agent public de ton produit, ton incubateur ou l’équipe peut en ajouter une depuis ta fiche.",
			Step{"Demander à l’équipe d’ajouter une mission, en donnant le code", ToSupport},
		}, true
	case "2":
		return Problem{
			"Ta mission vient de se terminer", "Elle s’est terminée le " + member.LastEnd(f.Missions).French() +
				". Tes accès restent ouverts cinq jours : si tu continues, demande sa prolongation maintenant.", askExtension(),
		}, true
	case "3":
		return Problem{
			"Ta mission est terminée", "Elle s’est terminée le " + member.LastEnd(f.Missions).French() +
				". Tant qu’elle n’est pas prolongée, tu ne vois que ta fiche, et tes comptes se ferment les uns après les autres.", askExtension(),
		}, true
	}
	return Problem{}, false
}

func recordProblem(f Facts) (Problem, bool) {
	if f.Status != member.StatusVerificationWaiting {
		return Problem{}, false
	}
	return Problem{
		"Ta fiche est à vérifier", "Ton adresse sera créée quand tu auras relu et confirmé ta fiche.", Step{"Vérifier ma fiche", "/verify"},
	}, true
}

func addressProblem(f Facts) (Problem, bool) {
	active := missionState(f) == "0" || missionState(f) == "2"
	switch f.Status {
	case member.StatusCreationWaiting, member.StatusCreationPending, member.StatusRecreationPending, member.StatusRedirectionPending:
		return Problem{
			"Ton adresse est en cours de création", "Elle sera prête dans quelques minutes : un message arrivera à ton adresse secondaire.", Step{"Attendre une dizaine de minutes", ""},
		}, true
	case member.StatusPasswordPending:
		return Problem{"Le mot de passe de ta boîte est à définir", "Ta boîte existe, mais elle ne s’ouvre pas tant que son mot de passe n’est pas choisi.", definePassword()}, true
	case member.StatusSuspended:
		text := "Elle l’a été après la fin de ta mission, par un nouveau mot de passe. Choisis-en un : elle se rouvre aussitôt, avec tout son courrier."
		if !active {
			text = "Elle l’a été après la fin de ta mission. Une fois la mission prolongée, il suffira de choisir un nouveau mot de passe."
		}
		return Problem{"Ta boîte est suspendue", text, definePassword()}, true
	case member.StatusDeleted:
		return Problem{"Ta boîte a été supprimée", "Une fois ta mission prolongée, elle peut être recréée, sans son ancien courrier.", openMailbox("Recréer ma boîte")}, true
	case member.StatusExpired:
		return Problem{"Ton adresse principale a expiré", "Elle n’est plus reconnue depuis la fin de ta mission.", openMailbox("Voir mes adresses")}, true
	case member.StatusUnset:
		return Problem{"Tu n’as pas d’adresse de la communauté", "Tu peux demander la création d’une boîte, ou déclarer ton adresse d’agent public.", openMailbox("Demander une adresse")}, true
	}
	return Problem{}, false
}

// AddressProblem is what somebody in activity has to do, from the state of their address alone; ok
// is false when there is nothing.
func AddressProblem(status member.Status) (problem Problem, ok bool) {
	if status == member.StatusUnset {
		return Problem{}, false // they may want none
	}
	return addressProblem(Facts{Status: status, Missions: []member.Mission{{}}})
}

// mailboxProblem is a contradiction between the record and the host, which only the team solves.
func mailboxProblem(f Facts) (Problem, bool) {
	switch {
	case f.Outside || f.Mailbox == Unknown:
		return Problem{}, false
	case f.Mailbox == Absent && (f.Status == member.StatusActive || f.Status == member.StatusPasswordPending || f.Status == member.StatusSuspended):
		return Problem{"Ta boîte n’existe pas chez l’hébergeur", "Elle est pourtant notée « " + f.Status.Label() + " » : une personne de l’équipe doit s’en occuper.", writeToTeam()}, true
	case f.Mailbox == Present && (f.Status == member.StatusDeleted || f.Status == member.StatusExpired || f.Status == member.StatusUnset):
		return Problem{"Ta boîte existe encore chez l’hébergeur", "Elle est pourtant notée « " + f.Status.Label() + " » : une personne de l’équipe doit s’en occuper.", writeToTeam()}, true
	}
	return Problem{}, false
}

// blockedProblem is a mailbox that the host closed: a new password is what opens it again.
func blockedProblem(f Facts) (Problem, bool) {
	if f.Outside || f.Mailbox != Present || !f.MailboxBlocked {
		return Problem{}, false
	}
	return Problem{
		"Ta boîte est bloquée par l’hébergeur", "Des messages indésirables en sont partis : son mot de passe a sans doute été volé. En choisir un nouveau la débloque ; " +
			"n’utilise l’ancien nulle part ailleurs.", choosePassword("Changer le mot de passe"),
	}, true
}

// chatProblem is about who is in activity with an address that works: the account of who left, or
// of who has no address yet, is as it should be.
func chatProblem(f Facts) (Problem, bool) {
	if missionState(f) != "0" || f.Status != member.StatusActive && f.Status != member.StatusRedirectionActive {
		return Problem{}, false
	}
	switch f.Chat {
	case ChatAbsent:
		return Problem{
			"Tu n’as pas de compte Mattermost", "Aucun compte n’a été trouvé avec tes adresses. Si tu en as un, c’est avec une adresse qui n’est pas dans ta fiche : ajoute-la, " +
				"ou demande un compte.", writeToTeam(),
		}, true
	case ChatInactive:
		return Problem{"Ton compte Mattermost est désactivé", "Il l’a peut-être été à la fin d’une mission précédente : l’équipe peut le rouvrir.", writeToTeam()}, true
	case ChatUnknown, ChatActive:
	}
	return Problem{}, false
}

func primaryRefusal(f Facts) (Problem, bool) {
	if f.PrimaryRefused == "" {
		return Problem{}, false
	}
	return Problem{"Nos messages n’arrivent plus à ton adresse principale", refusalText(f.PrimaryRefused), writeToTeam()}, true
}

func secondaryRefusal(f Facts) (Problem, bool) {
	if f.SecondaryRefused == "" {
		return Problem{}, false
	}
	return Problem{"Nos messages n’arrivent plus à ton adresse secondaire", refusalText(f.SecondaryRefused), writeToTeam()}, true
}

func refusalText(reason string) string {
	switch reason {
	case "hardBounce", string(mailinglist.HardBounce), string(mailinglist.Refused), string(mailinglist.InvalidEmail):
		return "La boîte a refusé un de nos messages, comme si elle n’existait pas. Vérifie l’adresse ; l’équipe peut la débloquer."
	case "contactFlaggedAsSpam", string(mailinglist.Spam):
		return "Un de nos messages a été signalé comme indésirable depuis cette boîte : plus rien ne lui est envoyé."
	case "unsubscribedViaEmail", "unsubscribedViaMA", "unsubscribedViaApi", string(mailinglist.Unsubscribed):
		return "Une désinscription a été demandée depuis cette boîte : plus rien ne lui est envoyé, pas même le lien de connexion."
	}
	return "Elle est bloquée chez notre prestataire d’envoi de messages."
}
