package publicsite_test

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"testing"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/clock"
	"github.com/betagouv/espace-membre/internal/publicsite"
	"github.com/betagouv/espace-membre/internal/testing/pgtest"
)

func TestReadAuthorsRefusesOneByOne(t *testing.T) {
	records, refused, err := publicsite.ReadAuthors([]byte(`[
		{"id":"une_ancienne","fullname":" Une &amp; Ancienne ","start":"2022-01-01","end":"2999-12-31","employer":"admin/Octo"},
		{"id":"un.nouveau","fullname":"Un","domaine":"Design","missions":[{"start":"2024-01-01","end":"","status":"service"}]},
		{"id":"Mal Nommé","fullname":"X"}, {"id":"mal.date","fullname":"X","missions":[{"start":"hier"}]},
		{"id":"a.l.envers","fullname":"X","missions":[{"start":"2024-01-02","end":"2024-01-01"}]}, 12]`))
	if err != nil || len(records) != 2 || len(refused) != 4 {
		t.Fatalf("%v %v %v", records, refused, err)
	}
	old := records[0]
	if old.Fullname != "Une & Ancienne" || old.Missions[0].Status != "admin" || old.Missions[0].Employer != "Octo" {
		t.Fatalf("v1.6: %+v", old)
	}
	if !records[1].Missions[0].End.IsZero() {
		t.Fatal("an empty end is an open end")
	}
}

func TestImportOfTheWholeListIsQuickAndRepeatable(t *testing.T) {
	for _, name := range []string{"authors.json.gz", "authors-v1.6.json.gz"} {
		t.Run(name, func(t *testing.T) { importTwice(t, "../../../shared/data/"+name) })
	}
}

func importTwice(t *testing.T, path string) {
	file, err := os.Open(path)
	if err != nil {
		t.Skip("the folder of public data is absent beside the checkout")
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
	db, now, begun := pgtest.Tx(t), clock.MustDay("2024-12-19").At(9, 0), time.Now()
	first, err := publicsite.ImportAuthors(context.Background(), db, now, text)
	if err != nil || first.Created != 2915 || len(first.Refused) != 0 {
		t.Fatalf("first: %d created, refused %v, %v", first.Created, first.Refused, err)
	}
	t.Logf("imported in %v", time.Since(begun))
	if time.Since(begun) > 10*time.Second {
		t.Fatal("too slow")
	}
	second, err := publicsite.ImportAuthors(context.Background(), db, now, text)
	if err != nil || second.Created != 0 || second.Known != 2915 {
		t.Fatalf("second: %+v, %v", second, err)
	}
}
