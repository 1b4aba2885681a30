package ovhsim

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Config is the account that the simulated OVH knows.
type Config struct {
	AppKey, AppSecret, ConsumerKey string
	Domain                         string
	ProService, ExchangeService    string        // empty: the service does not exist
	Delay                          time.Duration // how long a created MX mailbox stays invisible; zero: not at all
	ListDelay                      time.Duration // how long an order about a subscriber takes to show; zero: not at all
	Clock                          clock.Clock   // OVH's own clock; nil: the system's
}

// Sim is a simulated OVH; it is an http.Handler, safe for concurrent use. It serves
// /auth/time, /email/domain/… and ignores a prefix that ends with /1.0 (/ovh/1.0, say).
type Sim struct {
	config Config
	mux    *http.ServeMux

	mu    sync.Mutex
	state state
}

// New makes a simulated OVH without any mailbox.
func New(c Config) *Sim {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	s := &Sim{config: c, mux: http.NewServeMux(), state: emptyState()}
	s.routes()
	return s
}

func (s *Sim) routes() {
	s.mux.HandleFunc("GET /auth/time", s.time)
	for pattern, h := range map[string]handler{
		"GET /email/domain/{domain}":                                s.domain,
		"GET /email/domain/{domain}/account":                        s.listMX,
		"POST /email/domain/{domain}/account":                       s.createMX,
		"GET /email/domain/{domain}/account/{name}":                 s.getMX,
		"DELETE /email/domain/{domain}/account/{name}":              s.deleteMX,
		"POST /email/domain/{domain}/account/{name}/changePassword": s.changeMXPassword,
		"POST /email/domain/{domain}/account/{name}/migrate/{service}/destinationEmailAddress/{address}/migrate": s.migrate,
		"POST /email/domain/{domain}/redirection/{id}/changeRedirection":                                         s.changeRedirection,
		"GET /email/domain/{domain}/responder":                                                                   s.listResponders,
		"POST /email/domain/{domain}/responder":                                                                  s.createResponder,
		"GET /email/domain/{domain}/responder/{account}":                                                         s.getResponder,
		"PUT /email/domain/{domain}/responder/{account}":                                                         s.putResponder,
		"DELETE /email/domain/{domain}/responder/{account}":                                                      s.deleteResponder,
		"GET /email/domain/{domain}/redirection":                                                                 s.listRedirections,
		"POST /email/domain/{domain}/redirection":                                                                s.createRedirection,
		"GET /email/domain/{domain}/redirection/{id}":                                                            s.getRedirection,
		"DELETE /email/domain/{domain}/redirection/{id}":                                                         s.deleteRedirection,
		"GET /email/pro/{service}/account":                                                                       s.listHosted(pro),
		"GET /email/pro/{service}/account/{address}":                                                             s.getHosted(pro),
		"PUT /email/pro/{service}/account/{address}":                                                             s.putHosted(pro),
		"DELETE /email/pro/{service}/account/{address}":                                                          s.resetHosted(pro),
		"POST /email/pro/{service}/account/{address}/changePassword":                                             s.changeHostedPassword(pro),
		"GET " + exchangePath + "/account":                                                                       s.listHosted(exchange),
		"GET " + exchangePath + "/account/{address}":                                                             s.getHosted(exchange),
		"PUT " + exchangePath + "/account/{address}":                                                             s.putHosted(exchange),
		"DELETE " + exchangePath + "/account/{address}":                                                          s.resetHosted(exchange),
		"POST " + exchangePath + "/account/{address}/changePassword":                                             s.changeHostedPassword(exchange),
	} {
		s.mux.HandleFunc(pattern, s.signed(h))
	}
	for pattern, h := range s.listHandlers() {
		s.mux.HandleFunc(pattern, s.signed(h))
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, refuse(http.StatusNotFound, "", "Got an invalid (or empty) URL"))
	})
}

const exchangePath = "/email/exchange/{organization}/service/{service}"

// ServeHTTP answers as OVH.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	prefix := ""
	if before, _, versioned := strings.Cut(r.URL.Path, "/1.0/"); versioned {
		prefix = before + "/1.0"
	}
	http.StripPrefix(prefix, s.mux).ServeHTTP(w, r)
}

func (s *Sim) time(w http.ResponseWriter, _ *http.Request) {
	write(w, answer{http.StatusOK, s.config.Clock.Now().Unix()})
}

func (s *Sim) domain(r *http.Request, _ []byte) answer {
	if bad, ok := s.checkDomain(r); !ok {
		return bad
	}
	return answer{http.StatusOK, map[string]any{"domain": s.config.Domain, "status": "ok"}}
}

func (s *Sim) checkDomain(r *http.Request) (answer, bool) {
	if r.PathValue("domain") != s.config.Domain {
		return refuse(http.StatusNotFound, "", "This service does not exist"), false
	}
	return answer{}, true
}

// AddMailbox puts a mailbox there, as one made long ago; plan is EMAIL_PLAN_BASIC,
// EMAIL_PLAN_PRO or EMAIL_PLAN_EXCHANGE. Used to prepare a sample.
func (s *Sim) AddMailbox(plan, local string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	address := local + "@" + s.config.Domain
	switch plan {
	case "EMAIL_PLAN_PRO":
		s.state.Pro[address] = hosted{Address: address, Login: local, Domain: s.config.Domain}
	case "EMAIL_PLAN_EXCHANGE":
		s.state.Exchange[address] = hosted{Address: address, Login: local, Domain: s.config.Domain}
	default:
		s.state.MX[local] = mailbox{Name: local}
	}
}

// AddPlaceholders adds n free accounts to a service (EMAIL_PLAN_PRO or EMAIL_PLAN_EXCHANGE).
func (s *Sim) AddPlaceholders(plan string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	accounts := s.state.Pro
	if plan == "EMAIL_PLAN_EXCHANGE" {
		accounts = s.state.Exchange
	}
	for range n {
		one := s.placeholder()
		accounts[one.Address] = one
	}
}

// AddRedirection puts a redirection there.
func (s *Sim) AddRedirection(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addRedirection(from, to)
}

// Block stops an MX mailbox, as OVH does after abuse; an unknown one is ignored.
func (s *Sim) Block(local string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.state.MX[local]; ok {
		m.Blocked = true
		s.state.MX[local] = m
	}
}

// sorted gives the keys of a map in order.
func sorted[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
