package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// module is the prefix of our own imports.
const module = "github.com/betagouv/espace-membre/"

// File is one parsed source file.
type File struct {
	Path      string // from the root of the repository, with slashes
	Test      bool   // _test.go, or in internal/testing
	Generated bool
	AST       *ast.File
	Fset      *token.FileSet
}

// Dir is the folder of the file, from the root of the repository.
func (f File) Dir() string { return path.Dir(f.Path) }

// at gives "path:line" of a node.
func (f File) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", f.Path, f.Fset.Position(node.Pos()).Line)
}

// Imports gives the imported paths; ours are cut to the folder, from the root of the repository.
func (f File) Imports() []string {
	var paths []string
	for _, spec := range f.AST.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			paths = append(paths, strings.TrimPrefix(name, module))
		}
	}
	return paths
}

// Finding is one broken rule, told so that its author knows what to do.
type Finding struct {
	Where string // path, or path:line
	What  string
}

// String gives one line.
func (f Finding) String() string { return f.Where + ": " + f.What }

// Load parses every Go file under a root, but node_modules, testdata and hidden folders.
func Load(root string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skip(entry.Name(), name == root)
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		file, err := Parse(filepath.ToSlash(relative), content)
		files = append(files, file)
		return err
	})
	return files, err
}

func skip(name string, root bool) error {
	hidden := strings.HasPrefix(name, ".") && !root
	if hidden || slices.Contains([]string{"node_modules", "testdata", "bin", "tools"}, name) {
		return fs.SkipDir
	}
	return nil
}

// Parse reads one file, given its path from the root of the repository.
func Parse(name string, content []byte) (File, error) {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, name, content, parser.ParseComments)
	if err != nil {
		return File{}, fmt.Errorf("parse %s: %w", name, err)
	}
	return File{
		Path: name, AST: tree, Fset: fset,
		Test:      strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "internal/testing/"),
		Generated: bytes.Contains(content, []byte("DO NOT EDIT.")) && ast.IsGenerated(tree),
	}, nil
}

// byDir groups files by folder.
func byDir(files []File) map[string][]File {
	groups := map[string][]File{}
	for _, f := range files {
		groups[f.Dir()] = append(groups[f.Dir()], f)
	}
	return groups
}
