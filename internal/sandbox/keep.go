package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/betagouv/espace-membre/internal/sandbox/simkit"
)

// settle is the longest time for which a change of a simulator may be in memory only.
const settle = 150 * time.Millisecond

// keptEntries is how many lines of the journal survive a restart.
const keptEntries = 20_000

// restore reads what an earlier start left in the folder.
func (s *Sandbox) restore() error {
	s.keeper = newKeeper(s.options.Dir, s.options.Vendors, s.options.Logger)
	if s.options.Dir == "" {
		s.mails, s.journal = &mailbox{}, simkit.NewJournal(s.options.Clock, nil, nil)
		return nil
	}
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the sandbox: %w", err)
	}
	if err := s.keeper.restore(); err != nil {
		return err
	}
	entries, journal, err := reopen[simkit.Entry](filepath.Join(s.options.Dir, "journal.jsonl"), keptEntries)
	if err != nil {
		return err
	}
	s.files = append(s.files, journal)
	mails, file, err := reopen[Mail](filepath.Join(s.options.Dir, "mails.jsonl"), keptEntries)
	if err != nil {
		return err
	}
	s.files = append(s.files, file)
	s.journal = simkit.NewJournal(s.options.Clock, entries, journal)
	s.mails = newMailbox(mails, file)
	return nil
}

// reopen reads the latest lines of a file of JSON lines and opens it for more. A last line that a
// kill cut in the middle is dropped; a file that grew too long is shortened.
func reopen[T any](path string, most int) ([]T, *os.File, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("read the sandbox's records: %w", err)
	}
	var all []T
	var kept bytes.Buffer
	lines := bytes.SplitAfter(text, []byte("\n"))
	for _, line := range lines[max(0, len(lines)-most-1):] {
		var one T
		if json.Unmarshal(line, &one) == nil && bytes.HasSuffix(line, []byte("\n")) {
			all = append(all, one)
			kept.Write(line)
		}
	}
	if kept.Len() != len(text) {
		if err := writeWhole(path, kept.Bytes()); err != nil {
			return nil, nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the sandbox's records: %w", err)
	}
	return all, file, nil
}

// writeWhole replaces a file so that a reader sees the old content or the new one, never a part.
func writeWhole(path string, content []byte) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write the sandbox's state: %w", err)
	}
	return nil
}

// keeper writes the state of the simulators to the folder soon after it changed.
type keeper struct {
	dir     string
	vendors []Vendor
	logger  *slog.Logger

	mu      sync.Mutex
	written map[string][]byte
	timer   *time.Timer
	closed  bool
}

func newKeeper(dir string, vendors []Vendor, logger *slog.Logger) *keeper {
	return &keeper{dir: dir, vendors: vendors, logger: logger, written: map[string][]byte{}}
}

func (k *keeper) path(v Vendor) string { return filepath.Join(k.dir, v.Name+".json") }

func (k *keeper) restore() error {
	for _, v := range k.vendors {
		text, err := os.ReadFile(k.path(v))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the state of %s: %w", v.Name, err)
		}
		if err := v.Simulator.Restore(text); err != nil {
			return fmt.Errorf("restore the state of %s: %w", v.Name, err)
		}
		k.written[v.Name] = text
	}
	return nil
}

// touch plans a writing, at most [settle] from the first change on.
func (k *keeper) touch() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dir == "" || k.closed || k.timer != nil {
		return
	}
	k.timer = time.AfterFunc(settle, func() {
		if err := k.flush(); err != nil {
			k.logger.Error("sandbox state not written", "error", err)
		}
	})
}

// flush writes each state that differs from its file.
func (k *keeper) flush() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
	if k.dir == "" {
		return nil
	}
	var failures []error
	for _, v := range k.vendors {
		text, err := v.Simulator.Snapshot()
		if err != nil {
			failures = append(failures, fmt.Errorf("snapshot of %s: %w", v.Name, err))
			continue
		}
		if bytes.Equal(text, k.written[v.Name]) {
			continue
		}
		if err := writeWhole(k.path(v), text); err != nil {
			failures = append(failures, err)
			continue
		}
		k.written[v.Name] = text
	}
	return errors.Join(failures...)
}

func (k *keeper) close() error {
	err := k.flush()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	return err
}
