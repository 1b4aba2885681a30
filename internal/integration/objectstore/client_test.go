package objectstore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/integration/objectstore"
	"github.com/betagouv/espace-membre/internal/integration/objectstore/objectstoresim"
	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
	"github.com/betagouv/espace-membre/internal/testing/filestest"
)

func storage(t *testing.T, handler http.Handler, change func(*objectstore.Config)) *objectstore.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	config := objectstore.Config{Endpoint: server.URL, KeyID: "clé", Key: "secret", Bucket: "fichiers", Region: "fr-par", Timeout: 5 * time.Second}
	if change != nil {
		change(&config)
	}
	client, err := objectstore.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func sim(change func(*objectstoresim.Config)) *objectstoresim.Sim {
	config := objectstoresim.Config{KeyID: "clé", Key: "secret", Bucket: "fichiers", Region: "fr-par"}
	if change != nil {
		change(&config)
	}
	return objectstoresim.New(config)
}

func TestAnObjectStorageIsAStore(t *testing.T) {
	client := storage(t, sim(nil), nil)
	if err := client.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	filestest.Conform(t, client, time.Now())
}

func TestRefusalsOfTheStorageAreNotAbsences(t *testing.T) {
	for name, client := range map[string]*objectstore.Client{
		"wrong secret": storage(t, sim(nil), func(c *objectstore.Config) { c.Key = "autre" }),
		"wrong key":    storage(t, sim(nil), func(c *objectstore.Config) { c.KeyID = "autre" }),
		"wrong region": storage(t, sim(nil), func(c *objectstore.Config) { c.Region = "nl-ams" }),
		"wrong bucket": storage(t, sim(nil), func(c *objectstore.Config) { c.Bucket = "autres" }),
		"wrong clock": storage(t, sim(func(c *objectstoresim.Config) {
			c.Clock = clock.System{Offset: time.Hour}
		}), nil),
	} {
		if _, err := client.Get(context.Background(), "a"); err == nil || fault.Is(err, fault.NotFound) {
			t.Errorf("%s: get gives %v", name, err)
		}
		if err := client.Put(context.Background(), "a", files.File{MediaType: "text/plain", Content: []byte("x")}); err == nil {
			t.Errorf("%s: put is accepted", name)
		}
		if err := client.Ping(context.Background()); err == nil {
			t.Errorf("%s: ping is accepted", name)
		}
	}
}

func TestAnOutageIsUnavailable(t *testing.T) {
	down := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	slow := make(chan struct{})
	defer close(slow)
	stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-slow:
		case <-r.Context().Done():
		}
	})
	for name, handler := range map[string]http.Handler{"down": down, "stuck": stuck} {
		client := storage(t, handler, func(c *objectstore.Config) { c.Timeout = 300 * time.Millisecond })
		if _, err := client.Get(context.Background(), "a"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: get gives %v", name, err)
		}
		if err := client.Put(context.Background(), "a", files.File{MediaType: "text/plain", Content: []byte("x")}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: put gives %v", name, err)
		}
	}
}

func TestAnAddressWithAPathIsRefused(t *testing.T) {
	for _, endpoint := range []string{"", "fichiers", "https://exemple.org/s3", "http://"} {
		if _, err := objectstore.New(objectstore.Config{Endpoint: endpoint}); err == nil || !strings.Contains(err.Error(), "address") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}
