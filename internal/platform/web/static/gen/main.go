// Command gen copies what the portal needs from node_modules into the embedded folder, as
// listed in files.txt, compresses it, and derives the dark theme for browsers without script.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen ASSETS DIST")
		os.Exit(2)
	}
	count, err := generate(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
	fmt.Printf("%d static files\n", count)
}

// generate empties dist and fills it again; it counts the files copied.
func generate(assets, dist string) (int, error) {
	list, err := os.ReadFile(filepath.Join(assets, "files.txt"))
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(filepath.Join(assets, "node_modules")); err != nil {
		return 0, errors.New("no node_modules: run npm ci in assets first")
	}
	if err := empty(dist); err != nil {
		return 0, err
	}
	files, err := expand(filepath.Join(assets, "node_modules"), string(list))
	if err != nil {
		return 0, err
	}
	for from, to := range files {
		content, err := os.ReadFile(from)
		if err != nil {
			return 0, err
		}
		if err := write(filepath.Join(dist, to), content); err != nil {
			return 0, err
		}
	}
	return len(files), deriveDark(dist)
}

// empty removes all but .gitkeep.
func empty(dist string) error {
	entries, err := os.ReadDir(dist)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == ".gitkeep" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dist, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// expand reads the list: source file -> name in dist.
func expand(modules, list string) (map[string]string, error) {
	files := map[string]string{}
	var from, to string
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if words := strings.Fields(line); len(words) == 4 && words[0] == "from" && words[2] == "to" {
			from, to = filepath.Join(modules, filepath.FromSlash(words[1])), words[3]
			continue
		}
		matches, err := filepath.Glob(filepath.Join(from, filepath.FromSlash(line)))
		if err != nil {
			return nil, err
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("nothing matches %q in %s", line, from)
		}
		for _, match := range matches {
			name, err := filepath.Rel(from, match)
			if err != nil {
				return nil, err
			}
			files[match] = filepath.Join(to, name)
		}
	}
	return files, nil
}

// onePacket is a size under which compressing saves nothing on the wire.
const onePacket = 1400

// write stores a file, and its compressed twin when it is text.
func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, content, 0o644); err != nil {
		return err
	}
	switch filepath.Ext(name) {
	case ".css", ".js", ".svg":
	default:
		return nil
	}
	if len(content) < onePacket {
		return nil
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name+".gz", zipped.Bytes(), 0o644)
}
