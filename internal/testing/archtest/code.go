package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// vague is the names that say nothing of what a package holds.
func vague() []string {
	return []string{"util", "utils", "common", "helpers", "helper", "models", "types", "misc"}
}

// CheckCode holds the habits that concern one file at a time.
func CheckCode(files []File) []Finding {
	var findings []Finding
	for _, f := range files {
		if slices.Contains(vague(), f.AST.Name.Name) {
			findings = append(findings, Finding{f.Path, "package " + f.AST.Name.Name + " says nothing: name what it is for"})
		}
		findings = append(findings, f.checkInit()...)
		findings = append(findings, f.checkEnvironment()...)
		findings = append(findings, f.checkSkips()...)
	}
	return findings
}

// checkInit refuses init functions: what starts is called, in an order that can be read.
func (f File) checkInit() []Finding {
	var findings []Finding
	for _, declaration := range f.AST.Decls {
		if fn, ok := declaration.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			findings = append(findings, Finding{f.at(fn), "func init: call it from main instead"})
		}
	}
	return findings
}

// environment is the functions of os that read or change the process's environment.
func environment() []string {
	return []string{"Getenv", "LookupEnv", "Environ", "Setenv", "Unsetenv", "Clearenv", "ExpandEnv"}
}

// checkEnvironment refuses to read settings anywhere but in config. The command line may take
// the whole environment once, to hand it over; tests have their own variables.
func (f File) checkEnvironment() []Finding {
	if f.Test || f.Dir() == "internal/platform/config" {
		return nil
	}
	var findings []Finding
	ast.Inspect(f.AST, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok || !f.isPackage(selector.X, "os") || !slices.Contains(environment(), selector.Sel.Name) {
			return true
		}
		if selector.Sel.Name == "Environ" && under(f.Dir(), "internal/cli") {
			return true
		}
		findings = append(findings, Finding{f.at(selector), "os." + selector.Sel.Name + ": only internal/platform/config reads the environment"})
		return true
	})
	return findings
}

// isPackage tells whether an expression is the name under which the file imports a path.
func (f File) isPackage(expression ast.Expr, path string) bool {
	ident, ok := expression.(*ast.Ident)
	return ok && ident.Obj == nil && f.imported(ident.Name) == path
}

// imported gives the path behind the name of an import; "" when it is none.
func (f File) imported(name string) string {
	for _, spec := range f.AST.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		local := packageName(path)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == name {
			return path
		}
	}
	return ""
}

// packageName gives the usual name of an imported package: its last folder that is not a version.
func packageName(path string) string {
	parts := strings.Split(path, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		return parts[len(parts)-2]
	}
	return last
}

// checkSkips refuses a test skipped without a reason.
func (f File) checkSkips() []Finding {
	if !f.Test {
		return nil
	}
	var findings []Finding
	ast.Inspect(f.AST, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if ok && isTestHandle(selector.X) && skipsSilently(selector.Sel.Name, call.Args) {
			findings = append(findings, Finding{f.at(call), fmt.Sprintf("%s without a reason: say why the test cannot run", selector.Sel.Name)})
		}
		return true
	})
	return findings
}

func isTestHandle(expression ast.Expr) bool {
	ident, ok := expression.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, ident.Name)
}

func skipsSilently(name string, args []ast.Expr) bool {
	switch name {
	case "SkipNow":
		return true
	case "Skip", "Skipf":
		if len(args) == 0 {
			return true
		}
		literal, ok := args[0].(*ast.BasicLit)
		return ok && strings.Trim(literal.Value, "\"` ") == ""
	}
	return false
}
