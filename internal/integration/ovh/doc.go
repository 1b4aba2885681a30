// Package ovh calls the part of OVH's API that holds the community's mailboxes, redirections and
// automatic replies: it signs every request as OVH documents and answers with faults whose French
// sentence tells an administrator what to check.
package ovh
