// Package member holds the people of the community: their record, their missions, the
// addresses that they own and the state of the primary one, their teams, and the table of
// rights. Every other room may import it.
//
// A record is born of a colleague (Create), confirmed once by its owner (Verify), then kept by
// its owner, administrators and, for missions, those who work with them (UpdateRecord,
// UpdateMissions). What forms give is text; each use-case reads, checks and refuses all of it at
// once, with a message by field, and asks the table of rights again.
//
// An address changes when its owner has proved to receive its mail: RequestAddressChange sends a
// link there, ConfirmAddressChange uses it. Other rooms follow with OnPrimaryChanged and
// OnContactChanged, in the same transaction. Before a record is verified, who created it may
// correct the address of the invitation (CorrectInvitation).
//
// Every write adds an event to the history, with the values before and after of what changed.
// Values that only the person and administrators may read stand apart, under the key "private".
//
// Tables: member, mission, mission_startup, team_member, departure_hold, address_change.
package member
