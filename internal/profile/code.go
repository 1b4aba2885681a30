package profile

import (
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
)

// CodePart is one part of the code of a diagnosis: a letter, then a character.
type CodePart struct {
	Letter string
	About  string      // French
	Values [][2]string // character, meaning in French
}

// statuses give a character to each state of an address.
func statuses() []struct {
	character string
	status    member.Status
} {
	return []struct {
		character string
		status    member.Status
	}{
		{"0", member.StatusActive},
		{"1", member.StatusUnset},
		{"2", member.StatusVerificationWaiting},
		{"3", member.StatusCreationWaiting},
		{"4", member.StatusCreationPending},
		{"5", member.StatusRecreationPending},
		{"6", member.StatusPasswordPending},
		{"7", member.StatusRedirectionActive},
		{"8", member.StatusRedirectionPending},
		{"9", member.StatusSuspended},
		{"D", member.StatusDeleted},
		{"X", member.StatusExpired},
	}
}

// CodeTable says what each part of a code means; the documentation is made of it.
func CodeTable() []CodePart {
	address := CodePart{Letter: "A", About: "L’état de l’adresse principale"}
	for _, s := range statuses() {
		address.Values = append(address.Values, [2]string{s.character, s.status.Label() + " (`" + string(s.status) + "`)"})
	}
	return []CodePart{
		{"M", "La mission", [][2]string{
			{"0", "en cours ou à venir"}, {"1", "aucune"}, {"2", "terminée depuis 1 à 4 jours"}, {"3", "terminée depuis 5 jours ou plus"},
		}},
		address,
		{"B", "La boîte chez l’hébergeur", [][2]string{
			{"0", "elle existe"}, {"1", "elle n’existe pas"}, {"2", "elle existe, mais l’hébergeur l’a bloquée"}, {"8", "adresse d’une autre administration : pas de boîte attendue"}, {"9", "l’hébergeur n’a pas répondu"},
		}},
		{"R", "Les refus de nos messages", [][2]string{
			{"0", "aucun"}, {"1", "adresse principale"}, {"2", "adresse secondaire"}, {"3", "les deux"}, {"9", "le prestataire n’a pas répondu"},
		}},
		{"S", "L’adresse secondaire", [][2]string{{"0", "aucune"}, {"1", "renseignée"}}},
		{"C", "Le compte Mattermost", [][2]string{
			{"0", "actif"}, {"1", "introuvable"}, {"2", "désactivé"}, {"9", "les comptes n’ont pas encore été lus"},
		}},
	}
}

// code writes the facts as support reads them: EM-M0-A9-B0-R0-S1-C0. The same facts give the same code.
func code(f Facts) string {
	return strings.Join([]string{"EM", "M" + missionState(f), "A" + addressCode(f), "B" + mailboxCode(f), "R" + refusalCode(f), "S" + mark(f.HasSecondary), "C" + chatCode(f)}, "-")
}

func addressCode(f Facts) string {
	for _, s := range statuses() {
		if s.status == f.Status {
			return s.character
		}
	}
	return "?"
}

func mailboxCode(f Facts) string {
	switch {
	case f.Outside:
		return "8"
	case f.Mailbox == Present && f.MailboxBlocked:
		return "2"
	case f.Mailbox == Present:
		return "0"
	case f.Mailbox == Absent:
		return "1"
	}
	return "9"
}

func chatCode(f Facts) string {
	switch f.Chat {
	case ChatActive:
		return "0"
	case ChatAbsent:
		return "1"
	case ChatInactive:
		return "2"
	case ChatUnknown:
	}
	return "9"
}

func refusalCode(f Facts) string {
	switch {
	case f.PrimaryRefused != "" && f.SecondaryRefused != "":
		return "3"
	case f.SecondaryRefused != "":
		return "2"
	case f.PrimaryRefused == "" && !f.RefusalsKnown:
		return "9"
	}
	return mark(f.PrimaryRefused != "")
}

func mark(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}
