// Package sandbox is the outside world of the demonstration and of the end-to-end tests: the
// simulators of all vendors behind one address, a mail catcher that speaks SMTP, the faults that
// can be switched on, a journal of everything received, and a small console for people.
//
// It listens on the loopback interface only and refuses other host names, so that a page of the
// real web cannot read it. Its state survives a restart when it has a folder.
//
// Addresses, for scripts:
//
//	GET    /mail/messages      JSON, newest first; ?to= one recipient, ?limit=
//	DELETE /mail/messages      forgets the mails
//	GET    /state              names of the vendors
//	GET    /state/{vendor}     JSON state of a simulator, or of "smtp"
//	POST   /state/{vendor}     replaces the state of a simulator; If-Match: the ETag of GET
//	GET    /state/database     {"url": …} of the private PostgreSQL
//	GET    /journal            JSON lines, oldest first; ?vendor=, ?limit= latest
//	GET    /faults             JSON list of the switches that are on
//	POST   /faults             JSON or form: see simkit.Fault; 201 and the switch. For the vendor smtp,
//	                           refuse answers 550 to the addresses of path, bounce accepts then returns
//	DELETE /faults             all; ?vendor= or ?id= some
//	*      /{vendor}/…         the simulators
package sandbox
