// Package mailboxweb is the pages of the mailbox room.
package mailboxweb
