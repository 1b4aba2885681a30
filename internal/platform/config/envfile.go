package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"strings"

	"github.com/joho/godotenv"

	"github.com/betagouv/espace-membre/internal/platform/fault"
)

// DefaultFile is the file read when no other is named; it may be absent.
const DefaultFile = ".env"

// Environ gives the environment of the process completed by a file: path, which must then
// exist, or DefaultFile when path is empty. The process wins, except over the file of a
// demonstration (it has DEMO_DIR), which then stands alone so that no real service is reached.
func Environ(path string) (map[string]string, error) { return merge(os.Environ(), path) }

// merge is Environ with the "NAME=value" lines of a process given.
func merge(process []string, path string) (map[string]string, error) {
	file, err := LoadFile(cmp.Or(path, DefaultFile))
	switch {
	case path == "" && errors.Is(err, fs.ErrNotExist):
		file = map[string]string{}
	case err != nil:
		return nil, err
	case strings.TrimSpace(file["DEMO_DIR"]) != "":
		return file, nil
	}
	environ := maps.Clone(file)
	for _, line := range process {
		if name, value, ok := strings.Cut(line, "="); ok && name != "" {
			environ[name] = value
		}
	}
	return environ, nil
}

// LoadFile reads a .env file. Its errors never quote the file, which holds secrets.
func LoadFile(path string) (map[string]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "Le fichier "+path+" est illisible.", "read settings file: %w", err)
	}
	values, err := godotenv.UnmarshalBytes(content)
	if err != nil {
		return nil, fault.New(fault.Invalid,
			fmt.Sprintf("Le fichier %s n’est pas un fichier .env lisible, vers la ligne %d.", path, wrongLine(string(content))),
			"parse settings file: syntax error")
	}
	return values, nil
}

// wrongLine gives the number of the first line that cannot be read by itself; 1 at least.
func wrongLine(content string) int {
	number := 0
	for line := range strings.Lines(content) {
		number++
		if _, err := godotenv.Unmarshal(line); err != nil {
			return number
		}
	}
	return max(number, 1)
}

// WriteFile writes a .env file that only its owner can read, and that LoadFile reads back.
func WriteFile(path string, values map[string]string) error {
	content, err := godotenv.Marshal(values)
	if err != nil {
		return fmt.Errorf("format settings file: %w", err)
	}
	if err := os.WriteFile(path, []byte(content+"\n"), 0o600); err != nil {
		return fmt.Errorf("write settings file: %w", err)
	}
	return nil
}
