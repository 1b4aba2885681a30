package web

import (
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

// Text reads a field of a form: trimmed, line ends as \n.
func Text(r *http.Request, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
}

// Texts reads the non-empty values of a repeated field of a form.
func Texts(r *http.Request, name string) []string {
	_ = r.PostFormValue(name) // reads the form
	var list []string
	for _, value := range r.PostForm[name] {
		if value = strings.TrimSpace(value); value != "" {
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
