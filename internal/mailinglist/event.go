package mailinglist

import "github.com/betagouv/espace-membre/internal/platform/audit"

// Codes of the events that the room writes.
const (
	CodeJoined      audit.Code = "MEMBER_LIST_JOINED"      // subscribed by the job
	CodeLeft        audit.Code = "MEMBER_LIST_LEFT"        // taken off one list
	CodeListsLeft   audit.Code = "MEMBER_LISTS_LEFT"       // taken off all of them after a departure
	CodeRefused     audit.Code = "MEMBER_LIST_REFUSED"     // stated by the person
	CodeAccepted    audit.Code = "MEMBER_LIST_ACCEPTED"    // idem
	CodeMoved       audit.Code = "MEMBER_CONTACT_MOVED"    // the contact follows a change of address, with its refusals
	CodeUnblocked   audit.Code = "MEMBER_UNBLOCK_EMAIL"    // the reference's
	CodeUndelivered audit.Code = "MEMBER_MAIL_UNDELIVERED" // a mail did not arrive
)
