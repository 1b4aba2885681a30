-- +goose Up
CREATE TABLE organization (
    id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug               text NOT NULL CONSTRAINT organization_slug_key UNIQUE CHECK (slug <> ''),
    name               text NOT NULL CONSTRAINT organization_name_key UNIQUE CHECK (name <> ''),
    acronym            text CONSTRAINT organization_acronym_key UNIQUE,
    ministerial_domain text NOT NULL DEFAULT '',
    type               text NOT NULL DEFAULT 'autre' CHECK (type IN
        ('administration-centrale', 'service-deconcentre', 'operateur', 'securite-sociale', 'collectivite-territoriale', 'autre')),
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL
);
CREATE INDEX organization_search_idx ON organization USING gin (search_form(name) gin_trgm_ops);

CREATE TABLE incubator (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug                 text NOT NULL CONSTRAINT incubator_slug_key UNIQUE CHECK (slug <> ''),
    title                text NOT NULL CHECK (title <> ''),
    owner_id             uuid REFERENCES organization (id) ON DELETE SET NULL,
    contact              text NOT NULL DEFAULT '',
    address              text NOT NULL DEFAULT '',
    website              text NOT NULL DEFAULT '',
    github               text NOT NULL DEFAULT '',
    short_description    text NOT NULL DEFAULT '',
    description          text NOT NULL DEFAULT '',
    -- slugs of products shown first on the public site, in this order
    highlighted_startups text[] NOT NULL DEFAULT '{}',
    -- mailbox plan of the members of its products; NULL: the default plan
    mailbox_plan         text CHECK (mailbox_plan IN ('EMAIL_PLAN_BASIC', 'EMAIL_PLAN_PRO', 'EMAIL_PLAN_EXCHANGE')),
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE INDEX incubator_owner_idx ON incubator (owner_id);
CREATE INDEX incubator_search_idx ON incubator USING gin (search_form(title) gin_trgm_ops);

CREATE TABLE team (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug         text NOT NULL CONSTRAINT team_slug_key UNIQUE CHECK (slug <> ''),
    name         text NOT NULL CHECK (name <> ''),
    mission      text NOT NULL DEFAULT '',
    incubator_id uuid NOT NULL REFERENCES incubator (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL
);
CREATE INDEX team_incubator_idx ON team (incubator_id);
CREATE INDEX team_search_idx ON team USING gin (search_form(name) gin_trgm_ops);

-- +goose Down
DROP TABLE team;
DROP TABLE incubator;
DROP TABLE organization;
