package archtest

import (
	"strings"
	"testing"
)

// source parses a small package: "path\ncode" each.
func source(t *testing.T, sources ...string) []File {
	t.Helper()
	var files []File
	for _, text := range sources {
		path, code, _ := strings.Cut(text, "\n")
		f, err := Parse(path, []byte(code))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// expect asks for exactly one finding that holds a text, or for none when the text is empty.
func expect(t *testing.T, findings []Finding, want string) {
	t.Helper()
	switch {
	case want == "" && len(findings) > 0:
		t.Errorf("unexpected: %v", findings)
	case want != "" && len(findings) != 1:
		t.Errorf("want one finding with %q, got %v", want, findings)
	case want != "" && !strings.Contains(findings[0].String(), want):
		t.Errorf("want %q in %q", want, findings[0])
	}
}

func TestImportRulesCanFail(t *testing.T) {
	const us = "github.com/betagouv/espace-membre/"
	for _, c := range []struct{ from, imports, want string }{
		{"internal/mailbox/x.go", us + "internal/member", ""},
		{"internal/mailbox/x.go", us + "internal/signin", "a room may not"},
		{"internal/member/x.go", us + "internal/startup", "a room may not"},
		{"internal/mailbox/x.go", us + "internal/integration/ovh", "a room may not"},
		{"internal/mailbox/x.go", us + "internal/platform/web", "a room may not"},
		{"internal/mailbox/x.go", us + "internal/platform/job", ""},
		{"internal/mailbox/x.go", us + "internal/mailbox/mailboxweb", "a room may not"},
		{"internal/mailbox/x.go", "net/http", "a room never does"},
		{"internal/mailbox/x.go", "net/http/httptest", "a room never does"},
		{"internal/mailbox/x.go", "html/template", "a room never does"},
		{"internal/mailbox/x.go", "net/url", ""},
		{"internal/mailbox/x.go", "github.com/a-h/templ", "not for a room"},
		{"internal/mailbox/x.go", "github.com/jackc/pgx/v5/pgconn", ""},
		{"internal/mailbox/x_test.go", "net/http", ""},
		{"internal/mailbox/x_test.go", us + "internal/app", "app is for"},
		{"internal/app/x_test.go", us + "internal/app", ""},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/mailbox", ""},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/member", ""},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/platform/web/static", ""},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/mailbox/mailboxovh", "a room web may not"},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/integration/ovh", "a room web may not"},
		{"internal/mailbox/mailboxweb/x.go", us + "internal/signin/signinweb", "a room web may not"},
		{"internal/profile/profileweb/x.go", us + "internal/mailbox/mailboxweb", ""},
		{"internal/mailbox/mailboxweb/x.go", "github.com/jackc/pgx/v5", "not for a room web"},
		{"internal/mailbox/mailboxmail/x.go", us + "internal/platform/mail", ""},
		{"internal/mailbox/mailboxmail/x.go", us + "internal/platform/postgres", "a room mail may not"},
		{"internal/mailbox/mailboxovh/x.go", us + "internal/integration/ovh", ""},
		{"internal/mailbox/mailboxovh/x.go", us + "internal/integration/brevo", "a room vendor may not"},
		{"internal/mailbox/mailboxovh/x.go", us + "internal/member", "a room vendor may not"},
		{"internal/integration/ovh/x.go", us + "internal/platform/httpclient", ""},
		{"internal/integration/ovh/x.go", us + "internal/mailbox", "a integration may not"},
		{"internal/integration/ovh/x.go", us + "internal/platform/config", "a integration may not"},
		{"internal/integration/ovh/x.go", "net/http", ""},
		{"internal/integration/ovh/ovhsim/x.go", us + "internal/integration/ovh", "a simulator may not"},
		{"internal/integration/ovh/ovhsim/x.go", us + "internal/platform/clock", ""},
		{"internal/integration/ovh/ovhsim/x.go", "github.com/ovh/go-ovh/ovh", "not for a simulator"},
		{"internal/platform/fault/x.go", us + "internal/platform/clock", "a platform may not"},
		{"internal/platform/worker/x.go", us + "internal/platform/job", ""},
		{"internal/platform/postgres/x.go", us + "internal/platform/worker", "a platform may not"},
		{"internal/platform/web/x.go", us + "internal/member", "a platform may not"},
		{"internal/platform/novelty/x.go", us + "internal/platform/fault", "a platform may not"},
		{"internal/sandbox/x.go", us + "internal/integration/ovh/ovhsim", ""},
		{"internal/sandbox/x.go", us + "internal/integration/ovh", "a sandbox may not"},
		{"internal/sandbox/x.go", us + "internal/member", "a sandbox may not"},
		{"internal/cli/x.go", us + "internal/app", ""},
		{"internal/cli/x.go", us + "internal/mailbox", "a cli may not"},
		{"internal/cli/x.go", us + "internal/testing/pgtest", "imported by tests only"},
		{"internal/cli/x_test.go", us + "internal/testing/pgtest", ""},
		{"internal/app/x.go", us + "internal/mailbox", ""},
		{"internal/app/x.go", us + "internal/cli", "a app may not"},
		{"cmd/espace-membre/main.go", us + "internal/cli", ""},
		{"cmd/espace-membre/main.go", us + "internal/app", "a command may not"},
		{"migrations/x.go", us + "internal/member", "a migrations may not"},
		{"internal/kitchen/x.go", "fmt", "no line in the import table"},
		{"internal/mailbox/attic/x.go", "fmt", "no line in the import table"},
	} {
		files := source(t, c.from+"\npackage x\nimport _ \""+c.imports+"\"\n")
		findings := CheckImports(files)
		t.Run(c.from+" imports "+c.imports, func(t *testing.T) { expect(t, findings, c.want) })
	}
}

func TestCodeRulesCanFail(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"init":               {"internal/member/x.go\npackage member\nfunc init() {}", "func init"},
		"init method":        {"internal/member/x.go\npackage member\ntype T struct{}\nfunc (T) init() {}", ""},
		"getenv":             {"internal/member/x.go\npackage member\nimport \"os\"\nvar _ = os.Getenv(\"X\")", "os.Getenv"},
		"getenv renamed":     {"internal/member/x.go\npackage member\nimport sys \"os\"\nvar _ = sys.LookupEnv", "os.LookupEnv"},
		"getenv in config":   {"internal/platform/config/x.go\npackage config\nimport \"os\"\nvar _ = os.Getenv(\"X\")", ""},
		"getenv in a test":   {"internal/member/x_test.go\npackage member\nimport \"os\"\nvar _ = os.Getenv(\"X\")", ""},
		"environ in cli":     {"internal/cli/x.go\npackage cli\nimport \"os\"\nvar _ = os.Environ()", ""},
		"getenv in cli":      {"internal/cli/x.go\npackage cli\nimport \"os\"\nvar _ = os.Getenv(\"X\")", "os.Getenv"},
		"a local named os":   {"internal/member/x.go\npackage member\nfunc f(os struct{ Getenv func() }) { os.Getenv() }", ""},
		"skip":               {"internal/member/x_test.go\npackage member\nfunc f(t *T) { t.Skip() }", "Skip without a reason"},
		"skip now":           {"internal/member/x_test.go\npackage member\nfunc f(tb *T) { tb.SkipNow() }", "SkipNow without a reason"},
		"skip blank":         {"internal/member/x_test.go\npackage member\nfunc f(t *T) { t.Skipf(\" \") }", "Skipf without a reason"},
		"skip with a reason": {"internal/member/x_test.go\npackage member\nfunc f(t *T) { t.Skip(\"no browser here\") }", ""},
		"vague name":         {"internal/platform/helpers/x.go\npackage helpers", "says nothing"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, CheckCode(source(t, c.text)), c.want) })
	}
}

func TestVariableRulesCanFail(t *testing.T) {
	const head = "internal/member/x.go\npackage member\n"
	for name, c := range map[string]struct{ text, want string }{
		"table":             {head + "var names = map[string]int{\"a\": 1}\nfunc f() int { return names[\"a\"] }", ""},
		"sentinel":          {head + "import \"errors\"\nvar errGone = errors.New(\"gone\")", ""},
		"regexp":            {head + "import \"regexp\"\nvar form = regexp.MustCompile(`x`)", ""},
		"interface check":   {head + "var _ interface{} = 1", ""},
		"embedded":          {head + "import \"embed\"\n//go:embed x\nvar files embed.FS", ""},
		"no value":          {head + "import \"sync\"\nvar mu sync.Mutex", "has no value"},
		"made empty":        {head + "var cache = make(map[string]int)", "is made empty"},
		"assigned":          {head + "var n = 1\nfunc f() { n = 2 }", "assigns package variable n"},
		"incremented":       {head + "var n = 1\nfunc f() { n++ }", "changes package variable n"},
		"element written":   {head + "var m = map[string]int{}\nfunc f() { m[\"a\"] = 2 }", "assigns package variable m"},
		"field written":     {head + "var p = T{}\ntype T struct{ a int }\nfunc f() { p.a = 2 }", "assigns package variable p"},
		"deleted":           {head + "var m = map[string]int{}\nfunc f() { delete(m, \"a\") }", "empties package variable m"},
		"address":           {head + "var n = 1\nfunc f() *int { return &n }", "takes the address of package variable n"},
		"ranged over":       {head + "var n = 1\nfunc f(s []int) { for n = range s {} }", "assigns package variable n"},
		"local, same name":  {head + "var n = 1\nfunc f() int { n := 2; n = 3; return n }", ""},
		"local var":         {head + "var n = 1\nfunc f() int { var n int; n = 3; return n }", ""},
		"parameter":         {head + "var n = 1\nfunc f(n int) int { n++; return n }", ""},
		"another package's": {head + "import \"net/http\"\nfunc f() { http.DefaultClient = nil }", "assigns package variable http.DefaultClient"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, CheckVariables(source(t, c.text)), c.want) })
	}
	t.Run("assigned in another file", func(t *testing.T) {
		files := source(t, head+"var n = 1", "internal/member/y.go\npackage member\nfunc f() { n = 2 }")
		expect(t, CheckVariables(files), "y.go:2: assigns package variable n")
	})
}

func TestSQLRulesCanFail(t *testing.T) {
	const head = "internal/member/x.go\n// Package member is people.\n//\n// Tables: member, mission.\npackage member\n"
	literal := func(sql string) string { return head + "const q = `" + sql + "`" }
	for name, c := range map[string]struct{ text, want string }{
		"own insert":           {literal("INSERT INTO member (a)\nVALUES ($1)"), ""},
		"own update":           {literal("UPDATE mission AS m\nSET a = $1"), ""},
		"join":                 {literal("SELECT a\nFROM startup\nJOIN member USING (id)"), ""},
		"lock":                 {literal("SELECT a\nFROM startup\nFOR UPDATE SKIP LOCKED"), ""},
		"upsert":               {literal("INSERT INTO member (a) VALUES ($1)\nON CONFLICT (a) DO UPDATE SET a = excluded.a"), ""},
		"foreign insert":       {literal("INSERT INTO startup (a)\nVALUES ($1)"), "writes in table startup"},
		"foreign update":       {literal("UPDATE startup s\nSET a = $1"), "writes in table startup"},
		"foreign delete":       {literal("DELETE FROM startup\nWHERE a = $1"), "writes in table startup"},
		"whole delete":         {literal("DELETE FROM startup"), "writes in table startup"},
		"in a WITH":            {literal("WITH gone AS (DELETE FROM startup WHERE a = $1 RETURNING a) SELECT a FROM gone"), "writes in table startup"},
		"truncate":             {literal("TRUNCATE startup"), "writes in table startup"},
		"quoted, lower case":   {literal(`insert into "startup" (a) values ($1)`), "writes in table startup"},
		"with a schema":        {literal("INSERT INTO public.startup (a) VALUES ($1)"), "writes in table startup"},
		"formatted":            {literal("UPDATE %s SET a = $1"), "named by a variable"},
		"joined pieces":        {head + "const q = `INSERT INTO ` + `startup` + ` (a) VALUES ($1)`", "writes in table startup"},
		"joined to a variable": {head + "func f(t string) string { return `DELETE FROM ` + t + ` WHERE a = $1` }", "named by a variable"},
		"copy":                 {head + "import \"github.com/jackc/pgx/v5\"\nfunc f(tx pgx.Tx) { tx.CopyFrom(nil, pgx.Identifier{\"startup\"}, nil, nil) }", "copies into table startup"},
		"own copy":             {head + "import \"github.com/jackc/pgx/v5\"\nfunc f(tx pgx.Tx) { tx.CopyFrom(nil, pgx.Identifier{\"member\"}, nil, nil) }", ""},
		"copy to a variable":   {head + "func f(tx T, to []string) { tx.CopyFrom(nil, to, nil, nil) }", "copies into table %s"},
		"now":                  {literal("SELECT a\nFROM member\nWHERE at < now()"), "now() in SQL"},
		"current date":         {literal("SELECT a FROM member WHERE day < CURRENT_DATE"), "CURRENT_DATE in SQL"},
		"now in a test":        {"internal/member/x_test.go\npackage member\nconst q = `SELECT a FROM member WHERE at < now()`", "now() in SQL"},
		"now in postgres":      {"internal/platform/postgres/x.go\npackage postgres\nconst q = `SELECT now() WHERE true`", ""},
		"now in a sentence":    {head + "const q = `call clock.Now() rather than now()`", ""},
		"a French sentence":    {head + "const q = `Supprime une fiche. UPDATE en cours`", ""},
		"test sets the stage":  {"internal/member/x_test.go\npackage member\nconst q = `INSERT INTO startup (a) VALUES ($1)`", ""},
		"SQL in a page":        {"internal/member/memberweb/x.go\npackage memberweb\nconst q = `SELECT a FROM member WHERE b = $1`", "SQL outside a room"},
		"no claim":             {"internal/member/x.go\npackage member\nconst q = `INSERT INTO member (a) VALUES ($1)`", "does not claim"},
		"claims none":          {"internal/member/x.go\n// Package member reads.\n//\n// Tables: none.\npackage member\nconst q = `INSERT INTO member (a) VALUES ($1)`", "writes in table member"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, CheckSQL(source(t, c.text)), c.want) })
	}
	t.Run("two owners", func(t *testing.T) {
		files := source(t, head, "internal/startup/x.go\n// Package startup is products.\n//\n// Tables: startup, member.\npackage startup\n")
		expect(t, CheckSQL(files), "internal/startup: claims table member, which belongs to internal/member")
	})
	t.Run("claim on two lines", func(t *testing.T) {
		files := source(t, "internal/member/x.go\n// Package member is people.\n//\n// Tables: member,\n// mission.\npackage member\nconst q = `DELETE FROM mission WHERE a = $1`")
		expect(t, CheckSQL(files), "")
	})
}

func TestLoadSkipsWhatIsNotOurs(t *testing.T) {
	for _, name := range []string{"node_modules", ".git", "testdata", "bin"} {
		if skip(name, false) == nil {
			t.Errorf("%s is walked", name)
		}
	}
	if skip(".hidden-checkout", true) != nil {
		t.Error("the root itself may have any name")
	}
}
