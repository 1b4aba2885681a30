-- +goose Up
-- What people refused, stated in the portal: nobody subscribes them again.
CREATE TABLE list_refusal (
    member_id  uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    list       text NOT NULL CHECK (list <> ''),                         -- a list that may be refused: incubateur
    refused_at timestamptz NOT NULL,
    via        text NOT NULL CHECK (via IN ('account', 'link')),         -- their account, or the link of a letter
    PRIMARY KEY (member_id, list)
);

-- Who was taken off every list after a departure: once for each end date.
CREATE TABLE list_departure (
    member_id uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    end_day   date NOT NULL,
    left_at   timestamptz NOT NULL,
    PRIMARY KEY (member_id, end_day)
);

-- Addresses that do not receive our mails, and why: one row for each way of refusing.
CREATE TABLE mail_refusal (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    address     text NOT NULL CHECK (address = lower(btrim(address)) AND address LIKE '%_@_%'),
    kind        text NOT NULL CHECK (kind IN ('refused', 'hard_bounce', 'soft_bounce', 'blocked', 'invalid_email', 'spam', 'unsubscribed', 'error')),
    source      text NOT NULL CHECK (source IN ('smtp', 'brevo')),
    member_id   uuid REFERENCES member (id) ON DELETE SET NULL,          -- who held the address then
    detail      text NOT NULL DEFAULT '',                                -- what the server said, without any address
    message_key text NOT NULL DEFAULT '',                                -- the latest message concerned: tells an attempt from another message
    times       integer NOT NULL CHECK (times > 0),                      -- messages refused
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    cleared_at  timestamptz,                                             -- a later message was received
    CONSTRAINT mail_refusal_address_kind_source_key UNIQUE (address, kind, source),
    CONSTRAINT mail_refusal_dates_check CHECK (last_at >= first_at)
);
CREATE INDEX mail_refusal_member_idx ON mail_refusal (member_id, last_at DESC);
CREATE INDEX mail_refusal_open_idx ON mail_refusal (last_at DESC) WHERE cleared_at IS NULL;

-- +goose Down
DROP TABLE mail_refusal;
DROP TABLE list_departure;
DROP TABLE list_refusal;
