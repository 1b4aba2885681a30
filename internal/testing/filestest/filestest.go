// Package filestest is what every store of files must do: one suite that each of them passes.
package filestest

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/fault"
	"github.com/betagouv/espace-membre/internal/platform/files"
)

const key = "members/camille.durand/avatar.jpg"

// Conform checks a store that is empty; now is the time that its clock tells, to the minute.
func Conform(t *testing.T, store files.Store, now time.Time) {
	t.Helper()
	ctx := context.Background()
	t.Run("what is absent is NotFound, and may be deleted", func(t *testing.T) {
		if _, err := store.Get(ctx, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("get: %v", err)
		}
		if _, err := store.Stat(ctx, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("stat: %v", err)
		}
		if err := store.Delete(ctx, key); err != nil {
			t.Errorf("delete: %v", err)
		}
	})
	t.Run("bad keys and contents are refused", func(t *testing.T) {
		for _, bad := range []string{"", "/a", "a/", "a//b", "../a", "a/../b", "a/..b/c", ".a", "a b", "é", "a\x00b", "a?b", string(bytes.Repeat([]byte("a"), 501))} {
			if err := store.Put(ctx, bad, files.File{MediaType: "text/plain", Content: []byte("x"), UpdatedAt: now}); !fault.Is(err, fault.Invalid) {
				t.Errorf("put %q: %v", bad, err)
			}
			if _, err := store.Get(ctx, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("get %q: %v", bad, err)
			}
		}
		for name, content := range map[string][]byte{"empty": nil, "too large": make([]byte, files.MaxSize+1)} {
			if err := store.Put(ctx, key, files.File{MediaType: "text/plain", Content: content, UpdatedAt: now}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("what is put is given back, then replaced, then forgotten", func(t *testing.T) { keep(t, store, now) })
}

func keep(t *testing.T, store files.Store, now time.Time) {
	t.Helper()
	ctx := context.Background()
	large := bytes.Repeat([]byte{0, 1, 2, 3, 255}, 60_000) // several chunks of a signed stream
	for _, file := range []files.File{
		{MediaType: "image/jpeg", Content: large, UpdatedAt: now}, {MediaType: "image/png", Content: []byte("x"), UpdatedAt: now},
	} {
		if err := store.Put(ctx, key, file); err != nil {
			t.Fatal(err)
		}
		got, err := store.Get(ctx, key)
		if err != nil || got.MediaType != file.MediaType || !bytes.Equal(got.Content, file.Content) || got.UpdatedAt.Sub(now).Abs() > time.Minute {
			t.Fatalf("%s of %d bytes at %v, %v", got.MediaType, len(got.Content), got.UpdatedAt, err)
		}
		info, err := store.Stat(ctx, key)
		if err != nil || info.MediaType != file.MediaType || info.Size != int64(len(file.Content)) || info.UpdatedAt.Sub(got.UpdatedAt).Abs() > time.Second {
			t.Fatalf("%+v, %v", info, err)
		}
	}
	if _, err := store.Get(ctx, "members/camille.durand/avatar"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a neighbour: %v", err)
	}
	if err := store.Delete(ctx, key); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(ctx, key); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted: %v", err)
	}
}
