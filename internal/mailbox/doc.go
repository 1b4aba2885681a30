// Package mailbox gives members their address, and takes it back: the mailbox or the redirection
// made at OVH, its activation, the lists that it joins and the message that tells its owner; then,
// after a departure, the redirections removed, the mailbox suspended and deleted, even one that
// the primary address does not tell (leftover.go); and on a return, all of it restored. It asks
// vendors through the ports of ports.go and changes a member only through member.Transition.
//
// What people ask about a mailbox from the pages is SelfService: passwords, redirections,
// automatic replies, creation, deletion, change of plan, unblocking.
//
// Tables: mailbox_deletion.
package mailbox
