package ovh

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// Codes of OVH's refusals, as its API answers them.
const (
	codeKey        = "INVALID_KEY"        // 403: unknown application key
	codeCredential = "INVALID_CREDENTIAL" // 403: unknown, expired or revoked consumer key
	codeSignature  = "INVALID_SIGNATURE"  // 400: wrong secret, or a request altered on its way
	codeExpired    = "QUERY_TIME_OUT"     // 400: timestamp too far from OVH's clock
	codeNotGranted = "NOT_GRANTED_CALL"   // 403: the consumer key has no right to this call
	noService      = "This service does not exist"
	badURL         = "Got an invalid (or empty) URL"
)

// refused is what OVH says when it refuses.
type refused struct{ code, message string }

// refusal reads OVH's answer in an error; empty when the error is something else.
func refusal(err error) refused {
	status, ok := errors.AsType[*httpclient.StatusError](err)
	if !ok {
		return refused{}
	}
	var answer struct{ ErrorCode, Message string }
	if json.Unmarshal([]byte(status.Body), &answer) != nil {
		return refused{}
	}
	return refused{answer.ErrorCode, answer.Message}
}

// explain gives an error of OVH the kind and the French sentence that its reader can use;
// credentials, signature and rights are Forbidden, a missing service is Invalid, the rest
// keeps the kind of its status.
func explain(err error) error {
	if err == nil {
		return nil
	}
	r := refusal(err)
	switch {
	case r.code == codeKey:
		return fault.New(fault.Forbidden, "OVH ne connaît pas notre clé d’application : vérifie OVH_APP_KEY.", "ovh refuses the application key: %w", err)
	case r.code == codeCredential:
		return fault.New(fault.Forbidden, "OVH refuse notre clé de consommateur (absente, expirée ou révoquée) : vérifie OVH_CONSUMER_KEY.", "ovh refuses the consumer key: %w", err)
	case r.code == codeSignature:
		return fault.New(fault.Forbidden, "OVH refuse notre signature : vérifie OVH_APP_SECRET.", "ovh refuses the signature: %w", err)
	case r.code == codeExpired:
		return fault.New(fault.Forbidden, "OVH trouve notre demande périmée : vérifie l’horloge de la machine.", "ovh refuses the timestamp: %w", err)
	case r.code == codeNotGranted:
		return fault.New(fault.Forbidden, "Notre clé OVH n’a pas le droit de faire cet appel.", "ovh does not grant the call: %w", err)
	case strings.HasPrefix(r.message, noService):
		return fault.New(fault.Invalid, "OVH ne connaît pas ce service : vérifie SECRETARIAT_DOMAIN, OVH_EMAIL_PRO_NAME et OVH_EMAIL_EXCHANGE_NAME.", "unknown ovh service: %w", err)
	case absent(err) && (r.message == "" || strings.HasPrefix(r.message, badURL)):
		// read as an absence, a wrong address would make us create what exists
		return fault.New(fault.Invalid, "OVH ne reconnaît pas notre appel : vérifie OVH_ENDPOINT.", "not an answer of ovh's: %w", err)
	case absent(err):
		return fault.New(fault.NotFound, "OVH ne connaît pas cet élément.", "absent from ovh: %w", err)
	}
	return err
}
