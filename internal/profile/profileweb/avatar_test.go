package profileweb_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/profile"
	"github.com/betagouv/espace-membre/internal/testing/webtest"
)

// upload sends a file as a browser does; no name: a form without file.
func upload(t *testing.T, site *portal, client *webtest.Client, path, filename string, content []byte) *webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if filename != "" {
		part, err := form.CreateFormFile("photo", filename)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range client.Cookies() {
		r.AddCookie(cookie)
	}
	w, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &webtest.Answer{Status: w.StatusCode, Header: w.Header, Body: string(text)}
}

func portrait(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 60, 80))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWithoutPictureInitialsAreDrawn(t *testing.T) {
	site := start(t, profile.Ports{})
	_, colleague, _ := people(t, site)
	site.set(t, "helene.lefevre", `fullname = $1`, "<b>élodie & durand")
	got := site.As(t, colleague).Get(t, "/community/helene.lefevre/avatar")
	if got.Status != 200 || got.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || !strings.Contains(got.Body, ">&lt;D</text>") {
		t.Errorf("%d %s: %s", got.Status, got.Header.Get("Content-Type"), got.Body)
	}
	if got := site.Visitor(t).Get(t, "/community/helene.lefevre/avatar"); got.Status != http.StatusSeeOther {
		t.Errorf("anonymous: %d", got.Status)
	}
}

func TestAPictureIsChangedShownAndRemoved(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, _ := people(t, site)
	client, other := site.As(t, owner), site.As(t, colleague)
	if got := upload(t, site, client, "/account/photo", "moi.png", portrait(t)); got.Status != http.StatusSeeOther || got.Header.Get("Location") != "/account" {
		t.Fatalf("upload: %d %s", got.Status, got.Body)
	}
	got := other.Get(t, "/community/helene.lefevre/avatar")
	header := got.Header
	if got.Status != 200 || header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(got.Body, "\xff\xd8\xff") ||
		!strings.HasPrefix(header.Get("Content-Disposition"), "attachment") || header.Get("Cache-Control") != "private, no-cache" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", got.Status, header)
	}
	other.Header.Set("If-None-Match", header.Get("ETag"))
	if again := other.Get(t, "/community/helene.lefevre/avatar"); again.Status != http.StatusNotModified || again.Body != "" {
		t.Errorf("the same picture: %d, %d bytes", again.Status, len(again.Body))
	}
	if got := client.Post(t, "/account/photo/delete", nil); got.Status != http.StatusSeeOther {
		t.Errorf("delete: %d", got.Status)
	}
	if again := other.Get(t, "/community/helene.lefevre/avatar"); again.Status != 200 || again.Header.Get("Content-Type") == "image/jpeg" {
		t.Errorf("removed: %d %s", again.Status, again.Header.Get("Content-Type"))
	}
	if got := client.Post(t, "/account/photo/delete", nil); got.Status != http.StatusSeeOther {
		t.Errorf("delete again: %d", got.Status)
	}
	var codes []string
	rows, _ := site.Pool.Query(context.Background(), `SELECT code || ' ' || actor FROM audit_event WHERE member_id = $1 ORDER BY id`, owner)
	for rows.Next() {
		var code string
		_ = rows.Scan(&code)
		codes = append(codes, code)
	}
	if want := "MEMBER_AVATAR_UPDATED helene.lefevre,MEMBER_AVATAR_DELETED helene.lefevre"; strings.Join(codes, ",") != want {
		t.Errorf("history: %v", codes)
	}
}

func TestOnlyTheOwnerAndAdministratorsChangeAPicture(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, colleague, admin := people(t, site)
	gone := site.Member(t, webtest.Person{Username: "zoe.partie", End: "2024-12-14"})
	for name, c := range map[string]struct {
		client *webtest.Client
		path   string
		want   int
	}{
		"a colleague": {site.As(t, colleague), "/community/helene.lefevre/photo", 403}, "the administrator": {site.As(t, admin), "/community/helene.lefevre/photo", 303},
		"the owner, by the other door": {site.As(t, owner), "/community/helene.lefevre/photo", 303}, "a limited session": {site.As(t, gone), "/account/photo", 403},
		"nobody": {site.Visitor(t), "/community/helene.lefevre/photo", 303}, "an unknown person": {site.As(t, admin), "/community/inconnue/photo", 404},
	} {
		if got := upload(t, site, c.client, c.path, "a.png", portrait(t)); got.Status != c.want || name == "nobody" && got.Header.Get("Location") != "/login" {
			t.Errorf("%s sends: %d", name, got.Status)
		}
		if got := c.client.Post(t, c.path+"/delete", nil); got.Status != c.want {
			t.Errorf("%s deletes: %d", name, got.Status)
		}
	}
	if got := site.As(t, colleague).Get(t, "/community/helene.lefevre/photo"); got.Status != 403 {
		t.Errorf("the form for a colleague: %d", got.Status)
	}
	if page := site.As(t, colleague).Get(t, "/community/helene.lefevre"); strings.Contains(page.Text(), "Changer la photo") {
		t.Error("a colleague is offered to change the picture")
	}
}

func TestABadPictureIsRefusedInTheForm(t *testing.T) {
	site := start(t, profile.Ports{})
	owner, _, _ := people(t, site)
	client := site.As(t, owner)
	for name, c := range map[string]struct {
		filename string
		content  []byte
		status   int
		message  string
	}{
		"no file": {"", nil, 422, "Choisis une image"}, "an empty one": {"a.png", nil, 422, "n’est pas une image"},
		"a page named as a picture": {"a.jpg", []byte("<script>alert(1)</script>"), 422, "n’est pas une image"},
		"heavier than accepted":     {"a.png", append(portrait(t), make([]byte, 500<<10)...), 422, "trop lourde"},
		"a whole photograph":        {"a.png", make([]byte, 6<<20), 422, "trop lourde"},
		"heavier than any request":  {"a.png", make([]byte, 17<<20), 413, "dépasse la taille"},
	} {
		got := upload(t, site, client, "/account/photo", c.filename, c.content)
		if got.Status != c.status || !strings.Contains(got.Text(), c.message) {
			t.Errorf("%s: %d %s", name, got.Status, got.Text())
		}
		if c.status == 422 && !strings.Contains(got.Described("photo"), c.message) {
			t.Errorf("%s: the message is not tied to the field: %q", name, got.Described("photo"))
		}
	}
	if got := client.Post(t, "/account/photo", map[string][]string{"photo": {"x"}}); got.Status != 422 {
		t.Errorf("not a form with files: %d", got.Status)
	}
}

// down is a storage that does not answer.
type down struct{ files.Store }

func (down) Stat(context.Context, string) (files.Info, error) {
	return files.Info{}, fault.New(fault.Unavailable, "", "%w", errors.New("down"))
}

func (down) Put(context.Context, string, files.File) error {
	return fault.New(fault.Unavailable, "", "%w", errors.New("down"))
}

func TestAStorageThatIsDownGivesTheFormBack(t *testing.T) {
	site := start(t, profile.Ports{Files: down{}})
	owner, _, _ := people(t, site)
	client := site.As(t, owner)
	if page := client.Get(t, "/account/photo"); page.Status != http.StatusOK || !strings.Contains(page.Text(), "ne répondent pas") {
		t.Errorf("the form: %d %s", page.Status, page.Text())
	}
	got := upload(t, site, client, "/account/photo", "a.png", portrait(t))
	if got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Described("photo"), "réessaie") {
		t.Errorf("%d, at the field: %q", got.Status, got.Described("photo"))
	}
	if got := client.Post(t, "/account/photo/delete", nil); got.Status != http.StatusServiceUnavailable || !strings.Contains(got.Text(), "réessaie") {
		t.Errorf("removing it: %d %s", got.Status, got.Text())
	}
	var told int
	if err := site.Pool.QueryRow(t.Context(), `SELECT count(*) FROM audit_event WHERE code = 'MEMBER_AVATAR_UPDATED'`).Scan(&told); err != nil || told != 0 {
		t.Errorf("%d changes told (%v)", told, err)
	}
}

func TestAStorageThatIsDownLeavesInitials(t *testing.T) {
	site := start(t, profile.Ports{Files: down{}})
	owner, _, _ := people(t, site)
	if got := site.As(t, owner).Get(t, "/community/helene.lefevre/avatar"); got.Status != 200 || !strings.Contains(got.Body, ">HL</text>") {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}
