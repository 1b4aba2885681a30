-- +goose Up
CREATE TABLE startup (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug                 text NOT NULL CONSTRAINT startup_slug_key UNIQUE CHECK (slug <> ''),
    name                 text NOT NULL CHECK (name <> ''),
    pitch                text NOT NULL DEFAULT '',
    description          text NOT NULL DEFAULT '',
    incubator_id         uuid REFERENCES incubator (id) ON DELETE SET NULL,
    contact              text NOT NULL DEFAULT '',
    link                 text NOT NULL DEFAULT '',
    repository           text NOT NULL DEFAULT '',
    stats                boolean,
    stats_url            text NOT NULL DEFAULT '',
    budget_url           text NOT NULL DEFAULT '',
    dashlord_url         text NOT NULL DEFAULT '',
    accessibility_status text NOT NULL DEFAULT '',
    risk_analysis        boolean,
    risk_analysis_url    text NOT NULL DEFAULT '',
    mon_service_securise boolean,
    technos              text[] NOT NULL DEFAULT '{}',
    themes               text[] NOT NULL DEFAULT '{}',
    user_types           text[] NOT NULL DEFAULT '{}',
    mailing_list         text NOT NULL DEFAULT '',
    has_mobile_app       boolean NOT NULL DEFAULT false,
    is_private_url       boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE INDEX startup_incubator_idx ON startup (incubator_id);
CREATE INDEX startup_search_idx ON startup USING gin (search_form(name || ' ' || slug) gin_trgm_ops);

-- The vocabulary of phases is data: a new one is a row (and a label).
CREATE TABLE phase_name (
    name   text PRIMARY KEY,
    label  text NOT NULL,
    rank   integer NOT NULL UNIQUE,
    active boolean NOT NULL               -- the product is alive in this phase
);
INSERT INTO phase_name (name, label, rank, active) VALUES
    ('investigation', 'En investigation', 1, true),
    ('construction', 'En construction', 2, true),
    ('acceleration', 'En accélération', 3, true),
    ('transfer', 'Transféré', 4, false),
    ('success', 'Pérennisé', 5, false),
    ('alumni', 'Partenariat terminé', 6, false);

CREATE TABLE phase (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    startup_id uuid NOT NULL REFERENCES startup (id) ON DELETE CASCADE,
    name       text NOT NULL REFERENCES phase_name (name),
    start_day  date NOT NULL,
    end_day    date,
    comment    text NOT NULL DEFAULT '',
    CONSTRAINT phase_startup_id_name_key UNIQUE (startup_id, name),
    CONSTRAINT phase_dates_check CHECK (end_day >= start_day)
);
CREATE INDEX phase_name_idx ON phase (name);

CREATE TABLE startup_event (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    startup_id uuid NOT NULL REFERENCES startup (id) ON DELETE CASCADE,
    name       text NOT NULL CHECK (name IN ('product_launch', 'committee', 'fast', 'national_impact', 'eig', 'other', 'end')),
    day        date NOT NULL,
    comment    text NOT NULL DEFAULT ''
);
CREATE INDEX startup_event_startup_idx ON startup_event (startup_id, day);

CREATE TABLE startup_sponsor (
    startup_id      uuid NOT NULL REFERENCES startup (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    PRIMARY KEY (startup_id, organization_id)
);
CREATE INDEX startup_sponsor_organization_idx ON startup_sponsor (organization_id);

CREATE TABLE mission_startup (
    mission_id uuid NOT NULL REFERENCES mission (id) ON DELETE CASCADE,
    startup_id uuid NOT NULL REFERENCES startup (id) ON DELETE CASCADE,
    PRIMARY KEY (mission_id, startup_id)
);
CREATE INDEX mission_startup_startup_idx ON mission_startup (startup_id);

-- Files (pictures, documents): one small port; the bytes are here unless S3 is configured.
CREATE TABLE stored_file (
    key        text PRIMARY KEY,          -- members/<username>/avatar.jpg, startups/<slug>/hero.jpg…
    media_type text NOT NULL,
    bytes      bytea NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TABLE startup_file (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    startup_id uuid NOT NULL REFERENCES startup (id) ON DELETE CASCADE,
    file_key   text NOT NULL,
    filename   text NOT NULL,
    title      text NOT NULL DEFAULT '',
    comments   text NOT NULL DEFAULT '',
    type       text NOT NULL,
    size       integer NOT NULL CHECK (size >= 0), -- bytes
    data       jsonb NOT NULL DEFAULT '{}',
    created_by uuid REFERENCES member (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    deleted_by uuid REFERENCES member (id) ON DELETE SET NULL,
    deleted_at timestamptz
);
CREATE INDEX startup_file_startup_idx ON startup_file (startup_id);
CREATE INDEX startup_file_created_by_idx ON startup_file (created_by);
CREATE INDEX startup_file_deleted_by_idx ON startup_file (deleted_by);

-- +goose Down
DROP TABLE startup_file;
DROP TABLE stored_file;
DROP TABLE mission_startup;
DROP TABLE startup_sponsor;
DROP TABLE startup_event;
DROP TABLE phase;
DROP TABLE phase_name;
DROP TABLE startup;
