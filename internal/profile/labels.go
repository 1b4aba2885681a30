package profile

import (
	"strings"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
)

// Kind groups the events of a history, for its filter.
type Kind string

// The kinds, in display order. KindOther holds what the catalogue does not know.
const (
	KindRecord   Kind = "fiche"
	KindAddress  Kind = "adresses"
	KindMailbox  Kind = "boite"
	KindAccounts Kind = "comptes"
	KindMails    Kind = "messages"
	KindLogins   Kind = "connexions"
	KindShared   Kind = "produits"
	KindJobs     Kind = "taches"
	KindOther    Kind = "autres"
)

// Kinds lists the kinds with their labels, in display order.
func Kinds() []struct {
	Kind  Kind
	Label string
} {
	return []struct {
		Kind  Kind
		Label string
	}{
		{KindRecord, "Fiche et missions"},
		{KindAddress, "Adresses"},
		{KindMailbox, "Boîte mail"},
		{KindAccounts, "Comptes des outils"},
		{KindMails, "Messages envoyés"},
		{KindLogins, "Connexions"},
		{KindShared, "Produits, équipes et organisations"},
		{KindJobs, "Tâches automatiques"},
		{KindOther, "Autres"},
	}
}

// eventWord is how the history says a code.
type eventWord struct {
	kind  Kind
	label string
}

// events is the catalogue: the codes of the reference, then ours.
var events = map[audit.Code]eventWord{
	"MEMBER_CREATED":                     {KindRecord, "Fiche créée"},
	"MEMBER_VERIFIED":                    {KindRecord, "Fiche vérifiée"},
	"MEMBER_VALIDATED":                   {KindRecord, "Fiche validée"},
	"MEMBER_BASE_INFO_UPDATED":           {KindRecord, "Fiche mise à jour"},
	"MEMBER_MISSIONS_UPDATED":            {KindRecord, "Missions mises à jour"},
	"MEMBER_END_DATE_UPDATED":            {KindRecord, "Fin de mission changée"},
	member.CodeAvatarUpdated:             {KindRecord, "Photo changée"},
	member.CodeAvatarDeleted:             {KindRecord, "Photo supprimée"},
	"MARRAINAGE_CREATED":                 {KindRecord, "Parrainage créé"},
	"MARRAINAGE_ACCEPTED":                {KindRecord, "Parrainage accepté"},
	"MEMBER_MARRAINAGE_DECLINED":         {KindRecord, "Parrainage décliné"},
	"MEMBER_EXTENSION_ASKED":             {KindRecord, "Prolongation demandée"},
	"MEMBER_EXTENSION_WITHDRAWN":         {KindRecord, "Demande de prolongation retirée"},
	"MEMBER_EXTENSION_ACCEPTED":          {KindRecord, "Prolongation acceptée"},
	"MEMBER_EXTENSION_REFUSED":           {KindRecord, "Prolongation refusée"},
	"MEMBER_DEPARTURE_POSTPONED":         {KindRecord, "Départ reporté"},
	"MEMBER_DEPARTURE_CANCELLED":         {KindRecord, "Départ annulé"},
	"MEMBER_DEPARTURE_RESUMED":           {KindRecord, "Départ repris"},
	member.CodeStatusChanged:             {KindAddress, "État de l’adresse changé"},
	"MEMBER_PRIMARY_EMAIL_UPDATED":       {KindAddress, "Adresse principale changée"},
	"MEMBER_SECONDARY_EMAIL_UPDATED":     {KindAddress, "Adresse secondaire changée"},
	"MEMBER_COMMUNICATION_EMAIL_UPDATE":  {KindAddress, "Adresse de contact changée"},
	"MEMBER_COMMUNICATION_EMAIL_UPDATED": {KindAddress, "Adresse de contact changée"},
	"MEMBER_SECONDARY_EMAIL_DELETED":     {KindAddress, "Adresse secondaire effacée"},
	"MEMBER_MAIL_UNDELIVERED":            {KindAddress, "Mail non arrivé"},
	"MEMBER_CONTACT_MOVED":               {KindAddress, "Listes d’information suivies à la nouvelle adresse"},
	"MEMBER_LIST_JOINED":                 {KindAddress, "Inscription à une liste"},
	"MEMBER_LIST_LEFT":                   {KindAddress, "Sortie d’une liste"},
	"MEMBER_LISTS_LEFT":                  {KindAddress, "Sortie de toutes les listes"},
	"MEMBER_LIST_REFUSED":                {KindAddress, "Liste refusée"},
	"MEMBER_LIST_ACCEPTED":               {KindAddress, "Liste acceptée de nouveau"},
	"MEMBER_UNBLOCK_EMAIL":               {KindAddress, "Adresse débloquée chez Brevo"},
	"MEMBER_EMAIL_CREATED":               {KindMailbox, "Boîte mail créée"},
	"MEMBER_EMAIL_RECREATED":             {KindMailbox, "Boîte mail recréée"},
	"MEMBER_EMAIL_DELETED":               {KindMailbox, "Boîte mail supprimée"},
	"MEMBER_EMAIL_DELETION_REQUESTED":    {KindMailbox, "Suppression de la boîte demandée"},
	"MEMBER_EMAIL_DELETION_CANCELLED":    {KindMailbox, "Suppression de la boîte annulée"},
	"MEMBER_EMAIL_EXPIRED":               {KindMailbox, "Adresse expirée"},
	"MEMBER_EMAIL_SUSPENDED":             {KindMailbox, "Boîte mail suspendue"},
	"MEMBER_EMAIL_UPGRADED":              {KindMailbox, "Offre de la boîte mail changée"},
	"MEMBER_PASSWORD_UPDATED":            {KindMailbox, "Mot de passe de la boîte changé"},
	"MEMBER_REDIRECTION_CREATED":         {KindMailbox, "Redirection créée"},
	"MEMBER_REDIRECTION_DELETED":         {KindMailbox, "Redirection supprimée"},
	"MEMBER_RESPONDER_CREATED":           {KindMailbox, "Réponse automatique créée"},
	"MEMBER_RESPONDER_UPDATED":           {KindMailbox, "Réponse automatique changée"},
	"MEMBER_RESPONDER_DELETED":           {KindMailbox, "Réponse automatique supprimée"},

	"MEMBER_SERVICE_ACCOUNT_REQUESTED":        {KindAccounts, "Compte d’outil demandé"},
	"MEMBER_SERVICE_ACCOUNT_CREATED":          {KindAccounts, "Compte d’outil créé"},
	"MEMBER_SERVICE_ACCOUNT_UPDATE_REQUESTED": {KindAccounts, "Changement d’accès à un outil demandé"},
	"MEMBER_SERVICE_ACCOUNT_UPDATED":          {KindAccounts, "Accès à un outil changé"},
	"MEMBER_SERVICE_ACCOUNT_DELETED":          {KindAccounts, "Compte d’outil supprimé"},

	"EMAIL_VERIFICATION_WAITING_SENT": {KindMails, "Invitation à vérifier la fiche envoyée"},
	CodeDiagnosisSent:                 {KindMails, "Diagnostic envoyé"},
	"MEMBER_LOGIN":                    {KindLogins, "Connexion"},
	"MEMBER_SESSIONS_CLOSED":          {KindLogins, "Sessions fermées"},

	"STARTUP_INFO_CREATED":  {KindShared, "Fiche produit créée"},
	"STARTUP_INFO_UPDATED":  {KindShared, "Fiche produit mise à jour"},
	"STARTUP_PHASE_UPDATED": {KindShared, "Phase d’un produit changée"},
	"TEAM_CREATED":          {KindShared, "Équipe créée"},
	"TEAM_UPDATED":          {KindShared, "Équipe mise à jour"},
	"INCUBATOR_CREATED":     {KindShared, "Incubateur créé"},
	"INCUBATOR_UPDATED":     {KindShared, "Incubateur mis à jour"},
	"ORGANIZATION_CREATED":  {KindShared, "Organisation créée"},
	"ORGANIZATION_UPDATED":  {KindShared, "Organisation mise à jour"},

	"JOB_ACTION_DONE":     {KindJobs, "Action d’une tâche faite"},
	"JOB_ACTION_RESOLVED": {KindJobs, "Action d’une tâche tranchée"},
	"JOB_RUN_CONFIRMED":   {KindJobs, "Passage d’une tâche confirmé"},
	"JOB_PAUSED":          {KindJobs, "Tâche mise en pause"},
	"JOB_RESUMED":         {KindJobs, "Tâche reprise"},
}

// EventLabel says a code of the history in French. A code that the catalogue does not know is
// shown in words of its own, rather than hidden.
func EventLabel(code audit.Code) string {
	if word, ok := events[code]; ok {
		return word.label
	}
	return "Événement « " + strings.ToLower(strings.ReplaceAll(string(code), "_", " ")) + " »"
}

// KindOf gives the kind of a code.
func KindOf(code audit.Code) Kind {
	if word, ok := events[code]; ok {
		return word.kind
	}
	return KindOther
}

// codesOf lists the codes of a kind; those of the whole catalogue for KindOther, which is what
// it does not hold.
func codesOf(kind Kind) []string {
	var codes []string
	for code, word := range events {
		if kind == KindOther || word.kind == kind {
			codes = append(codes, string(code))
		}
	}
	return codes
}
