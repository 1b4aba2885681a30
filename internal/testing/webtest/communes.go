package webtest

import (
	"os"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/geo"
)

// Communes skips a test where a build has not copied the official list of communes, and fails it
// where CI is set.
func Communes(t testing.TB) {
	t.Helper()
	if err := geo.Ready(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}
