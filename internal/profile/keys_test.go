package profile

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/betagouv/espace-membre/internal/member"
	"github.com/betagouv/espace-membre/internal/platform/audit"
)

// The keys that no source spells, and where they come from. Each line is followed by hand.
var unspelled = map[string][]string{
	// the history keeps the fields of a record of the site under the names of their JSON
	"publicsite: d.before": jsonNames(reflect.TypeFor[member.SiteRecord]()),
	"publicsite: after":    jsonNames(reflect.TypeFor[member.SiteRecord]()),
	// what differs between two results of Profile.values, which is read for itself: see alsoRead
	"member: before": nil,
	"member: then":   nil,
}

// alsoRead are the functions whose values reach an event by a way that is not followed.
var alsoRead = map[string]string{"member": "p.values"}

func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || name == "-" || name == "username" })
}

// TestEveryKeyOfAnEventHasALabel reads the sources of every room: the values given to an
// audit.Event, or to a function that gives them to one. It follows literals, variables, fields of
// structs by their JSON names, and the functions of the same package; what it cannot follow must
// stand in unspelled, so that nothing is skipped in silence.
func TestEveryKeyOfAnEventHasALabel(t *testing.T) {
	found := map[string]string{}
	for folder, files := range packages(t) {
		s := &source{name: filepath.Base(folder), files: files, seen: map[ast.Node]bool{}, keys: map[string]string{}}
		s.events()
		if name, ok := alsoRead[s.name]; ok {
			s.returned(name)
		}
		for _, problem := range s.lost {
			t.Error(problem)
		}
		for key, where := range s.keys {
			found[key] = where
		}
	}
	for _, key := range []string{"legal_status", "copy", "content", "due", "cause", "restores", "reason", "step", "list", "kind", "member_type", "missions"} {
		if found[key] == "" {
			t.Errorf("the reading is broken: it does not find %s", key)
		}
	}
	if len(found) < 30 {
		t.Errorf("only %d keys were found: the reading is broken", len(found))
	}
	for key, where := range found {
		if f, _ := fieldOf("", key); f.label == key {
			t.Errorf("key %q (%s) has no label: give it a line in fields, or hide it there", key, where)
		}
	}
}

// TestEveryCodeOfTheSourcesHasWords reads every constant of type audit.Code.
func TestEveryCodeOfTheSourcesHasWords(t *testing.T) {
	n := 0
	for _, files := range packages(t) {
		for _, file := range files {
			ast.Inspect(file, func(node ast.Node) bool {
				spec, ok := node.(*ast.ValueSpec)
				if !ok || spec.Type == nil || text(spec.Type) != "audit.Code" && text(spec.Type) != "Code" || len(spec.Values) == 0 {
					return true
				}
				code, err := strconv.Unquote(text(spec.Values[0]))
				if err != nil {
					return true
				}
				n++
				if _, ok := events[audit.Code(code)]; !ok {
					t.Errorf("code %s has no words", code)
				}
				return true
			})
		}
	}
	if n < 30 {
		t.Errorf("only %d codes were found: the reading is broken", n)
	}
}

// packages parses the sources of the rooms, without their tests.
func packages(t *testing.T) map[string][]*ast.File {
	t.Helper()
	all := map[string][]*ast.File{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all[filepath.Dir(path)] = append(all[filepath.Dir(path)], file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// source is a package whose events are read.
type source struct {
	name  string
	files []*ast.File
	seen  map[ast.Node]bool
	keys  map[string]string // and where each was found
	lost  []string
}

// events follows the values of every audit.Event, and of what is assigned to one later.
func (s *source) events() {
	s.each(func(in *ast.FuncDecl, node ast.Node) {
		switch n := node.(type) {
		case *ast.CompositeLit:
			if n.Type == nil || text(n.Type) != "audit.Event" {
				return
			}
			for _, element := range n.Elts {
				if pair, ok := element.(*ast.KeyValueExpr); ok && (text(pair.Key) == "Before" || text(pair.Key) == "After") {
					s.follow(in, pair.Value)
				}
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if field, ok := left.(*ast.SelectorExpr); ok && len(n.Lhs) == len(n.Rhs) && (field.Sel.Name == "Before" || field.Sel.Name == "After") && s.isEvent(in, field.X) {
					s.follow(in, n.Rhs[i])
				}
			}
		}
	})
}

// isEvent tells a variable that was made as an audit.Event.
func (s *source) isEvent(in *ast.FuncDecl, expr ast.Expr) bool {
	event := false
	for _, value := range s.assigned(in, text(expr)) {
		literal, ok := value.(*ast.CompositeLit)
		event = event || ok && literal.Type != nil && text(literal.Type) == "audit.Event"
	}
	return event
}

// follow finds the keys of an expression, in the function where it stands.
func (s *source) follow(in *ast.FuncDecl, expr ast.Expr) {
	if s.seen[expr] {
		return
	}
	s.seen[expr] = true
	if keys, ok := unspelled[s.name+": "+text(expr)]; ok {
		for _, key := range keys {
			s.keys[key] = s.name
		}
		return
	}
	switch e := expr.(type) {
	case *ast.CompositeLit:
		s.literal(in, e)
	case *ast.CallExpr:
		s.returned(text(e.Fun))
	case *ast.Ident:
		s.variable(in, e)
	default:
		s.lose(in, expr)
	}
}

func (s *source) lose(in *ast.FuncDecl, expr ast.Expr) {
	s.lost = append(s.lost, fmt.Sprintf("%s.%s: the values of an event cannot be followed: %s", s.name, in.Name.Name, text(expr)))
}

func (s *source) literal(in *ast.FuncDecl, e *ast.CompositeLit) {
	if _, ok := e.Type.(*ast.MapType); !ok {
		s.structure(in, text(e.Type))
		return
	}
	for _, element := range e.Elts {
		pair := element.(*ast.KeyValueExpr)
		key, err := strconv.Unquote(text(pair.Key))
		if inner, nested := pair.Value.(*ast.CompositeLit); nested && text(pair.Key) == "PrivatePart" {
			s.literal(in, inner)
		} else if err != nil {
			s.lose(in, pair.Key)
		} else {
			s.keys[key] = s.name + "." + in.Name.Name
		}
	}
}

// variable follows what is assigned to a name: in the function, or by the callers of a parameter.
func (s *source) variable(in *ast.FuncDecl, e *ast.Ident) {
	if e.Name == "nil" {
		return
	}
	followed := false
	if at := parameter(in, e.Name); at >= 0 {
		s.each(func(caller *ast.FuncDecl, node ast.Node) {
			call, ok := node.(*ast.CallExpr)
			if ok && last(text(call.Fun)) == in.Name.Name && at < len(call.Args) {
				followed = true
				s.follow(caller, call.Args[at])
			}
		})
		if kind := typeOf(in, e.Name); kind != "any" && s.declared(kind) != nil {
			followed = true
			s.structure(in, kind)
		}
	}
	for _, value := range s.assigned(in, e.Name) {
		followed = true
		if call, ok := value.(*ast.CallExpr); ok && strings.Contains(text(call.Fun), "DecodeArgs[") {
			s.structure(in, strings.TrimSuffix(text(call.Fun)[strings.Index(text(call.Fun), "[")+1:], "]"))
			continue
		}
		s.follow(in, value)
	}
	if !followed {
		s.lose(in, e)
	}
}

// assigned lists what a name is set to in a function; a key set by an index is noted at once.
func (s *source) assigned(in *ast.FuncDecl, name string) (list []ast.Expr) {
	ast.Inspect(in, func(node ast.Node) bool {
		assign, ok := node.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for i, left := range assign.Lhs {
			if index, ok := left.(*ast.IndexExpr); ok && text(index.X) == name {
				if key, err := strconv.Unquote(text(index.Index)); err == nil {
					s.keys[key] = s.name + "." + in.Name.Name
				}
			}
			if text(left) == name {
				list = append(list, assign.Rhs[min(i, len(assign.Rhs)-1)])
			}
		}
		return true
	})
	return list
}

// returned follows the values that a function of the package gives; a name with a dot is a method.
func (s *source) returned(name string) {
	s.each(func(in *ast.FuncDecl, node ast.Node) {
		if in.Name.Name != last(name) || (in.Recv != nil) != strings.Contains(name, ".") {
			return
		}
		switch n := node.(type) {
		case *ast.FuncDecl:
			if n.Type.Results != nil && s.declared(text(n.Type.Results.List[0].Type)) != nil {
				s.structure(in, text(n.Type.Results.List[0].Type))
			}
		case *ast.ReturnStmt:
			s.results(in, n.Results)
		}
	})
}

// results follows what a function returns: its first value, and every variable that holds a literal.
func (s *source) results(in *ast.FuncDecl, list []ast.Expr) {
	for i, result := range list {
		if _, named := result.(*ast.Ident); !named {
			if i == 0 {
				s.follow(in, result)
			}
			continue
		}
		for _, value := range s.assigned(in, text(result)) {
			if literal, ok := value.(*ast.CompositeLit); ok {
				s.follow(in, literal)
			}
		}
	}
}

// structure notes the JSON names of a struct of the package.
func (s *source) structure(in *ast.FuncDecl, name string) {
	declared := s.declared(name)
	if declared == nil {
		s.lost = append(s.lost, fmt.Sprintf("%s.%s: type %s is not of this package", s.name, in.Name.Name, name))
		return
	}
	for _, field := range declared.Fields.List {
		if field.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(field.Tag.Value)
		key, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		s.keys[key] = s.name + "." + name
	}
}

func (s *source) declared(name string) (found *ast.StructType) {
	for _, file := range s.files {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.Name == name {
				found, _ = spec.Type.(*ast.StructType)
			}
			return found == nil
		})
	}
	return found
}

// each visits every node of every function.
func (s *source) each(visit func(in *ast.FuncDecl, node ast.Node)) {
	for _, file := range s.files {
		for _, declaration := range file.Decls {
			if in, ok := declaration.(*ast.FuncDecl); ok && in.Body != nil {
				ast.Inspect(in, func(node ast.Node) bool {
					visit(in, node)
					return true
				})
			}
		}
	}
}

func parameter(in *ast.FuncDecl, name string) int {
	at := 0
	for _, field := range in.Type.Params.List {
		for _, known := range field.Names {
			if known.Name == name {
				return at
			}
			at++
		}
	}
	return -1
}

func typeOf(in *ast.FuncDecl, name string) string {
	for _, field := range in.Type.Params.List {
		for _, known := range field.Names {
			if known.Name == name {
				return text(field.Type)
			}
		}
	}
	return ""
}

func text(node ast.Node) string {
	var b strings.Builder
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return b.String()
}

func last(name string) string { return name[strings.LastIndex(name, ".")+1:] }
