package ovh

import (
	"context"
	"crypto/sha1" //nolint:gosec // OVH's signature is defined on SHA-1
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/httpclient"
)

// signer adds OVH's four headers. It measures once how far OVH's clock is from ours.
type signer struct {
	config   Config
	unsigned *httpclient.Client

	// one is taken by who reads or measures: a channel, since nobody waits for a slow measure longer
	// than their own context.
	one      chan struct{}
	measured bool
	delta    time.Duration // OVH's clock minus ours
}

func newSigner(c Config, unsigned *httpclient.Client) *signer {
	return &signer{config: c, unsigned: unsigned, one: make(chan struct{}, 1)}
}

// sign is the Authorize hook of the client.
func (s *signer) sign(r *http.Request, body []byte) error {
	now, err := s.now(r.Context())
	if err != nil {
		return fmt.Errorf("measure OVH's clock: %w", err)
	}
	timestamp := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("X-Ovh-Application", s.config.AppKey)
	r.Header.Set("X-Ovh-Consumer", s.config.ConsumerKey)
	r.Header.Set("X-Ovh-Timestamp", timestamp)
	r.Header.Set("X-Ovh-Signature", signature(s.config.AppSecret, s.config.ConsumerKey, r.Method, r.URL.String(), string(body), timestamp))
	return nil
}

// signature is "$1$" and the hexadecimal SHA-1 of the six parts joined by "+".
func signature(secret, consumer, method, address, body, timestamp string) string {
	sum := sha1.Sum([]byte(secret + "+" + consumer + "+" + method + "+" + address + "+" + body + "+" + timestamp)) //nolint:gosec // see above
	return "$1$" + hex.EncodeToString(sum[:])
}

// now gives the time of OVH's clock.
func (s *signer) now(ctx context.Context) (time.Time, error) {
	if err := s.take(ctx); err != nil {
		return time.Time{}, err
	}
	defer s.leave()
	if !s.measured {
		var seconds int64
		if err := s.unsigned.Do(ctx, http.MethodGet, "/auth/time", nil, &seconds); err != nil {
			return time.Time{}, explain(err)
		}
		s.delta, s.measured = time.Unix(seconds, 0).Sub(s.config.Clock.Now()), true
	}
	return s.config.Clock.Now().Add(s.delta), nil
}

func (s *signer) take(ctx context.Context) error {
	select {
	case s.one <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "Le service ovh ne répond pas.", "wait for another measure of OVH's clock: %w", ctx.Err())
	}
}

func (s *signer) leave() { <-s.one }

// forget makes the next call measure the clocks again.
func (s *signer) forget(ctx context.Context) error {
	if err := s.take(ctx); err != nil {
		return err
	}
	defer s.leave()
	s.measured = false
	return nil
}
