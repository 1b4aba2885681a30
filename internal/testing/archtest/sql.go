package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// hole stands for what a program puts inside a concatenated text.
const hole = "%s"

// CheckSQL holds the texts of SQL: a package writes only in the tables that its comment claims
// with a line "Tables: a, b.", no table has two owners, no statement asks the database for the
// time, and packages that face outwards hold no SQL at all.
func CheckSQL(files []File) []Finding {
	var findings []Finding
	owners := map[string][]string{}
	for dir, group := range byDir(files) {
		if dir == "internal/testing/archtest" {
			continue // its bad inputs are meant to be bad
		}
		claimed := claims(group)
		if !sharesTables(dir) {
			for _, table := range claimed {
				owners[table] = append(owners[table], dir)
			}
		}
		for _, f := range group {
			findings = append(findings, f.checkSQL(claimed)...)
		}
	}
	for table, dirs := range owners {
		if len(dirs) > 1 {
			slices.Sort(dirs)
			findings = append(findings, Finding{dirs[1], fmt.Sprintf("claims table %s, which belongs to %s", table, dirs[0])})
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return findings
}

// sharesTables tells the packages that may claim a table of somebody else: the sample fills
// whole databases that hold nothing real.
func sharesTables(dir string) bool { return under(dir, "internal/sample") }

// claims reads the "Tables: a, b." lines of the package comments of a folder; "Tables: none."
// says that it writes nowhere.
func claims(group []File) []string {
	var tables []string
	line := tablesLine()
	for _, f := range group {
		if f.AST.Doc == nil {
			continue
		}
		for _, match := range line.FindAllStringSubmatch(f.AST.Doc.Text(), -1) {
			if match[1] != "none" {
				tables = append(tables, strings.FieldsFunc(match[1], func(r rune) bool { return strings.ContainsRune(", \n", r) })...)
			}
		}
	}
	return tables
}

func tablesLine() *regexp.Regexp { return regexp.MustCompile(`(?m)^Tables: ([a-z0-9_, \n]+)\.`) }

// clockless is where a statement may ask the database for the time: the machinery that talks
// to PostgreSQL about itself, and the schema.
func clockless(dir string) bool {
	return !under(dir, "internal/platform/postgres") && !under(dir, "migrations")
}

func (f File) checkSQL(claimed []string) []Finding {
	var findings []Finding
	outward := slices.Contains([]string{"room web", "room mail", "room vendor", "integration", "simulator"}, classify(f.Dir()))
	for _, text := range f.texts() {
		if !looksLikeSQL(text.value) {
			continue
		}
		if word := hiddenClock(text.value); word != "" && clockless(f.Dir()) {
			findings = append(findings, Finding{f.at(text.node), word + " in SQL: the clock is a parameter"})
		}
		if f.Test {
			continue // tests set the stage in any table
		}
		if outward {
			findings = append(findings, Finding{f.at(text.node), "SQL outside a room: ask the room's use-case"})
			continue
		}
		for _, table := range written(text.value) {
			switch {
			case table == hole:
				findings = append(findings, Finding{f.at(text.node), "writes in a table named by a variable: write the name out"})
			case !slices.Contains(claimed, table):
				findings = append(findings, Finding{f.at(text.node), fmt.Sprintf("writes in table %s, which the package comment does not claim (Tables: …)", table)})
			}
		}
	}
	return append(findings, f.checkCopies(claimed)...)
}

// checkCopies holds the calls of CopyFrom, whose second argument is pgx.Identifier{"table"}.
func (f File) checkCopies(claimed []string) []Finding {
	var findings []Finding
	if f.Test {
		return nil
	}
	ast.Inspect(f.AST, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		if method, ok := call.Fun.(*ast.SelectorExpr); !ok || method.Sel.Name != "CopyFrom" || len(call.Args) < 2 {
			return true
		}
		if table := copied(call.Args[1]); !slices.Contains(claimed, table) {
			findings = append(findings, Finding{f.at(call), fmt.Sprintf("copies into table %s, which the package comment does not claim (Tables: …)", table)})
		}
		return true
	})
	return findings
}

// copied gives the table of pgx.Identifier{"table"}; a hole when it is not written out.
func copied(target ast.Expr) string {
	literal, ok := target.(*ast.CompositeLit)
	if !ok || len(literal.Elts) == 0 {
		return hole
	}
	return fold(literal.Elts[len(literal.Elts)-1])
}

// passage is one text of the source, its pieces joined.
type passage struct {
	node  ast.Node
	value string
}

// texts gives the string literals of a file; those joined by + are one.
func (f File) texts() []passage {
	var found []passage
	ast.Inspect(f.AST, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				if value := fold(n); strings.Trim(value, hole) != "" {
					found = append(found, passage{n, value})
				}
				return false
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				found = append(found, passage{n, fold(n)})
			}
		}
		return true
	})
	return found
}

// fold joins the pieces of a text; what is not a literal becomes a hole.
func fold(expression ast.Expr) string {
	switch x := expression.(type) {
	case *ast.BasicLit:
		if value, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING {
			return value
		}
	case *ast.BinaryExpr:
		if x.Op == token.ADD {
			return fold(x.X) + fold(x.Y)
		}
	case *ast.ParenExpr:
		return fold(x.X)
	}
	return hole
}

// looksLikeSQL tells a statement, or a piece of one, from a sentence.
func looksLikeSQL(text string) bool {
	return regexp.MustCompile(`\b(SELECT|INSERT INTO|DELETE FROM|TRUNCATE|MERGE INTO|WHERE|VALUES|RETURNING|ORDER BY)\b|\bUPDATE\s+\S+\s|\bSET\s+\w+\s*=`).MatchString(text) ||
		len(written(text)) > 0
}

// hiddenClock gives the word by which a statement reads the database's clock; "" without any.
func hiddenClock(text string) string {
	return regexp.MustCompile(`(?i)\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\s*\(\s*\)|\b(current_timestamp|current_date|current_time|localtimestamp)\b`).FindString(text)
}

// written gives the tables that a statement writes in, whatever the case of its words; a table
// that only the program knows is a hole.
func written(text string) []string {
	const table = `(?:public\.)?"?(%\[?\d*\]?[sqv]|[a-z_][a-z0-9_]*)"?`
	patterns := []string{
		`(?i)\binsert\s+into\s+` + table,
		`(?i)\bdelete\s+from\s+(?:only\s+)?` + table + `(?:\s+(?:as\s+)?[a-z_]+)?\s*(?:$|\s(?:where|using|returning)\b|;)`,
		`(?i)\bupdate\s+(?:only\s+)?` + table + `(?:\s+(?:as\s+)?[a-z_]+)?\s+set\s`,
		`(?i)\bmerge\s+into\s+` + table,
		`\bTRUNCATE\s+(?:TABLE\s+)?` + table,
	}
	var tables []string
	for _, pattern := range patterns {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			name := strings.ToLower(match[1])
			if strings.HasPrefix(name, "%") {
				name = hole
			}
			tables = append(tables, name)
		}
	}
	return tables
}
