package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// CheckImports holds every import against the table of layers.go.
func CheckImports(files []File) []Finding {
	var findings []Finding
	table := layers()
	for _, f := range files {
		name := classify(f.Dir())
		if name == "" {
			findings = append(findings, Finding{f.Path, "this folder has no line in the import table (internal/testing/archtest/layers.go)"})
			continue
		}
		for _, to := range f.Imports() {
			if why := refuse(f, table[name], to); why != "" {
				findings = append(findings, Finding{f.Path, fmt.Sprintf("imports %s: %s", to, why)})
			}
		}
	}
	return findings
}

// refuse tells why a file may not import a path; "" when it may.
func refuse(f File, row layer, to string) string {
	switch {
	case isOurs(to) && f.Test:
		return refuseInTest(f, to)
	case f.Test:
		return ""
	case under(to, "internal/testing"):
		return "test tools are imported by tests only"
	case isOurs(to) && to != f.Dir() && !row.ours(f.Dir(), to):
		return fmt.Sprintf("a %s may not: %s", row.name, row.why)
	case isOurs(to):
		return ""
	case isStandard(to) && slices.ContainsFunc(row.never, func(p string) bool { return under(to, p) }):
		return fmt.Sprintf("a %s never does: %s", row.name, row.why)
	case !isStandard(to) && !row.anything && !slices.ContainsFunc(row.libraries, func(p string) bool { return under(to, p) }):
		return fmt.Sprintf("this library is not for a %s: %s", row.name, row.why)
	}
	return ""
}

// refuseInTest lets tests use everything but the composition root, which belongs to end-to-end tests.
func refuseInTest(f File, to string) string {
	if to == "internal/app" && !slices.ContainsFunc([]string{"internal/app", "internal/cli", "internal/testing", "cmd"},
		func(p string) bool { return under(f.Dir(), p) }) {
		return "app is for the command line and end-to-end tests"
	}
	return ""
}

func roomImports(from, to string) bool {
	return among(platformNames("fault clock actor job audit postgres files picture chatpost")...)(from, to) || lowerRoom(from, to)
}

func roomWebImports(from, to string) bool {
	room := roomOf(from)
	// A composed page shows the panels of lower rooms, which are in their web packages.
	panel := classify(to) == "room web" && ranks()[roomOf(to)] < ranks()[room]
	return to == "internal/"+room || lowerRoom(from, to) || panel || under(to, "internal/platform")
}

func roomMailImports(from, to string) bool {
	return to == "internal/"+roomOf(from) || to == "internal/platform/mail" || to == "internal/platform/clock"
}

func roomVendorImports(from, to string) bool {
	room := roomOf(from)
	vendor := strings.TrimPrefix(strings.TrimPrefix(from, "internal/"+room+"/"), room)
	return to == "internal/"+room || to == "internal/integration/"+vendor ||
		among(platformNames("fault clock httpclient")...)(from, to)
}

func platformImports(from, to string) bool {
	row, known := platform()[strings.TrimPrefix(from, "internal/platform/")]
	return known && among(platformNames(row.uses)...)(from, to)
}

func sandboxImports(_, to string) bool {
	return isSimulator(to) || under(to, "internal/sandbox") || under(to, "internal/platform")
}

func lowerRoom(from, to string) bool {
	return isRoom(to) && ranks()[roomOf(to)] < ranks()[roomOf(from)]
}

func among(dirs ...string) func(from, to string) bool {
	return func(_, to string) bool { return slices.Contains(dirs, to) }
}

func platformNames(names string) []string {
	dirs := strings.Fields(names)
	for i := range dirs {
		dirs[i] = "internal/platform/" + dirs[i]
	}
	return dirs
}

func roomOf(dir string) string {
	parts := strings.Split(dir, "/")
	if len(parts) < 2 {
		return ""
	}
	return parts[1]
}

func isRoom(dir string) bool { return classify(dir) == "room" }

func isSimulator(dir string) bool {
	parts := strings.Split(dir, "/")
	return len(parts) == 4 && parts[1] == "integration" && parts[3] == parts[2]+"sim"
}

func isOurs(to string) bool {
	return under(to, "internal") || under(to, "migrations") || under(to, "cmd")
}

func isStandard(to string) bool {
	first, _, _ := strings.Cut(to, "/")
	return !strings.Contains(first, ".")
}

// under tells whether a path is a folder or inside it.
func under(to, folder string) bool { return to == folder || strings.HasPrefix(to, folder+"/") }
