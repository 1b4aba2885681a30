package mailbox_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/betagouv/espace-membre/internal/testing/contract"
)

// descriptions are read once: each takes longer than most tests.
var descriptions sync.Map

// judged holds every exchange of a test with a vendor against its OpenAPI description, where that
// is at hand; beyond says what the description leaves out, and that the test may do.
func judged(t *testing.T, vendor, prefix string, sim http.Handler, beyond ...string) http.Handler {
	t.Helper()
	read, _ := descriptions.LoadOrStore(vendor, sync.OnceValue(func() *contract.Contract { return contract.Beside(t, vendor, prefix) }))
	c := read.(func() *contract.Contract)().Fresh()
	t.Cleanup(func() { c.Check(t, beyond...) })
	return c.Wrap(sim)
}

func judgedByOVH(t *testing.T, sim http.Handler) http.Handler {
	t.Helper()
	return judged(t, "ovh", "/1.0", sim,
		"GET /auth/time",
		"GET /email/domain/{domain}/account/{accountName} -> 404",
		"GET /email/pro/{service}/account/{email} -> 404",
		"GET /email/exchange/{organizationName}/service/{exchangeService}/account/{primaryEmailAddress} -> 404",
		"GET /email/domain/{domain}/responder/{account} -> 404",
		"PUT /email/domain/{domain}/responder/{account} -> 404",
		"POST /email/domain/{domain}/account -> 409",
	)
}

func judgedByBrevo(t *testing.T, sim http.Handler) http.Handler {
	t.Helper()
	return judged(t, "brevo", "/v3", sim)
}
