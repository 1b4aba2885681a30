package static_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/web/static"
)

func get(path, encoding string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	static.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
	return w.Result()
}

func TestAFileIsServedForEver(t *testing.T) {
	answer := get(static.URL("own/espace.css"), "")
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(answer.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", answer.StatusCode, answer.Header)
	}
}

func TestWhatIsNotAFileIsNotFound(t *testing.T) {
	for _, path := range []string{
		"/static/", "/static/000000000000/own/espace.css", static.URL(""), static.URL("own"), static.URL("own/nothing.css"),
		static.URL(".gitkeep"), static.URL("own/../own/espace.css"), static.URL("dist/dsfr/dsfr.min.css"), static.URL("dsfr/dsfr.min.css.gz"),
	} {
		if answer := get(path, ""); answer.StatusCode != 404 || answer.Header.Get("Cache-Control") != "" {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
}

func TestTheDesignSystemIsCompressed(t *testing.T) {
	if err := static.Ready(); err != nil {
		if !strings.Contains(err.Error(), "make assets") {
			t.Errorf("the message does not say what to do: %v", err)
		}
		t.Skip(err)
	}
	css := static.URL("dsfr/dsfr.min.css")
	if got := get(css, "br, gzip").Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("accepted: %q", got)
	}
	if got := get(css, "gzip;q=0").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("refused: %q", got)
	}
	for _, name := range []string{"dsfr/dsfr.module.min.js", "dsfr/system-dark.css", "dsfr/utility/icons/icons.min.css", "dsfr/fonts/Marianne-Regular.woff2", "dsfr/favicon/favicon.svg"} {
		if answer := get(static.URL(name), ""); answer.StatusCode != 200 {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
}
