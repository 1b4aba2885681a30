package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// CheckVariables refuses package variables that can change: one without a value that is not
// embedded, one that is assigned, incremented, taken the address of or written into somewhere,
// one that is made to be filled, and the variables of other packages.
func CheckVariables(files []File) []Finding {
	var findings []Finding
	for _, group := range byDir(files) {
		variables := map[string]bool{}
		for _, f := range group {
			if !f.Test && !f.Generated {
				findings = append(findings, f.declared(variables)...)
			}
		}
		for _, f := range group {
			if !f.Test {
				findings = append(findings, f.changed(variables)...)
			}
		}
	}
	return findings
}

// declared collects the package variables of a file and refuses those born to change.
func (f File) declared(variables map[string]bool) []Finding {
	var findings []Finding
	for _, declaration := range f.AST.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.VAR {
			continue
		}
		for _, spec := range general.Specs {
			value := spec.(*ast.ValueSpec)
			for _, name := range value.Names {
				if name.Name != "_" {
					variables[name.Name] = true
				}
			}
			if why := mutableAtBirth(general, value); why != "" {
				findings = append(findings, Finding{f.at(value), fmt.Sprintf("package variable %s %s", value.Names[0].Name, why)})
			}
		}
	}
	return findings
}

func mutableAtBirth(general *ast.GenDecl, value *ast.ValueSpec) string {
	if len(value.Values) == 0 {
		if embedded(general.Doc) || embedded(value.Doc) {
			return ""
		}
		return "has no value: it can only be there to change"
	}
	for _, expression := range value.Values {
		if call, ok := expression.(*ast.CallExpr); ok {
			if name, ok := call.Fun.(*ast.Ident); ok && (name.Name == "make" || name.Name == "new") {
				return "is made empty: it can only be there to change"
			}
		}
	}
	return ""
}

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if strings.HasPrefix(comment.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// changed finds what changes a package variable, of this package or another.
func (f File) changed(variables map[string]bool) []Finding {
	var findings []Finding
	tell := func(node ast.Node, target ast.Expr, how string) {
		if name := f.variable(target, variables); name != "" {
			findings = append(findings, Finding{f.at(node), fmt.Sprintf("%s package variable %s", how, name)})
		}
	}
	ast.Inspect(f.AST, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				if n.Tok != token.DEFINE {
					tell(n, target, "assigns")
				}
			}
		case *ast.IncDecStmt:
			tell(n, n.X, "changes")
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				tell(n, n.Key, "assigns")
				tell(n, n.Value, "assigns")
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				tell(n, n.X, "takes the address of")
			}
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "delete" || name.Name == "clear") && len(n.Args) > 0 {
				tell(n, n.Args[0], "empties")
			}
		}
		return true
	})
	return findings
}

// variable gives the name of the package variable at the root of x, x.f, x[i] or *x; "" for
// anything else.
func (f File) variable(target ast.Expr, variables map[string]bool) string {
	switch x := target.(type) {
	case *ast.Ident:
		if variables[x.Name] && f.isPackageLevel(x) {
			return x.Name
		}
	case *ast.SelectorExpr:
		if ident, ok := x.X.(*ast.Ident); ok && ident.Obj == nil && f.imported(ident.Name) != "" {
			return ident.Name + "." + x.Sel.Name
		}
		return f.variable(x.X, variables)
	case *ast.IndexExpr:
		return f.variable(x.X, variables)
	case *ast.StarExpr:
		return f.variable(x.X, variables)
	case *ast.ParenExpr:
		return f.variable(x.X, variables)
	}
	return ""
}

// isPackageLevel tells an identifier of the package from a local one of the same name. The
// parser resolves names within a file only: an unresolved one belongs to the package.
func (f File) isPackageLevel(ident *ast.Ident) bool {
	return ident.Obj == nil || f.AST.Scope.Lookup(ident.Name) == ident.Obj
}
