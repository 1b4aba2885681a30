package offboardingmail_test

import (
	"context"
	"errors"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/betagouv/espace-membre/internal/offboarding"
	"github.com/betagouv/espace-membre/internal/offboarding/offboardingmail"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/mail"
)

var update = flag.Bool("update", false, "write the golden files again")

var links = offboardingmail.Links{Portal: "https://espace.exemple.org", Offers: "https://beta.exemple.org/offres"}

// notice is the letter of somebody with a mailbox, whose last day is the 20 January 2025.
func notice(kind offboarding.Kind, day string) offboarding.Notice {
	end, today := clock.MustDay("2025-01-20"), clock.MustDay(day)
	f := offboarding.Facts{
		End: end, Address: offboarding.Mailbox, Primary: "anne.part@exemple.org", Status: "EMAIL_ACTIVE", Secondary: true, Github: true, Tools: true,
		Off: map[string]bool{"deleteSecondaryEmailsForUsers": true},
	}
	if kind == offboarding.Closing {
		f.Status, f.StatusDay = "EMAIL_SUSPENDED", end.Add(5)
		f.Marks = []offboarding.Mark{{Job: "removeGithubUserFromOrganization", State: "done", Day: end.Add(1)}}
	}
	coming, done := offboarding.Stops(offboarding.Timeline(f, today))
	return offboarding.Notice{
		Kind: kind, Fullname: "Anne Part", End: end, Today: today, Coming: coming, Done: done, Address: f.Address, Fallback: f.Secondary,
	}
}

func letters() map[string]mail.Letter {
	asked := offboarding.AskedLetter{
		Fullname: "Lou Martin", Asker: "Anne Part", Username: "anne.part", Request: uuid.MustParse("11111111-1111-1111-1111-111111111111"),
		End: clock.MustDay("2025-01-20"), Wished: clock.MustDay("2025-06-30"), Expires: clock.MustDay("2025-02-19"),
		Message: "Le comité d’investissement est repoussé à juin.\nMerci !",
	}
	answered := offboarding.AnsweredLetter{Fullname: "Anne Part", Decider: "Lou Martin", Wished: clock.MustDay("2025-06-30")}
	accepted, recreate, refused := answered, answered, answered
	accepted.Accepted, accepted.Mailbox = true, offboarding.ComebackPassword
	recreate.Accepted, recreate.Mailbox, recreate.Answer = true, offboarding.ComebackRecreate, "Contente que tu restes."
	refused.Answer = "Parlons-en demain."
	agent := notice(offboarding.Closing, "2025-02-19")
	agent.Address, agent.Fallback = offboarding.Foreign, false
	kept := accepted
	kept.Mailbox = offboarding.ComebackNone
	return map[string]mail.Letter{
		"j-30":  offboardingmail.Notice(notice(offboarding.Ending30, "2024-12-21"), links),
		"j-15":  offboardingmail.Notice(notice(offboarding.Ending15, "2025-01-08"), links),
		"j-2":   offboardingmail.Notice(notice(offboarding.Ending2, "2025-01-18"), links),
		"j+1":   offboardingmail.Notice(notice(offboarding.Farewell, "2025-01-21"), links),
		"j+30":  offboardingmail.Notice(notice(offboarding.Closing, "2025-02-19"), links),
		"agent": offboardingmail.Notice(agent, links),

		"secondary": offboardingmail.SecondaryMissing(offboarding.MissingLetter{Fullname: "Anne Part"}, links),
		"asked":     offboardingmail.ExtensionAsked(asked, links),
		"accepted":  offboardingmail.ExtensionAnswered(accepted, links),
		"kept":      offboardingmail.ExtensionAnswered(kept, links),
		"recreate":  offboardingmail.ExtensionAnswered(recreate, links),
		"refused":   offboardingmail.ExtensionAnswered(refused, links),
	}
}

func TestGoldenLetters(t *testing.T) {
	for name, letter := range letters() {
		document, err := letter.HTML()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", document)
		golden(t, name+".txt", letter.Subject+"\n"+letter.Preheader+"\n\n"+letter.Text())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o750), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// What a departure must say: the last day, how to stay, and in French typography.
func TestEveryNoticeTellsTheEndAndHowToStay(t *testing.T) {
	all := letters()
	for _, name := range []string{"j-30", "j-15", "j-2", "j+1", "j+30"} {
		document, err := all[name].HTML()
		if err != nil {
			t.Fatal(err)
		}
		for part, text := range map[string]string{"text": all[name].Text(), "HTML": html.UnescapeString(document)} {
			for _, want := range []string{"20 janvier 2025", "https://espace.exemple.org/account/extension", "24 février 2025", "Anne Part"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, %s part: no %q", name, part, want)
				}
			}
			if strings.Contains(text, "qu'") || strings.Contains(text, "l'") || strings.Contains(text, "undefined") {
				t.Errorf("%s, %s part: a straight apostrophe", name, part)
			}
		}
	}
	if all["j+1"].Text() == all["j+30"].Text() || strings.Contains(all["j+1"].Text(), "se termine le") || strings.Contains(all["j+30"].Text(), "se termine le") {
		t.Error("the letters after the end are the same, or announce it")
	}
	if subject := all["j-15"].Subject; !strings.Contains(subject, "dans 12 jours") {
		t.Errorf("the delay is not counted from the day of sending: %s", subject)
	}
}

var tags = regexp.MustCompile(`(?s)<style>.*?</style>|<title>.*?</title>|<[^>]+>`)

// Both parts say the same words, since one source makes them.
func TestBothPartsSayTheSame(t *testing.T) {
	for name, letter := range letters() {
		document, err := letter.HTML()
		if err != nil {
			t.Fatal(err)
		}
		seen := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(document, " "))), " ")
		for _, line := range strings.Split(letter.Text(), "\n") {
			for _, word := range strings.Fields(line) {
				word = strings.Trim(word, "().:;,-=")
				if word != "" && !strings.Contains(seen, word) && !strings.Contains(html.UnescapeString(document), word) {
					t.Errorf("%s: the HTML part lacks %q", name, word)
				}
			}
		}
	}
}

// Somebody whose address is an administration's is not told of a mailbox of ours.
func TestALetterSuitsTheAddress(t *testing.T) {
	all := letters()
	if text := all["agent"].Text(); strings.Contains(text, "ta boîte est réactivée") || strings.Contains(text, "adresse secondaire") {
		t.Errorf("to an agent: %s", text)
	}
	if text := all["j+30"].Text(); !strings.Contains(text, "ta boîte est réactivée") {
		t.Errorf("to the owner of a mailbox: %s", text)
	}
}

func TestWordsOfPeopleAreNotHTML(t *testing.T) {
	letter := offboardingmail.ExtensionAsked(offboarding.AskedLetter{Fullname: "a", Asker: "<b>Anne", Message: "<script>alert(1)</script>"}, links)
	document, err := letter.HTML()
	if err != nil || strings.Contains(document, "<b>Anne") || strings.Contains(document, "<script>") {
		t.Errorf("unsafe (%v)", err)
	}
}

type box struct {
	sent []mail.Message
	down error
}

func (b *box) Send(_ context.Context, m mail.Message) error {
	b.sent = append(b.sent, m)
	return b.down
}

func TestSendingKeepsKeyAndRecipientAndTheKindOfErrors(t *testing.T) {
	b := &box{}
	l := offboardingmail.New(b, offboardingmail.Links{Portal: "https://espace.exemple.org/"})
	if err := l.Notice(t.Context(), "sendJ1Email/x/2025-01-20/primary", "anne@ailleurs.fr", notice(offboarding.Farewell, "2025-01-21")); err != nil {
		t.Fatal(err)
	}
	if m := b.sent[0]; m.To != "anne@ailleurs.fr" || m.Key != "sendJ1Email/x/2025-01-20/primary" || strings.Contains(m.Text, "org//") {
		t.Errorf("sent %+v", m)
	}
	b.down = fault.New(fault.Unavailable, "", "down")
	if err := l.SecondaryMissing(t.Context(), "k", "anne@ailleurs.fr", offboarding.MissingLetter{Fullname: "Anne"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}
