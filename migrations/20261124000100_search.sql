-- +goose Up
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What people type and what records hold are compared in this form: lower case, no accent.
-- +goose StatementBegin
CREATE FUNCTION search_form(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION search_form(text);
DROP EXTENSION pg_trgm;
DROP EXTENSION unaccent;
