package archtest

import "strings"

// ranks is the floor of each room: a room imports only rooms of a lower floor.
func ranks() map[string]int {
	return map[string]int{
		"member": 0, // people, missions, addresses: everyone may speak of them

		"startup": 1, "org": 1, "mailinglist": 1,

		"signin": 2, "mailbox": 2, "chat": 2, "forge": 2, "toolaccess": 2,
		"newsletter": 2, "training": 2, "event": 2, "badge": 2,

		"onboarding": 3, "offboarding": 3, "publicsite": 3, // stories across rooms

		"profile": 4, "dashboard": 4, "console": 4, "api": 4, // composed pages
	}
}

// platformRow is what one platform package may import of the platform.
type platformRow struct {
	uses string // space-separated names under internal/platform
	why  string
}

// platform is the order of the machinery: each package imports only lower ones.
func platform() map[string]platformRow {
	return map[string]platformRow{
		"fault":          {"", "vocabulary: the kinds of errors"},
		"clock":          {"", "vocabulary: instants and days"},
		"actor":          {"", "vocabulary: who acts"},
		"job":            {"clock", "vocabulary: scheduled work as values; days are clock's"},
		"postgres":       {"fault clock", "SQL errors become faults"},
		"httpclient":     {"fault clock", "answers of vendors become faults"},
		"config":         {"fault job mail", "switches are asked for a job's declaration, well-known mail services for their host"},
		"files":          {"fault postgres", "files are rows, unless an object storage takes their place"},
		"picture":        {"fault", "pictures are read and made again"},
		"geo":            {"", "communes and départements, embedded"},
		"geo/gen":        {"", "makes the lists to embed, at build time"},
		"audit":          {"actor clock postgres", "events are rows, written by somebody"},
		"session":        {"actor clock postgres", "sessions are rows"},
		"web/static":     {"", "embedded files, addressed by their hash"},
		"web/static/gen": {"", "copies the files to embed, at build time"},
		"graph":          {"fault", "drawings of directed graphs"},
		"dsfr":           {"web/static", "components link to embedded files"},
		"markdown":       {"", "what members write becomes safe HTML"},
		"chatpost":       {"clock job", "posts as values, recorded and sent as actions"},
		"mail":           {"actor clock dsfr fault httpclient job", "letters and their sender"},
		"worker":         {"actor audit clock fault job postgres", "runs what job describes, and audits it"},
		"web":            {"actor clock dsfr fault postgres session web/static", "pages, their policies and their errors"},
	}
}

// layer is a family of packages that obey the same rule.
type layer struct {
	name string
	// ours tells whether the package (a folder) may import another of the house.
	ours func(from, to string) bool
	// libraries are the prefixes of other people's modules that may be imported.
	libraries []string
	anything  bool // any library
	// never are the prefixes of the standard library that may not be imported.
	never []string
	why   string
}

func textLibraries(more ...string) []string {
	return append([]string{
		"github.com/google/uuid", "github.com/yuin/goldmark", "github.com/microcosm-cc/bluemonday",
		"github.com/goccy/go-yaml", "github.com/gosimple/slug", "golang.org/x/text",
	}, more...)
}

// layers is the import table of the house. classify gives the row of a folder.
func layers() map[string]layer {
	rows := []layer{
		{
			name: "room", ours: roomImports, libraries: textLibraries("github.com/jackc/pgx/v5"),
			never: []string{"net/http", "html/template", "text/template"},
			why:   "a room holds rules, use-cases and SQL; pages, letters and vendors are beside it",
		},
		{
			name: "room web", ours: roomWebImports, libraries: textLibraries("github.com/a-h/templ"), never: []string{"database/sql", "html/template"},
			why: "pages ask use-cases: no SQL, no vendor",
		},
		{
			name: "room mail", ours: roomMailImports, libraries: textLibraries("github.com/a-h/templ"),
			never: []string{"net/http", "database/sql", "html/template", "text/template"},
			why:   "letters are pure functions to subject, text and HTML",
		},
		{
			name: "room vendor", ours: roomVendorImports, libraries: []string{"github.com/google/uuid"}, never: []string{"net/http", "database/sql"},
			why: "an adapter translates between its room and one vendor",
		},
		{
			name: "integration", ours: among(platformNames("fault clock files httpclient mail chatpost")...), anything: true, never: []string{"database/sql"},
			why: "a client knows its vendor, and no room",
		},
		{
			name: "simulator", ours: among("internal/platform/clock", "internal/sandbox/simkit"),
			libraries: []string{"github.com/google/uuid"}, never: []string{"database/sql"},
			why: "a simulator never shares code with the client, lest they share a misunderstanding",
		},
		{
			name: "simulator kit", ours: among("internal/platform/clock"), libraries: []string{"github.com/google/uuid"},
			why: "what simulators share knows nothing of the house",
		},
		{name: "platform", ours: platformImports, anything: true, why: "machinery knows no room and no vendor, and only lower machinery"},
		{
			name: "sandbox", ours: sandboxImports, anything: true,
			why: "simulators behind one address know no room: they stand for the outside",
		},
		{
			name: "sample", ours: func(_, to string) bool {
				return isRoom(to) || under(to, "internal/platform") || isSimulator(to) || under(to, "internal/sandbox")
			},
			anything: true, why: "the made-up community is told in the words of the rooms",
		},
		{name: "app", ours: func(_, to string) bool { return !under(to, "internal/cli") && !under(to, "internal/testing") }, anything: true, why: "the composition root alone knows everything"},
		{
			name: "cli", ours: func(_, to string) bool {
				return to == "internal/app" || to == "migrations" || under(to, "internal/platform") || under(to, "internal/sandbox") ||
					under(to, "internal/sample") || under(to, "internal/cli")
			},
			anything: true, why: "a command speaks to app, the platform, the sandbox and the sample",
		},
		{name: "command", ours: among("internal/cli"), why: "main only starts the command line"},
		{name: "migrations", ours: among(), anything: true, why: "the schema depends on nothing of ours"},
		{name: "testing", ours: func(_, to string) bool { return to != "internal/cli" }, anything: true, why: "test tools may start anything"},
	}
	table := map[string]layer{}
	for _, row := range rows {
		table[row.name] = row
	}
	return table
}

// classify tells the layer of a folder; "" when the table has no line for it.
func classify(dir string) string {
	parts := strings.Split(dir, "/")
	switch {
	case parts[0] == "cmd":
		return "command"
	case parts[0] == "migrations":
		return "migrations"
	case parts[0] != "internal" || len(parts) < 2:
		return ""
	case isSimulator(dir):
		return "simulator"
	case dir == "internal/sandbox/simkit":
		return "simulator kit"
	}
	switch parts[1] {
	case "platform", "integration":
		if len(parts) < 3 {
			return ""
		}
		return parts[1]
	case "app", "cli", "sandbox", "sample", "testing":
		return parts[1]
	}
	return classifyRoom(parts)
}

func classifyRoom(parts []string) string {
	room := parts[1]
	_, known := ranks()[room]
	switch {
	case !known:
		return ""
	case len(parts) == 2:
		return "room"
	case len(parts) > 3 || !strings.HasPrefix(parts[2], room) || parts[2] == room:
		return ""
	}
	switch strings.TrimPrefix(parts[2], room) {
	case "web":
		return "room web"
	case "mail":
		return "room mail"
	}
	return "room vendor"
}
