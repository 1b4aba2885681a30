package web

import (
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// Invalid gives the messages by field of an error, when it is one that the person can correct
// in the form. An Invalid fault without fields gives its sentence under the empty name.
func Invalid(err error) (map[string]string, bool) {
	if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		return nil, false
	}
	if fields := fault.FieldMessages(err); len(fields) > 0 {
		return fields, true
	}
	return map[string]string{"": fault.Public(err)}, true
}

// ReadForm reads the form of a request before its fields are: too large it is a 413, unreadable
// an Invalid fault, and never an empty form.
func ReadForm(r *http.Request) error {
	err := r.ParseForm()
	if err == nil {
		return nil
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return fault.New(fault.Invalid, "Ce formulaire n’est pas lisible : recharge la page et recommence.", "read a form: %w", err)
}

const (
	memberBody  = 16 << 20  // bytes that a member may send
	longestText = 128 << 10 // bytes of a field: no rule accepts as much
)

// cutTexts reads a form larger than a limit and cuts its fields, so that the rule of each one
// refuses it, and the page that shows it again stays light.
func cutTexts(r *http.Request, limit int64) error {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // unreadable: it is no form
	if r.ContentLength <= limit || kind != "application/x-www-form-urlencoded" {
		return nil
	}
	if err := ReadForm(r); err != nil {
		return err
	}
	for _, values := range r.PostForm {
		for i, value := range values {
			values[i] = value[:min(len(value), longestText)]
		}
	}
	return nil
}

// Text reads a field of a form: trimmed, line ends as \n. What is not UTF-8, and what no database
// stores, becomes U+FFFD, for the use-case to refuse and the form to show again.
func Text(r *http.Request, name string) string { return readable(r.PostFormValue(name)) }

func readable(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	return strings.TrimSpace(strings.ReplaceAll(text, "\x00", "\uFFFD"))
}

// Texts reads the non-empty values of a repeated field of a form.
func Texts(r *http.Request, name string) []string {
	_ = r.PostFormValue(name) // reads the form
	var list []string
	for _, value := range r.PostForm[name] {
		if value = readable(value); value != "" {
			list = append(list, value)
		}
	}
	return list
}

// Checked tells whether a box of a form was ticked.
func Checked(r *http.Request, name string) bool { return r.PostFormValue(name) != "" }

// SeeOther sends the browser to a page after a successful form. The path is one of ours.
func SeeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
