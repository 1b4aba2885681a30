package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/sample"
	"github.com/betagouv/espace-membre/internal/sandbox"
)

// ownDemo holds that a folder is a demonstration's and that the database is the one whose files
// this folder holds: no setting can make another one pass for it.
func ownDemo(ctx context.Context, db postgres.DB, demo config.Demo) error {
	if _, err := os.Stat(filepath.Join(demo.Dir, demoMarker)); err != nil {
		return fmt.Errorf("%s is not a demonstration folder: %w", demo.Dir, err)
	}
	files, err := postgres.Scalar[string](ctx, db, `SHOW data_directory`)
	if err != nil {
		return fmt.Errorf("ask where the database is: %w", err)
	}
	cluster := clusterDir(demo.Dir)
	if real, err := filepath.EvalSymlinks(cluster); err == nil {
		cluster = real
	}
	if files != cluster && !strings.HasPrefix(files, cluster+string(filepath.Separator)) {
		return errors.New("the database is not the one of the demonstration folder")
	}
	return nil
}

// sandboxState adds accounts to the simulated vendors of a running demonstration.
type sandboxState struct {
	url   string
	clock clock.Clock
}

// attempts is how many times the state is read again when somebody changes it meanwhile.
const attempts = 5

// fill reads the state of each vendor, adds what the outside should hold, and writes it back.
func (s sandboxState) fill(ctx context.Context, outside sample.Outside) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for range attempts {
		changed, err := s.try(ctx, outside)
		if err != nil || !changed {
			return err
		}
	}
	return fault.New(fault.Unavailable, "Les services simulés changent sans cesse : recommence avec la démonstration lancée par --no-worker.", "the sandbox state keeps changing")
}

// try tells whether a vendor changed between the reading and the writing. What was written to
// another vendor is the same when it is written again.
func (s sandboxState) try(ctx context.Context, outside sample.Outside) (changed bool, err error) {
	vendors := demoVendors(s.clock, nil)
	simulators := map[string]sandbox.Simulator{"ovh": vendors.OVH, "brevo": vendors.Brevo}
	tags := map[string]string{}
	for name, simulator := range simulators {
		if tags[name], err = s.read(ctx, name, simulator); err != nil {
			return false, err
		}
	}
	outside.Fill(vendors)
	for name, simulator := range simulators {
		if changed, err = s.write(ctx, name, tags[name], simulator); err != nil || changed {
			return changed, err
		}
	}
	return false, nil
}

func (s sandboxState) read(ctx context.Context, vendor string, into sandbox.Simulator) (tag string, err error) {
	response, err := s.call(ctx, http.MethodGet, vendor, "", nil)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return "", s.silent(fmt.Errorf("read the state of %s: status %d, %w", vendor, response.StatusCode, err))
	}
	return response.Header.Get("ETag"), into.Restore(text)
}

func (s sandboxState) write(ctx context.Context, vendor, tag string, from sandbox.Simulator) (changed bool, err error) {
	text, err := from.Snapshot()
	if err != nil {
		return false, fmt.Errorf("prepare the state of %s: %w", vendor, err)
	}
	response, err := s.call(ctx, http.MethodPost, vendor, tag, text)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusNoContent:
		return false, nil
	case http.StatusPreconditionFailed:
		return true, nil
	}
	return false, s.silent(fmt.Errorf("write the state of %s: status %d", vendor, response.StatusCode))
}

func (s sandboxState) call(ctx context.Context, method, vendor, tag string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url+"/state/"+vendor, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call the sandbox: %w", err)
	}
	if tag != "" {
		request.Header.Set("If-Match", tag)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, s.silent(err)
	}
	return response, nil
}

func (s sandboxState) silent(err error) error {
	return fault.New(fault.Unavailable, "Le bac à sable ne répond pas comme prévu : la démonstration doit être lancée.", "reach the sandbox: %w", err)
}
