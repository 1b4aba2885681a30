// Package static holds and serves the files that browsers load: our own style sheet and
// script, committed, and the State's design system, which a build copies from npm. Every
// address holds a hash of all the files, so that browsers keep them for ever.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:generate go run ./gen ../../../../assets dist

// Without npm only dist/.gitkeep is there: everything compiles, and Ready says what to do.
//
//go:embed all:dist own
var files embed.FS

// Prefix begins the address of every static file.
const Prefix = "/static/"

// proof is a file without which no page is readable.
const proof = "dsfr/dsfr.min.css"

// types of the files that we serve; the table of the machine is not asked, it may be wrong.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
}

// index is read once: the files by public name, and the hash of them all.
type index struct {
	hash  string
	files map[string]string // "dsfr/dsfr.min.css" -> path in the embedded files
}

var load = sync.OnceValue(func() index {
	i := index{files: map[string]string{}}
	sum := sha256.New()
	for _, root := range []string{"dist", "own"} {
		err := fs.WalkDir(files, root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(name, ".gitkeep") {
				return err
			}
			content, err := files.ReadFile(name)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s %d\n", name, len(content))
			sum.Write(content)
			i.files[public(name)] = name
			return nil
		})
		if err != nil { // impossible: the files are in the program
			panic(err)
		}
	}
	i.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return i
})

// public turns "dist/dsfr/x" into "dsfr/x"; our own files keep their folder.
func public(name string) string { return strings.TrimPrefix(name, "dist/") }

// Ready tells, in French, what to do when the design system was not built in; nil when it was.
func Ready() error {
	if _, ok := load().files[proof]; !ok {
		return errors.New("fichiers statiques absents : lance « make assets », puis recompile")
	}
	return nil
}

// URL gives the address of a file, for example URL("dsfr/dsfr.min.css").
func URL(name string) string { return Prefix + load().hash + "/" + name }

// Handler serves the files below Prefix: immutable, compressed when the browser accepts it.
// An unknown name, or an old hash, is left to notFound.
func Handler(notFound http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := load()
		name, current := strings.CutPrefix(r.URL.Path, Prefix+i.hash+"/")
		file, known := i.files[name]
		kind, served := types[path.Ext(name)]
		if !current || !known || !served {
			notFound.ServeHTTP(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Type", kind)
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("Vary", "Accept-Encoding")
		if _, zipped := i.files[name+".gz"]; zipped && acceptsGzip(r) {
			header.Set("Content-Encoding", "gzip")
			file += ".gz"
		}
		http.ServeFileFS(w, r, files, file)
	})
}

func acceptsGzip(r *http.Request) bool {
	for offer := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(offer), ";")
		if name == "gzip" && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
