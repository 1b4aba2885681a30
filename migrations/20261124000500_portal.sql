-- +goose Up
CREATE TABLE session (
    token_hash bytea PRIMARY KEY,                        -- SHA-256 of the cookie's token
    member_id  uuid REFERENCES member (id) ON DELETE CASCADE,
    data       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_member_idx ON session (member_id);
CREATE INDEX session_expires_idx ON session (expires_at);

-- Magic links: one row a request, the token itself only ever stands in the mail.
CREATE TABLE login_link (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id    uuid REFERENCES member (id) ON DELETE CASCADE, -- NULL: the address is nobody's
    address_hash bytea NOT NULL,                                -- HMAC of the typed address, for the limits
    client_hash  bytea NOT NULL,                                -- HMAC of the client's address
    next_path    text NOT NULL DEFAULT '',
    token_hash   bytea UNIQUE,                                  -- NULL until the mail is being sent
    requested_at timestamptz NOT NULL,
    expires_at   timestamptz,
    used_at      timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX login_link_member_idx ON login_link (member_id, requested_at);
CREATE INDEX login_link_address_idx ON login_link (address_hash, requested_at);
CREATE INDEX login_link_client_idx ON login_link (client_hash, requested_at);

CREATE TABLE audit_event (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text NOT NULL CHECK (actor <> ''),        -- username, or system
    code       text NOT NULL CHECK (code <> ''),
    member_id  uuid REFERENCES member (id) ON DELETE SET NULL,
    startup_id uuid REFERENCES startup (id) ON DELETE SET NULL,
    subject    text NOT NULL DEFAULT '',
    reason     text NOT NULL DEFAULT '',
    before     jsonb,
    after      jsonb
);
CREATE INDEX audit_event_member_idx ON audit_event (member_id, at DESC);
CREATE INDEX audit_event_startup_idx ON audit_event (startup_id, at DESC);
CREATE INDEX audit_event_code_idx ON audit_event (code, at DESC);

-- What the public site said of each record when it was last read: its file, and the values
-- taken from it, against which a change made in the portal is told apart.
CREATE TABLE site_source (
    kind        text NOT NULL CHECK (kind IN ('organization', 'incubator', 'team', 'startup', 'member')),
    slug        text NOT NULL,
    source      text NOT NULL,                           -- the record as it stood in the file
    format      text NOT NULL CHECK (format IN ('json', 'markdown')),
    imported    jsonb NOT NULL,                          -- field -> value, as applied
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (kind, slug)
);

-- +goose Down
DROP TABLE site_source;
DROP TABLE audit_event;
DROP TABLE login_link;
DROP TABLE session;
