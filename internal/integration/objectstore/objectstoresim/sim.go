// Package objectstoresim is a simulated object storage with one bucket, written from Amazon's
// documentation of S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/): signatures of version
// 4, of whole and of chunked bodies, objects, ranges and conditions. It refuses as S3 does, with
// its XML errors. It shares nothing with our client.
package objectstoresim

import (
	"bytes"
	"crypto/md5" //nolint:gosec // S3 names contents by their MD5
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// Config is the account and the bucket that the simulated storage knows.
type Config struct {
	KeyID, Key string
	Bucket     string
	Region     string      // empty: us-east-1
	Clock      clock.Clock // nil: the system's, as clients sign with theirs
}

// Sim is a simulated storage. It is an http.Handler, safe for concurrent use. Addresses are
// /<bucket>/<key>, read from the request line: a prefix stripped on the way does not count, so
// that the sandbox may serve the bucket as a vendor.
type Sim struct {
	config Config

	mu      sync.Mutex
	objects map[string]object
}

// New makes an empty bucket.
func New(c Config) *Sim {
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	return &Sim{config: c, objects: map[string]object{}}
}

// refusal is an error worded as S3 words it.
type refusal struct {
	status        int
	code, message string
}

// Error gives the code.
func (r refusal) Error() string { return r.code }

func refuse(status int, code, message string) error { return refusal{status, code, message} }

// ServeHTTP answers as S3.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		s.fail(w, r, refuse(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI."))
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(target.Path, "/"), "/")
	if err := s.serve(w, r, target, bucket, key); err != nil {
		s.fail(w, r, err)
	}
}

func (s *Sim) serve(w http.ResponseWriter, r *http.Request, target *url.URL, bucket, key string) error {
	signed, err := s.authenticate(r, target)
	switch {
	case err != nil:
		return err
	case bucket != s.config.Bucket:
		return refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
	case key == "" && r.Method == http.MethodHead:
		w.WriteHeader(http.StatusOK)
		return nil
	case key == "" || target.RawQuery != "" && target.Query().Get("x-id") == "":
		return refuse(http.StatusNotImplemented, "NotImplemented", "A header or query you provided implies functionality that is not implemented.")
	case len(key) > 1024:
		return refuse(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return s.read(w, r, key)
	case http.MethodPut:
		return s.put(w, r, key, signed)
	case http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
}

func (s *Sim) read(w http.ResponseWriter, r *http.Request, key string) error {
	s.mu.Lock()
	found, ok := s.objects[key]
	s.mu.Unlock()
	if !ok {
		return refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	w.Header().Set("Content-Type", found.MediaType)
	w.Header().Set("ETag", found.tag())
	http.ServeContent(w, r, "", found.Modified, bytes.NewReader(found.Content))
	return nil
}

func (s *Sim) put(w http.ResponseWriter, r *http.Request, key string, signed signature) error {
	if r.ContentLength < 0 {
		return refuse(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	content, err := signed.body(r)
	if err != nil {
		return err
	}
	if wanted := r.Header.Get("Content-Md5"); wanted != "" {
		sum := md5.Sum(content) //nolint:gosec // see above
		if base64.StdEncoding.EncodeToString(sum[:]) != wanted {
			return refuse(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
		}
	}
	kept := object{MediaType: r.Header.Get("Content-Type"), Content: content, Modified: s.config.Clock.Now().UTC().Truncate(time.Second)}
	if kept.MediaType == "" {
		kept.MediaType = "binary/octet-stream"
	}
	s.mu.Lock()
	s.objects[key] = kept
	s.mu.Unlock()
	w.Header().Set("ETag", kept.tag())
	w.WriteHeader(http.StatusOK)
	return nil
}

// tag names a content, as S3 does.
func (o object) tag() string {
	sum := md5.Sum(o.Content) //nolint:gosec // see above
	return strconv.Quote(hex.EncodeToString(sum[:]))
}

func (s *Sim) fail(w http.ResponseWriter, r *http.Request, err error) {
	refused, ok := errors.AsType[refusal](err)
	if !ok {
		refused = refusal{http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"}
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(refused.status)
	if r.Method == http.MethodHead {
		return
	}
	// The client may be gone.
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		Resource  string
		RequestID string `xml:"RequestId"`
	}{Code: refused.code, Message: refused.message, Resource: r.URL.Path, RequestID: "4442587FB7D0A2F9"})
}
