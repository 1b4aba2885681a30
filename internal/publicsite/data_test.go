package publicsite_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/platform/postgres"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

// limit is how long the import of the whole community may take.
const limit = 10 * time.Second

var now = clock.MustDay("2024-12-19").At(9, 0)

// shared reads a file of ../shared/data, beside the repository; the test is skipped when that
// folder is absent.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(filepath.Dir(root), "shared", "data", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the whole community is not imported: ../shared/data/%s is absent beside this repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func wholeDirectory(t *testing.T) publicsite.Directory {
	return publicsite.Directory{
		Authors: shared(t, "authors.json.gz"), Startups: shared(t, "startups.json.gz"),
		Incubators: shared(t, "incubators.json.gz"), Organisations: shared(t, "organisations.json.gz"),
	}
}

func wholeSite(t *testing.T) fs.FS {
	tree := fstest.MapFS{}
	archive := tar.NewReader(bytes.NewReader(shared(t, "content.tar.gz")))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return tree
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		tree[filepath.ToSlash(filepath.Clean(header.Name))] = &fstest.MapFile{Data: text}
	}
}

func readDirectory(t *testing.T, d publicsite.Directory) *publicsite.Source {
	t.Helper()
	source, err := publicsite.ReadDirectory(d)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func readSite(t *testing.T, tree fs.FS) *publicsite.Source {
	t.Helper()
	source, err := publicsite.ReadSite(tree, nil)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func bring(t *testing.T, db postgres.DB, source *publicsite.Source) publicsite.Report {
	t.Helper()
	report, err := publicsite.Import(context.Background(), db, now, "system", source, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// nothingMoves imports again and holds that neither the records, nor what is kept of the
// source, nor the history changed.
func nothingMoves(t *testing.T, db pgx.Tx, source *publicsite.Source) publicsite.Report {
	t.Helper()
	before := fingerprint(t, db)
	report, err := publicsite.Import(context.Background(), db, now.Add(48*time.Hour), "system", source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Created != 0 || report.Count.Changed != 0 {
		t.Errorf("a second import created %d and changed %d records", report.Created, report.Count.Changed)
	}
	if after := fingerprint(t, db); after != before {
		t.Error("a second import wrote something")
	}
	return report
}

// fingerprint sums up every table that an import writes.
func fingerprint(t *testing.T, db pgx.Tx) string {
	t.Helper()
	sum, err := postgres.Scalar[string](context.Background(), db, `
		SELECT md5(string_agg(line, E'\n' ORDER BY line))
		FROM (
		    SELECT organization::text AS line FROM organization
		    UNION ALL SELECT incubator::text FROM incubator
		    UNION ALL SELECT team::text FROM team
		    UNION ALL SELECT startup::text FROM startup
		    UNION ALL SELECT phase::text FROM phase
		    UNION ALL SELECT startup_event::text FROM startup_event
		    UNION ALL SELECT startup_sponsor::text FROM startup_sponsor
		    UNION ALL SELECT member::text FROM member
		    UNION ALL SELECT mission::text FROM mission
		    UNION ALL SELECT mission_startup::text FROM mission_startup
		    UNION ALL SELECT team_member::text FROM team_member
		    UNION ALL SELECT site_source::text FROM site_source
		    UNION ALL SELECT audit_event::text FROM audit_event) AS lines`)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func count(t *testing.T, db postgres.DB, sql string, args ...any) int {
	t.Helper()
	n, err := postgres.Scalar[int](context.Background(), db, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const activeMembers = `
	SELECT count(*)
	FROM member
	WHERE EXISTS (SELECT FROM mission WHERE member_id = member.id AND (end_day IS NULL OR end_day >= $1))`

func TestTheWholeDirectory(t *testing.T) {
	begun := time.Now()
	source := readDirectory(t, wholeDirectory(t))
	read := time.Since(begun)
	db := pgtest.Tx(t)
	begun = time.Now()
	report := bring(t, db, source)
	t.Logf("read in %v, imported in %v", read, time.Since(begun))
	if took := read + time.Since(begun); took > limit {
		t.Errorf("took %v", took)
	}
	want := publicsite.Count{Created: 2915}
	if report.Members != want || report.Startups.Created != 554 || report.Incubators.Created != 23 || report.Organizations.Created != 114 {
		t.Errorf("%+v", report)
	}
	if len(report.Refused) > 0 || len(report.Kept) > 0 {
		t.Errorf("refused %v, kept %v", report.Refused, report.Kept)
	}
	for _, n := range report.Notices {
		t.Log(n.File, n.Reason)
	}
	if n := count(t, db, activeMembers, "2024-12-19"); n != 1511 {
		t.Errorf("%d members active", n)
	}
	begun = time.Now()
	nothingMoves(t, db, source)
	t.Logf("again in %v", time.Since(begun))
}

func TestTheWholeSite(t *testing.T) {
	tree := wholeSite(t)
	begun := time.Now()
	source := readSite(t, tree)
	read := time.Since(begun)
	db := pgtest.Tx(t)
	begun = time.Now()
	report := bring(t, db, source)
	t.Logf("read in %v, imported in %v", read, time.Since(begun))
	if took := read + time.Since(begun); took > limit {
		t.Errorf("took %v", took)
	}
	if report.Members.Created != 2915 || report.Startups.Created != 554 || report.Incubators.Created != 23 || report.Organizations.Created != 112 || report.Teams.Created != 20 {
		t.Errorf("%+v", report)
	}
	for _, r := range report.Refused {
		t.Log("refused", r.File, r.Reason)
	}
	for _, n := range report.Notices {
		t.Log(n.File, n.Reason)
	}
	if n := count(t, db, activeMembers, "2024-12-19"); n != 1511 {
		t.Errorf("%d members active", n)
	}
	nothingMoves(t, db, source)
}
