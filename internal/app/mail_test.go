package app

import (
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/integration/brevo/brevosim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/mail"
	"github.com/betagouv/espace-membre/internal/sandbox"
)

// Mails leave as the settings say: by SMTP, by a known service, or by Brevo.
func TestMailsLeaveAsTheSettingsSay(t *testing.T) {
	box, err := sandbox.NewStandard(sandbox.Options{}, sandbox.Accounts{Brevo: brevosim.Config{APIKey: "key"}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := box.Start(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close(t.Context()) })
	_, port, _ := strings.Cut(at.SMTP, ":")
	for name, env := range map[string]map[string]string{
		"smtp":  {"MAIL_HOST": "127.0.0.1", "MAIL_PORT": port, "MAIL_IGNORE_TLS": "true", "MAIL_USER": "compte", "MAIL_PASS": "secret"},
		"brevo": {"MAIL_USE_SIB": "true", "SIB_APIKEY_PRIVATE": "key", "BREVO_API_URL": "http://" + at.HTTP + "/brevo/v3"},
	} {
		env["MAIL_SENDER"] = "L’équipe <espace@exemple.org>"
		settings, _ := config.Load(env)
		sender, err := newSender(settings, clock.System{})
		if err != nil || sender == nil {
			t.Fatalf("%s: %v, %v", name, sender, err)
		}
		if err := sender.Send(t.Context(), mail.Message{Key: "k/" + name, To: name + "@exemple.org", Subject: "Objet", Text: "t", ReplyTo: "aide@exemple.org"}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := box.Mails()[0]; got.To != name+"@exemple.org" || got.From != "espace@exemple.org" || got.FromName != "L’équipe" || got.ReplyTo != "aide@exemple.org" {
			t.Errorf("%s: %+v", name, got)
		}
		if err := pingMail(t.Context(), settings); err != nil {
			t.Errorf("%s does not answer: %v", name, err)
		}
	}
	settings, _ := config.Load(map[string]string{"MAIL_SERVICE": "maildev", "MAIL_HOST": "ailleurs", "MAIL_PORT": "2525"})
	if sender, err := newSMTP(settings, clock.System{}); err != nil || sender.Address() != "localhost:1025" {
		t.Errorf("maildev: %v", err)
	}
	if sender, err := newSender(config.Config{}, clock.System{}); sender != nil || err != nil {
		t.Errorf("nothing configured: %v, %v", sender, err)
	}
}

// The four jobs about lists obey the reference's variables, whatever non-empty text one of them held.
func TestJobsOfListsObeyTheirVariables(t *testing.T) {
	flags := map[string]string{
		"unblockBlacklistedEmail": "FEATURE_UNBLOCK_CONTACT_EMAIL", "subscribeEmailAddresses": "FEATURE_SUBSCRIBE_TO_INCUBATEUR_MAILING_LIST",
		"unsubscribeEmailAddresses": "FEATURE_UNSUBSCRIBE_FROM_INCUBATEUR_MAILING_LIST", "removeEmailsFromMailingList": "FEATURE_REMOVE_EMAILS_FROM_MAILING_LIST",
	}
	base := map[string]string{"OVH_APP_KEY": "a", "OVH_APP_SECRET": "b", "OVH_CONSUMER_KEY": "c", "SIB_APIKEY_PRIVATE": "d"}
	for name, flag := range flags {
		for value, want := range map[string]bool{"": true, "true": true, "false": false} {
			env := map[string]string{flag: value}
			for k, v := range base {
				env[k] = v
			}
			settings, _ := config.Load(env)
			list, err := JobList(settings)
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, entry := range list {
				if entry.Name == name {
					found = true
					if entry.Enabled != want {
						t.Errorf("%s with %s=%q: enabled %v", name, flag, value, entry.Enabled)
					}
				}
			}
			if !found {
				t.Fatalf("no job %s", name)
			}
		}
	}
	specs, err := Specs(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range config.CheckSpecs(specs) {
		t.Error(mistake)
	}
}
