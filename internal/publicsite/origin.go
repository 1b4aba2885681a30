package publicsite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// originsOf reads what is kept of the site's records of a kind, by slug.
func originsOf(ctx context.Context, tx postgres.DB, k kind) (map[string]*origin, error) {
	rows, err := postgres.All[origin](ctx, tx, `
		SELECT kind, slug, source, format, release, imported
		FROM site_source
		WHERE kind = $1`, k)
	if err != nil {
		return nil, fmt.Errorf("read what the site said: %w", err)
	}
	origins := make(map[string]*origin, len(rows))
	for i := range rows {
		origins[rows[i].Slug] = &rows[i]
	}
	return origins, nil
}

// keepOrigins writes what the site says now.
func keepOrigins(ctx context.Context, tx postgres.DB, now time.Time, origins []origin) error {
	if len(origins) == 0 {
		return nil
	}
	text, err := json.Marshal(origins)
	if err != nil {
		return fmt.Errorf("encode what the site says: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO site_source (kind, slug, source, format, release, imported, imported_at)
		SELECT "Kind", "Slug", "Source", "Format", "Release", "Imported", $2
		FROM jsonb_to_recordset($1::jsonb) AS r ("Kind" text, "Slug" text, "Source" text, "Format" text, "Release" text, "Imported" jsonb)
		ON CONFLICT (kind, slug) DO UPDATE
		SET source = excluded.source,
		    format = excluded.format,
		    release = excluded.release,
		    imported = excluded.imported,
		    imported_at = excluded.imported_at`, string(text), now)
	if err != nil {
		return fmt.Errorf("keep what the site says: %w", postgres.Fault(err))
	}
	return nil
}
