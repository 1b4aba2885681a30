package app

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/config"
	"github.com/betagouv/espace-membre/internal/platform/fault"
)

const demoMarker = ".espace-membre-demo"

// prepareDemoDir makes the demonstration's folder; it refuses a folder that holds other
// people's files. With reset, what an earlier demonstration left is erased first.
func prepareDemoDir(dir string, reset bool) error {
	marker := filepath.Join(dir, demoMarker)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read the demonstration's folder: %w", err)
	}
	_, unmarked := os.Stat(marker)
	if len(entries) > 0 && unmarked != nil {
		return fault.New(fault.Invalid, "Le dossier "+dir+" contient autre chose qu’une démonstration : choisis-en un autre.", "not a demonstration folder")
	}
	if reset {
		for _, path := range []string{dir, clusterDir(dir)} {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("erase the demonstration: %w", err)
			}
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the demonstration's folder: %w", err)
	}
	return os.WriteFile(marker, []byte("Dossier d’une démonstration d’Espace Membre : tout y est fictif.\n"), 0o644)
}

// clusterDir is where the private PostgreSQL keeps its data: in the folder, or, for root when
// the server's own account cannot go through to it, in the machine's temporary space.
func clusterDir(dir string) string {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		absolute = dir
	}
	if os.Geteuid() != 0 || traversable(absolute) {
		return filepath.Join(absolute, "postgres")
	}
	sum := sha256.Sum256([]byte(absolute))
	return filepath.Join("/var/tmp", "espace-membre-"+hex.EncodeToString(sum[:6]))
}

func traversable(path string) bool {
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
	}
	return true
}

// demoSecrets keeps the keys of an earlier start of the same folder, so that its sessions and
// sealed secrets still open, and makes them the first time.
func demoSecrets(envFile string) (session, encrypt string, err error) {
	if values, err := config.LoadFile(envFile); err == nil && len(values["SESSION_SECRET"]) == 64 && len(values["PASSWORD_ENCRYPT_KEY"]) == 64 {
		return values["SESSION_SECRET"], values["PASSWORD_ENCRYPT_KEY"], nil
	}
	if session, err = randomHex(); err != nil {
		return "", "", err
	}
	encrypt, err = randomHex()
	return session, encrypt, err
}

func randomHex() (string, error) {
	var bytes [32]byte
	if _, err := rand.Read(bytes[:]); err != nil {
		return "", fmt.Errorf("draw a key: %w", err)
	}
	return hex.EncodeToString(bytes[:]), nil
}

// offsetTo is what to add to the real time so that today is a given day, at the same hour.
func offsetTo(today clock.Day, now time.Time) time.Duration {
	if today.IsZero() {
		return 0
	}
	return time.Duration(today.Sub(clock.DayOf(now))) * 24 * time.Hour
}
