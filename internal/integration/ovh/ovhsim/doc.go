// Package ovhsim plays OVH: the clock, the signed requests and the mailboxes, redirections and
// automatic replies that the portal uses, with state, errors worded as OVH's, and refusal of what
// is not signed.
package ovhsim
