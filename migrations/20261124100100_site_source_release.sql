-- +goose Up
-- How much the source tells: v1.6 sums up missions in one period, v2.5 leaves out their products,
-- the site's own files say everything. A coarser source never undoes what a finer one told.
ALTER TABLE site_source ADD COLUMN release text NOT NULL DEFAULT 'site'
    CHECK (release IN ('v1.6', 'v2.5', 'v2.6', 'site'));

-- +goose Down
ALTER TABLE site_source DROP COLUMN release;
