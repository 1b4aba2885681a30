package mail

import "strings"

// Service is how to reach a well-known mail service.
type Service struct {
	Name      string // as written in MAIL_SERVICE
	Host      string
	Port      int
	IgnoreTLS bool // never encrypt: local catcher
}

// ServiceNamed finds a well-known service, whatever the case and the punctuation of the name.
// Hosts and ports are those that these services publish for submission.
func ServiceNamed(name string) (Service, bool) {
	for _, service := range services() {
		if normalized(service.Name) == normalized(name) {
			return service, true
		}
	}
	return Service{}, false
}

func services() []Service {
	return []Service{
		{Name: "maildev", Host: "localhost", Port: 1025, IgnoreTLS: true},
		{Name: "mailjet", Host: "in-v3.mailjet.com", Port: 587},
		{Name: "SendinBlue", Host: "smtp-relay.brevo.com", Port: 587},
		{Name: "brevo", Host: "smtp-relay.brevo.com", Port: 587},
		{Name: "mailspons", Host: "smtp.mailspons.com", Port: 587},
		{Name: "gmail", Host: "smtp.gmail.com", Port: 465},
		{Name: "outlook365", Host: "smtp.office365.com", Port: 587},
		{Name: "infomaniak", Host: "mail.infomaniak.com", Port: 587},
		{Name: "gandi", Host: "mail.gandi.net", Port: 587},
		{Name: "mailgun", Host: "smtp.mailgun.org", Port: 465},
		{Name: "mailtrap", Host: "live.smtp.mailtrap.io", Port: 587},
		{Name: "mandrill", Host: "smtp.mandrillapp.com", Port: 587},
		{Name: "postmark", Host: "smtp.postmarkapp.com", Port: 2525},
		{Name: "proton", Host: "smtp.protonmail.ch", Port: 587},
		{Name: "sendgrid", Host: "smtp.sendgrid.net", Port: 587},
		{Name: "tipimail", Host: "smtp.tipimail.com", Port: 587},
	}
}

func normalized(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// trackingOff gives the headers that switch off the tracking of openings and clicks, for the
// services that would otherwise rewrite the links of our mails.
func trackingOff(service string) map[string]string {
	switch normalized(service) {
	case "mailjet", "sendinblue", "brevo":
		return map[string]string{
			"X-Mailjet-TrackOpen":  "0",
			"X-Mailjet-TrackClick": "0",
		}
	}
	return nil
}
