// Package profile composes what the portal says of one person, from what every other room
// knows: the record, the accounts, the history of changes, and the diagnosis that tells what
// blocks and what to do next. It decides no fact of its own; it reads, explains, and guards who
// may see what.
//
// Tables: diagnostic_request.
package profile
