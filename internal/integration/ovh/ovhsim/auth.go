package ovhsim

import (
	"crypto/sha1" //nolint:gosec // OVH's signature is defined on SHA-1
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// handler answers one signed request, whose body is given whole.
type handler func(r *http.Request, body []byte) answer

// answer is a status and a value written as JSON.
type answer struct {
	status int
	value  any
}

// refuse is an error worded as OVH words it; code may be empty.
func refuse(status int, code, message string) answer {
	value := map[string]string{"message": message, "httpCode": strconv.Itoa(status) + " " + http.StatusText(status)}
	if code != "" {
		value["errorCode"] = code
	}
	return answer{status, value}
}

func write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	_ = json.NewEncoder(w).Encode(a.value) // the caller may be gone
}

const (
	maxBody = 1 << 20
	// tolerance is how far a timestamp may be from OVH's clock.
	tolerance = 30 * time.Second
)

func (s *Sim) signed(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			write(w, refuse(http.StatusBadRequest, "", "Unreadable body"))
			return
		}
		if bad, ok := s.authorized(r, body); !ok {
			write(w, bad)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		write(w, h(r, body))
	}
}

// authorized checks in OVH's order: the application, the consumer, the clock, the signature.
func (s *Sim) authorized(r *http.Request, body []byte) (answer, bool) {
	if r.Header.Get("X-Ovh-Application") != s.config.AppKey {
		return refuse(http.StatusForbidden, "INVALID_KEY", "This application key is invalid"), false
	}
	consumer := r.Header.Get("X-Ovh-Consumer")
	if consumer == "" {
		return refuse(http.StatusUnauthorized, "NOT_CREDENTIAL", "You must login first"), false
	}
	if consumer != s.config.ConsumerKey {
		return refuse(http.StatusForbidden, "INVALID_CREDENTIAL", "This credential is not valid"), false
	}
	timestamp := r.Header.Get("X-Ovh-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || s.config.Clock.Now().Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return refuse(http.StatusBadRequest, "QUERY_TIME_OUT", "Query out of time"), false
	}
	text := strings.Join([]string{s.config.AppSecret, consumer, r.Method, fullAddress(r), string(body), timestamp}, "+")
	sum := sha1.Sum([]byte(text)) //nolint:gosec // see above
	want := "$1$" + hex.EncodeToString(sum[:])
	if subtle.ConstantTimeCompare([]byte(want), []byte(r.Header.Get("X-Ovh-Signature"))) != 1 {
		return refuse(http.StatusBadRequest, "INVALID_SIGNATURE", "Invalid signature"), false
	}
	return answer{}, true
}

// fullAddress is the address that the client asked, whatever prefix was stripped on the way.
func fullAddress(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.RequestURI
}
