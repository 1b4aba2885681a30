-- +goose Up
CREATE TABLE service_account (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id       uuid REFERENCES member (id) ON DELETE CASCADE, -- NULL: an account that belongs to nobody we know
    type            text NOT NULL CHECK (type IN ('matomo', 'sentry', 'mattermost')),
    service_user_id text,
    email           text NOT NULL DEFAULT '',
    status          text NOT NULL DEFAULT 'ACCOUNT_FOUND' CHECK (status IN
        ('ACCOUNT_CREATION_PENDING', 'ACCOUNT_FOUND', 'ACCOUNT_INVITATION_SENT')),
    metadata        jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (type, service_user_id, email)
);
CREATE INDEX service_account_member_idx ON service_account (member_id, type);

CREATE TABLE matomo_site (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    matomo_id  integer NOT NULL UNIQUE,
    startup_id uuid REFERENCES startup (id) ON DELETE CASCADE,
    name       text NOT NULL,
    url        text NOT NULL DEFAULT '',
    type       text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX matomo_site_startup_idx ON matomo_site (startup_id);

CREATE TABLE sentry_team (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sentry_id  text NOT NULL UNIQUE,
    slug       text NOT NULL DEFAULT '',
    startup_id uuid REFERENCES startup (id) ON DELETE CASCADE,
    name       text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX sentry_team_startup_idx ON sentry_team (startup_id);

CREATE TABLE mattermost_member_info (
    mattermost_user_id text PRIMARY KEY,
    member_id          uuid REFERENCES member (id) ON DELETE CASCADE,
    last_activity_day  date
);
CREATE INDEX mattermost_member_info_member_idx ON mattermost_member_info (member_id);

CREATE TABLE newsletter (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    url        text NOT NULL,                            -- address of the pad
    state      text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sending', 'sent', 'archived')),
    publish_at timestamptz,
    sent_at    timestamptz,
    brevo_url  text NOT NULL DEFAULT '',                 -- public web copy
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX newsletter_state_idx ON newsletter (state, created_at);

CREATE TABLE training (
    id                   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    airtable_id          text NOT NULL UNIQUE,
    name                 text NOT NULL,
    starts_at            timestamptz,
    type                 text NOT NULL DEFAULT '',
    type_airtable_id     text NOT NULL DEFAULT '',
    is_onboarding        boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL
);
CREATE TABLE training_member (
    training_id uuid NOT NULL REFERENCES training (id) ON DELETE CASCADE,
    member_id   uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    waiting     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (training_id, member_id)
);
CREATE INDEX training_member_member_idx ON training_member (member_id);

CREATE TABLE badge_request (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id      uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    status         text NOT NULL CHECK (status IN
        ('BADGE_REQUEST_PENDING', 'BADGE_REQUEST_SENT', 'BADGE_RENEWAL_REQUEST_PENDING', 'BADGE_RENEWAL_REQUEST_SENT')),
    request_id     text NOT NULL UNIQUE,
    ds_token       text NOT NULL DEFAULT '',
    dossier_number integer,
    start_day      date NOT NULL,
    end_day        date,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);
CREATE INDEX badge_request_member_idx ON badge_request (member_id);

-- +goose Down
DROP TABLE badge_request;
DROP TABLE training_member;
DROP TABLE training;
DROP TABLE newsletter;
DROP TABLE mattermost_member_info;
DROP TABLE sentry_team;
DROP TABLE matomo_site;
DROP TABLE service_account;
