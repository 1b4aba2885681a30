package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// visitor is a browser without script: it keeps cookies and follows no redirection.
type visitor struct {
	*demo
	http http.Client
}

func (d *demo) visitor() *visitor {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return &visitor{d, http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (v *visitor) get(path string) *webtest.Answer {
	v.t.Helper()
	return v.send(http.MethodGet, path, nil, nil)
}

// post sends a form as a page of the portal does.
func (v *visitor) post(path string, form url.Values) *webtest.Answer {
	v.t.Helper()
	return v.send(http.MethodPost, path, form, http.Header{"Origin": {v.url()}, "Sec-Fetch-Site": {"same-origin"}})
}

func (v *visitor) send(method, path string, form url.Values, header http.Header) *webtest.Answer {
	v.t.Helper()
	r, err := http.NewRequest(method, v.url()+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	w, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer w.Body.Close()
	body, err := io.ReadAll(w.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return &webtest.Answer{Status: w.StatusCode, Header: w.Header, Body: string(body)}
}

// logIn asks for a link, follows the one that the sandbox caught, and pushes its button.
func (v *visitor) logIn(address string) {
	v.t.Helper()
	before := len(v.mailsTo(address))
	if got := v.post("/login", url.Values{"email": {address}}); got.Status >= 400 {
		v.t.Fatalf("asking for a link: %d %s", got.Status, got.Text())
	}
	landing := v.get(v.loginLink(address, before))
	got := v.post("/signin", url.Values{"token": {landing.Field("token")}})
	if got.Status != http.StatusSeeOther {
		v.t.Fatalf("following the link: %d %s", got.Status, got.Text())
	}
}

var signin = regexp.MustCompile(`http://[^\s"]+(/signin\?token=[A-Za-z0-9_-]+)`)

// loginLink waits for one more mail to an address than before, and gives the path of its link.
func (d *demo) loginLink(address string, before int) string {
	d.t.Helper()
	d.await("the login mail is caught", func() bool { return len(d.mailsTo(address)) > before })
	found := signin.FindStringSubmatch(d.mailsTo(address)[0].Text)
	if found == nil {
		d.t.Fatalf("no login link in: %s", d.mailsTo(address)[0].Text)
	}
	return found[1]
}

// mail is what the sandbox tells of a caught mail.
type mail struct {
	From      string `json:"from"`
	To        string `json:"to"`
	Subject   string `json:"subject"`
	Text      string `json:"text"`
	HTML      string `json:"html"`
	MessageID string `json:"message_id"`
}

// mailsTo lists the caught mails of an address, newest first; all of them when it is empty.
func (d *demo) mailsTo(address string) []mail {
	d.t.Helper()
	return fetch[[]mail](d.t, d.sandbox("/mail/messages?to="+url.QueryEscape(address)))
}

// subjects lists the subjects of the mails caught for an address, oldest first.
func (d *demo) subjects(address string) []string {
	d.t.Helper()
	var list []string
	for _, m := range d.mailsTo(address) {
		list = append([]string{m.Subject}, list...)
	}
	return list
}

// fetch reads the JSON at an address of the sandbox.
func fetch[T any](t *testing.T, address string) T {
	t.Helper()
	var value T
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %v: %s", address, response.StatusCode, err, text)
	}
	return value
}

// fault switches a fault of the sandbox on.
func (d *demo) fault(description string) {
	d.t.Helper()
	response, err := http.Post(d.sandbox("/faults"), "application/json", strings.NewReader(description))
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(response.Body) // told with the status
		d.t.Fatalf("fault %s: %d %s", description, response.StatusCode, text)
	}
}

// calm ends every fault of the sandbox.
func (d *demo) calm() {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodDelete, d.sandbox("/faults"), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		d.t.Fatalf("ending the faults: %d", response.StatusCode)
	}
}

// mailboxes lists the names of the mailboxes of the simulated OVH, whatever their plan.
func (d *demo) mailboxes() map[string]bool {
	d.t.Helper()
	type hosted struct {
		Login      string
		Configured bool
	}
	state := fetch[struct {
		MX            map[string]struct{}
		Pro, Exchange map[string]hosted
	}](d.t, d.sandbox("/state/ovh"))
	names := map[string]bool{}
	for name := range state.MX {
		names[name] = true
	}
	for _, plan := range []map[string]hosted{state.Pro, state.Exchange} {
		for _, account := range plan {
			if account.Configured {
				names[account.Login] = true
			}
		}
	}
	return names
}

// rows asks the private database and gives the texts of one column.
func (d *demo) rows(sql string, args ...any) []string {
	d.t.Helper()
	address := fetch[struct {
		URL string `json:"url"`
	}](d.t, d.sandbox("/state/database")).URL
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

func fetchText(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
