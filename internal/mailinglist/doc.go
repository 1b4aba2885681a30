// Package mailinglist holds who receives what the community sends: the mailing lists of the
// domain and the contact lists of campaigns, what people refuse, and the addresses that do not
// receive our mails.
//
// Words. A List may be refused by its members; what is refused in the portal (in the account, or by
// the signed link at the foot of a letter) is stronger than any job. A member's known addresses are
// those of the record, those that the record held before (told by the audit trail), and those that
// the domain gives by rule to a username; an address that somebody else holds now is never theirs.
//
// Invariants. Members in activity are on the members' list once, by the address that they prefer if
// it works, unless they refused it; their contact stands at that address alone, with the lists and
// the refusals of the former one. Who has left is taken off the members' list from the day after,
// and off every list of the domain and of campaigns from the thirtieth day, once for each end date,
// unless an administrator holds the departure. Addresses of people whom the portal does not know
// are left alone. A block that follows from somebody's own wish (unsubscription, complaint) is
// never lifted.
//
// Tables: list_refusal, list_departure, mail_refusal.
package mailinglist
