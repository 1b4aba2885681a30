package files

import (
	"context"
	"fmt"

	"github.com/betagouv/espace-membre/internal/platform/postgres"
)

// Rows is a Store in the database.
type Rows struct{ db postgres.DB }

// NewRows keeps files in the database.
func NewRows(db postgres.DB) Rows { return Rows{db: db} }

const noFile = "Ce fichier n’existe pas."

// Put implements Store.
func (r Rows) Put(ctx context.Context, key string, file File) error {
	if err := Check(key, file.Content); err != nil {
		return err
	}
	_, err := r.db.Exec(ctx, `
		INSERT INTO stored_file (key, media_type, bytes, updated_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (key) DO UPDATE
		SET media_type = excluded.media_type, bytes = excluded.bytes, updated_at = excluded.updated_at`,
		key, file.MediaType, file.Content, file.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store file %s: %w", key, postgres.Fault(err))
	}
	return nil
}

// Get implements Store.
func (r Rows) Get(ctx context.Context, key string) (File, error) {
	if err := CheckKey(key); err != nil {
		return File{}, err
	}
	file, err := postgres.One[File](ctx, r.db, noFile, `
		SELECT media_type, bytes AS content, updated_at
		FROM stored_file
		WHERE key = $1`, key)
	if err != nil {
		return File{}, fmt.Errorf("read file %s: %w", key, err)
	}
	return file, nil
}

// Stat implements Store.
func (r Rows) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	info, err := postgres.One[Info](ctx, r.db, noFile, `
		SELECT media_type, octet_length(bytes) AS size, updated_at
		FROM stored_file
		WHERE key = $1`, key)
	if err != nil {
		return Info{}, fmt.Errorf("look at file %s: %w", key, err)
	}
	return info, nil
}

// Delete implements Store.
func (r Rows) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if _, err := r.db.Exec(ctx, `
		DELETE FROM stored_file
		WHERE key = $1`, key); err != nil {
		return fmt.Errorf("delete file %s: %w", key, postgres.Fault(err))
	}
	return nil
}
