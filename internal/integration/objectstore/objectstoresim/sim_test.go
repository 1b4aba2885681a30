package objectstoresim

import (
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/platform/clock"
)

// The example of Amazon's documentation: its key, its date, its request, its signature.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func example() (*Sim, *http.Request) {
	s := New(Config{
		KeyID: "AKIAIOSFODNN7EXAMPLE", Key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Bucket: "test.txt", Clock: clock.At(clock.MustDay("2013-05-24"), 2, 0),
	})
	r := httptest.NewRequest(http.MethodGet, "/test.txt", nil)
	r.Host = "examplebucket.s3.amazonaws.com"
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set("X-Amz-Content-Sha256", hash(nil))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"+
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
	return s, r
}

func TestTheSignatureOfTheDocumentationIsAccepted(t *testing.T) {
	s, r := example()
	if _, err := s.authenticate(r, r.URL); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAmazonRefusesIsRefused(t *testing.T) {
	for code, spoil := range map[string]func(s *Sim, r *http.Request){
		"AccessDenied":                 func(_ *Sim, r *http.Request) { r.Header.Del("Authorization") },
		"InvalidAccessKeyId":           func(s *Sim, _ *http.Request) { s.config.KeyID = "autre" },
		"AuthorizationHeaderMalformed": func(s *Sim, _ *http.Request) { s.config.Region = "fr-par" },
		"RequestTimeTooSkewed":         func(s *Sim, _ *http.Request) { s.config.Clock = clock.At(clock.MustDay("2013-05-24"), 2, 16) },
		"SignatureDoesNotMatch":        func(_ *Sim, r *http.Request) { r.Header.Set("Range", "bytes=0-10") },
		"InvalidRequest":               func(_ *Sim, r *http.Request) { r.Header.Del("X-Amz-Content-Sha256") },
		"NoSuchBucket":                 func(s *Sim, _ *http.Request) { s.config.Bucket = "autre" },
		"NotImplemented":               func(*Sim, *http.Request) {}, // listing a bucket
	} {
		s, r := example()
		spoil(s, r)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var answer struct{ Code, Message string }
		if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Code != code || answer.Message == "" || w.Code < 400 {
			t.Errorf("%d %s, want %s", w.Code, w.Body, code)
		}
	}
}

func TestBodiesAreChecked(t *testing.T) {
	sent := func(payload, body, decoded string) error {
		r := httptest.NewRequest(http.MethodPut, "/a/b", strings.NewReader(body))
		r.Header.Set("X-Amz-Decoded-Content-Length", decoded)
		_, err := signature{payload: payload, key: []byte("k"), value: "v"}.body(r)
		return err
	}
	if err := sent(hash([]byte("abc")), "abc", ""); err != nil {
		t.Error(err)
	}
	if err := sent(unsignedTrailer, "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:x\r\n\r\n", "3"); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another content":   sent(hash([]byte("abc")), "abd", ""),
		"a false signature": sent(signedChunks, "3;chunk-signature=0\r\nabc\r\n0;chunk-signature=0\r\n\r\n", "3"),
		"a cut chunk":       sent(unsignedTrailer, "4\r\nabc", "4"),
		"no last chunk":     sent(unsignedTrailer, "3\r\nabc\r\n", "3"),
		"another length":    sent(unsignedTrailer, "3\r\nabc\r\n0\r\n\r\n", "4"),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestTheStateSurvives(t *testing.T) {
	s := New(Config{Bucket: "b"})
	s.objects["a"] = object{MediaType: "image/png", Content: []byte("x")}
	text, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := New(Config{Bucket: "b"})
	if err := again.Restore(text); err != nil || string(again.objects["a"].Content) != "x" {
		t.Errorf("%v, %v", again.objects, err)
	}
	if err := again.Restore([]byte("{")); err == nil {
		t.Error("a broken snapshot is accepted")
	}
}
