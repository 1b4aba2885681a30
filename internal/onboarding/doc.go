// Package onboarding is the arrival of a member, as far as it goes across rooms: a colleague has
// created the record, and the newcomer is invited to check it. Rooms of a lower rank do the rest.
//
// An invitation is one letter for each time a record enters the state EMAIL_VERIFICATION_WAITING:
// somebody whose record is sent back to that state years later is invited again.
//
// Tables: none.
package onboarding
