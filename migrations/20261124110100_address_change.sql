-- +goose Up
-- Addresses that somebody wants and has not proved to own yet: one row a request. The token
-- itself only ever stands in the mail that was sent to that address.
CREATE TABLE address_change (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id    uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('primary', 'secondary')),
    address      text NOT NULL CONSTRAINT address_change_form_check
                 CHECK (address = lower(btrim(address)) AND address LIKE '%_@_%'),
    asked_by     text NOT NULL CHECK (asked_by <> ''),        -- username
    requested_at timestamptz NOT NULL,
    token_hash   bytea CONSTRAINT address_change_token_key UNIQUE, -- NULL until the mail is being sent
    expires_at   timestamptz NOT NULL,
    confirmed_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX address_change_member_idx ON address_change (member_id, requested_at);
CREATE UNIQUE INDEX address_change_open_idx ON address_change (member_id, kind)
    WHERE confirmed_at IS NULL AND revoked_at IS NULL;

-- +goose Down
DROP TABLE address_change;
