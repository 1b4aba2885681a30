package member

import "slices"

// Status is the state of a primary address. The names are the reference's.
type Status string

// The states of a primary address.
const (
	StatusUnset               Status = "EMAIL_UNSET"
	StatusVerificationWaiting Status = "EMAIL_VERIFICATION_WAITING"
	StatusCreationWaiting     Status = "EMAIL_CREATION_WAITING"
	StatusCreationPending     Status = "EMAIL_CREATION_PENDING"
	StatusRecreationPending   Status = "EMAIL_RECREATION_PENDING"
	StatusPasswordPending     Status = "EMAIL_ACTIVE_AND_PASSWORD_DEFINITION_PENDING"
	StatusActive              Status = "EMAIL_ACTIVE"
	StatusRedirectionPending  Status = "EMAIL_REDIRECTION_PENDING"
	StatusRedirectionActive   Status = "EMAIL_REDIRECTION_ACTIVE"
	StatusSuspended           Status = "EMAIL_SUSPENDED"
	StatusDeleted             Status = "EMAIL_DELETED"
	StatusExpired             Status = "EMAIL_EXPIRED"
)

// ActiveLike tells whether the address works today.
func (s Status) ActiveLike() bool {
	switch s {
	case StatusActive, StatusPasswordPending, StatusRedirectionActive:
		return true
	}
	return false
}

// Statuses gives every state, in the order of a life.
func Statuses() []Status {
	return []Status{
		StatusUnset, StatusVerificationWaiting, StatusCreationWaiting, StatusCreationPending, StatusPasswordPending, StatusActive,
		StatusRedirectionPending, StatusRedirectionActive, StatusSuspended, StatusDeleted, StatusRecreationPending, StatusExpired,
	}
}

// Meaning says in French what a state is, in a few words.
func (s Status) Meaning() string {
	return map[Status]string{
		StatusUnset: "pas d’adresse", StatusVerificationWaiting: "fiche à vérifier par la personne",
		StatusCreationWaiting: "adresse demandée", StatusCreationPending: "boîte commandée chez OVH",
		StatusRecreationPending: "boîte recommandée chez OVH", StatusPasswordPending: "boîte prête, mot de passe à définir",
		StatusActive: "active", StatusRedirectionPending: "redirection créée, pas encore vérifiée", StatusRedirectionActive: "redirection active",
		StatusSuspended: "mot de passe changé après le départ", StatusDeleted: "boîte ou redirection supprimée",
		StatusExpired: "adresse extérieure d’une personne partie",
	}[s]
}

// Who makes a step: a person, an administrator, or a job by its name.
const (
	ByOwner     = "la personne"
	ByColleague = "un membre"
	ByAdmin     = "l’administration"
)

// Step is one legal step in the life of a primary address.
type Step struct {
	From, To Status
	By       string // ByOwner…, or the name of the job
	Why      string // French
}

// Steps is the life of a primary address: every step that Transition accepts, and who makes
// it, in the order of a life. Besides, deleting one's own mailbox leads from any state to
// StatusUnset. docs/address-states.svg is drawn from it.
func Steps() []Step {
	return slices.Concat(arrivalSteps(), departureSteps(), returnSteps())
}

func arrivalSteps() []Step {
	return []Step{
		{StatusUnset, StatusVerificationWaiting, ByColleague, "crée la fiche de quelqu’un"},
		{StatusUnset, StatusCreationWaiting, ByOwner, "demande une adresse"},
		{StatusUnset, StatusCreationPending, ByColleague, "fait créer la boîte"},
		{StatusUnset, StatusActive, ByOwner, "prouve une adresse publique"},
		{StatusVerificationWaiting, StatusCreationWaiting, ByOwner, "vérifie sa fiche"},
		{StatusVerificationWaiting, StatusActive, ByOwner, "vérifie sa fiche, a une adresse publique"},
		{StatusCreationWaiting, StatusCreationPending, "emailCreationJob", "commande la boîte"},
		{StatusCreationWaiting, StatusRedirectionPending, "redirectionCreationJob", "crée la redirection"},
		{StatusCreationWaiting, StatusActive, ByOwner, "prouve une adresse publique"},
		{StatusCreationPending, StatusPasswordPending, "setEmailAddressesActive", "voit la boîte chez OVH"},
		{StatusCreationPending, StatusCreationWaiting, ByAdmin, "redemande une commande perdue"},
		{StatusRedirectionPending, StatusRedirectionActive, "setEmailRedirectionActive", "voit la redirection chez OVH"},
		{StatusPasswordPending, StatusActive, ByOwner, "choisit son mot de passe"},
		{StatusActive, StatusCreationWaiting, ByOwner, "veut une adresse de la communauté"},
		{StatusActive, StatusPasswordPending, ByAdmin, "fait redéfinir le mot de passe"},
		{StatusRedirectionActive, StatusActive, ByOwner, "prouve une adresse publique"},
	}
}

func departureSteps() []Step {
	const suspend, expire = "reinitPasswordEmail", "setEmailExpired"
	return []Step{
		{StatusRedirectionActive, StatusDeleted, "deleteRedirectionsAfterQuitting", "supprime la redirection, à J+1"},
		{StatusRedirectionPending, StatusDeleted, "deleteRedirectionsAfterQuitting", "supprime la redirection, à J+1"},
		{StatusActive, StatusSuspended, suspend, "change le mot de passe, à J+5"},
		{StatusPasswordPending, StatusSuspended, suspend, "change le mot de passe, à J+5"},
		{StatusCreationPending, StatusSuspended, suspend, "départ avant la première ouverture"},
		{StatusRecreationPending, StatusSuspended, suspend, "départ avant la première ouverture"},
		{StatusActive, StatusExpired, expire, "adresse extérieure, à J+5"},
		{StatusPasswordPending, StatusExpired, expire, "adresse extérieure, à J+5"},
		{StatusRedirectionActive, StatusExpired, expire, "adresse extérieure, à J+5"},
		{StatusSuspended, StatusExpired, expire, "adresse extérieure"},
		{StatusSuspended, StatusDeleted, "deleteOVHEmailAcounts", "supprime la boîte, 30 jours après la suspension"},
	}
}

func returnSteps() []Step {
	const activate, recreate = "setEmailAddressesActive", "recreateEmailIfUserActive"
	return []Step{
		{StatusSuspended, StatusPasswordPending, activate, "retour : mot de passe à définir"},
		{StatusSuspended, StatusActive, ByOwner, "retour : choisit son mot de passe, ou a une adresse extérieure"},
		{StatusSuspended, StatusRecreationPending, activate, "retour : la boîte a disparu, recommandée"},
		{StatusSuspended, StatusRedirectionPending, "redirectionCreationJob", "retour : recrée la redirection"},
		{StatusDeleted, StatusRecreationPending, recreate, "retour : recommande la boîte"},
		{StatusDeleted, StatusRedirectionPending, "redirectionCreationJob", "retour : recrée la redirection"},
		{StatusDeleted, StatusActive, ByOwner, "prouve une adresse publique"},
		{StatusDeleted, StatusCreationWaiting, ByAdmin, "redemande une adresse"},
		{StatusRecreationPending, StatusPasswordPending, activate, "voit la boîte chez OVH"},
		{StatusRecreationPending, StatusDeleted, ByAdmin, "abandonne une commande perdue"},
		{StatusExpired, StatusActive, activate, "retour : l’adresse extérieure sert de nouveau"},
		{StatusExpired, StatusPasswordPending, activate, "retour : la boîte sert de nouveau"},
		{StatusExpired, StatusRecreationPending, recreate, "retour : recommande la boîte"},
		{StatusExpired, StatusCreationWaiting, ByOwner, "veut une adresse de la communauté"},
	}
}

// MayBecome tells whether a state may follow another.
func (s Status) MayBecome(to Status) bool {
	if to == StatusUnset {
		return s != StatusUnset
	}
	return slices.ContainsFunc(Steps(), func(step Step) bool { return step.From == s && step.To == to })
}
