// Package files keeps pictures and documents under keys: one small port. By default the bytes
// are rows, so that two portals see the same; an object storage takes its place by setting
// (integration/objectstore). Both pass the same tests.
//
// Tables: stored_file.
package files

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// File is a stored content.
type File struct {
	MediaType string // image/jpeg, application/pdf…
	Content   []byte
	UpdatedAt time.Time
}

// Info is a stored content without its bytes.
type Info struct {
	MediaType string
	Size      int64 // bytes
	UpdatedAt time.Time
}

// Store keeps files. Errors are faults.
type Store interface {
	// Put keeps a file under a key, in place of what was there.
	Put(ctx context.Context, key string, file File) error
	// Get gives a file; NotFound when there is none.
	Get(ctx context.Context, key string) (File, error)
	// Stat tells about a file without reading it; NotFound when there is none.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete forgets a file; an absent one is fine.
	Delete(ctx context.Context, key string) error
}

// MaxSize is the largest file that stores accept, in bytes.
const MaxSize = 20 << 20

var keyForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

// Check refuses a key that is not a relative path of plain names (members/camille.durand/avatar.jpg),
// and a content that is empty or too large.
func Check(key string, content []byte) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(content) == 0 || len(content) > MaxSize {
		return fault.New(fault.Invalid, "Ce fichier est vide ou trop lourd.", "file %s of %d bytes", key, len(content))
	}
	return nil
}

// CheckKey refuses a key that is not a relative path of plain names.
func CheckKey(key string) error {
	if len(key) > 500 || !keyForm.MatchString(key) || strings.Contains(key, "..") {
		return fault.New(fault.Invalid, "Ce nom de fichier n’est pas accepté.", "bad key %q", key)
	}
	return nil
}
