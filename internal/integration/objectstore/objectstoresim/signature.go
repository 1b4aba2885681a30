package objectstoresim

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	stamp     = "20060102T150405Z"
	// tolerance is how far the date of a request may be from the storage's.
	tolerance = 15 * time.Minute
)

// signature is a verified one, which the chunks of a body go on from.
type signature struct {
	key     []byte // derived for the day, the region and the service
	date    string // x-amz-date
	scope   string
	value   string // hexadecimal
	payload string // x-amz-content-sha256
}

// authenticate checks a signature of version 4 in the header Authorization.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func (s *Sim) authenticate(r *http.Request, target *url.URL) (signature, error) {
	fields, ok := authorization(r.Header.Get("Authorization"))
	if !ok {
		return signature{}, refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	id, scope, _ := strings.Cut(fields["Credential"], "/")
	if id != s.config.KeyID {
		return signature{}, refuse(http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	}
	date := r.Header.Get("X-Amz-Date")
	at, err := time.Parse(stamp, date)
	if err != nil || scope != date[:8]+"/"+s.config.Region+"/s3/aws4_request" {
		return signature{}, refuse(http.StatusBadRequest, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region or the date is wrong")
	}
	if s.config.Clock.Now().Sub(at).Abs() > tolerance {
		return signature{}, refuse(http.StatusForbidden, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
	}
	signed := signature{key: derive(s.config.Key, date[:8], s.config.Region), date: date, scope: scope, payload: r.Header.Get("X-Amz-Content-Sha256")}
	names := strings.Split(fields["SignedHeaders"], ";")
	if signed.payload == "" || !slices.Contains(names, "host") || !slices.Contains(names, "x-amz-date") {
		return signature{}, refuse(http.StatusBadRequest, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
	}
	signed.value = signed.sign(algorithm + "\n" + date + "\n" + scope + "\n" + hash([]byte(canonical(r, target, names, signed.payload))))
	if subtle.ConstantTimeCompare([]byte(signed.value), []byte(fields["Signature"])) != 1 {
		return signature{}, refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
	}
	return signed, nil
}

// authorization reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func authorization(header string) (map[string]string, bool) {
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	return fields, ok && fields["Credential"] != "" && fields["SignedHeaders"] != "" && fields["Signature"] != ""
}

// canonical writes a request as its signature covers it.
func canonical(r *http.Request, target *url.URL, names []string, payload string) string {
	var b strings.Builder
	path := target.EscapedPath()
	if path == "" {
		path = "/"
	}
	b.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(target.Query()) + "\n")
	for _, name := range names {
		values := r.Header.Values(name)
		switch name {
		case "host":
			values = []string{r.Host}
		case "content-length":
			values = []string{r.Header.Get("Content-Length")}
		}
		for i := range values {
			values[i] = strings.Join(strings.Fields(values[i]), " ")
		}
		b.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	b.WriteString("\n" + strings.Join(names, ";") + "\n" + payload)
	return b.String()
}

func canonicalQuery(query url.Values) string {
	var parts []string
	for name, values := range query {
		for _, value := range values {
			parts = append(parts, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func derive(secret, day, region string) []byte {
	key := mac([]byte("AWS4"+secret), day)
	return mac(mac(mac(key, region), "s3"), "aws4_request")
}

func (s signature) sign(text string) string { return hex.EncodeToString(mac(s.key, text)) }

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
