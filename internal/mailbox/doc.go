// Package mailbox gives members their address: the mailbox or the redirection made at OVH, its
// activation, the lists that it joins and the message that tells its owner. It asks vendors
// through the ports of ports.go and changes a member only through member.Transition.
//
// Tables: none.
package mailbox
