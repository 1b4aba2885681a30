package member

// Label says the state of a primary address, in French.
func (s Status) Label() string {
	return map[Status]string{
		StatusUnset: "Pas encore d’adresse", StatusVerificationWaiting: "Fiche à vérifier",
		StatusCreationWaiting: "Création demandée", StatusCreationPending: "Création en cours",
		StatusRecreationPending: "Recréation en cours", StatusPasswordPending: "Active, mot de passe à définir",
		StatusActive: "Active", StatusRedirectionPending: "Redirection en cours de création",
		StatusRedirectionActive: "Redirection active", StatusSuspended: "Suspendue",
		StatusDeleted: "Supprimée", StatusExpired: "Expirée",
	}[s]
}
