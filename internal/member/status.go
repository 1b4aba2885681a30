package member

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
