package mailbox

// Server is what a mail program must be told to open a mailbox of a plan.
type Server struct {
	IMAP, SMTP Endpoint
}

// Endpoint is one line of these settings.
type Endpoint struct {
	Host       string
	Port       int
	Encryption string // as mail programs call it
}

// ovhServers are those of OVH's guides; Exchange is not Pro.
func ovhServers() map[Plan]Server {
	at := func(imap, smtp string) Server {
		return Server{IMAP: Endpoint{imap, 993, "SSL/TLS"}, SMTP: Endpoint{smtp, 587, "STARTTLS"}}
	}
	return map[Plan]Server{
		PlanBasic:    at("ssl0.ovh.net", "ssl0.ovh.net"),
		PlanPro:      at("pro1.mail.ovh.net", "pro1.mail.ovh.net"),
		PlanExchange: at("ex3.mail.ovh.net", "ex3.mail.ovh.net"),
	}
}

// Server gives what a mail program must be told; ok is false for a plan without settings.
func (s *SelfService) Server(plan Plan) (server Server, ok bool) {
	server, ok = s.config.Servers[plan]
	return server, ok
}
