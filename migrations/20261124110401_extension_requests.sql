-- +goose Up
-- "Demander une prolongation": what a member asked, and what a teammate or the incubator answered.
CREATE TABLE extension_request (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    member_id   uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    end_day     date NOT NULL,                     -- last day of the last mission when it was asked
    wished_day  date NOT NULL,                     -- last day asked for
    message     text NOT NULL DEFAULT '',
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'refused', 'withdrawn', 'expired')),
    asked_at    timestamptz NOT NULL,
    expires_day date NOT NULL,                     -- last day on which it may be accepted
    decided_at  timestamptz,
    decided_by  text NOT NULL DEFAULT '',          -- username
    answer      text NOT NULL DEFAULT '',          -- what the person who decided wrote
    CONSTRAINT extension_request_later_check CHECK (wished_day > end_day),
    CONSTRAINT extension_request_decision_check CHECK ((state = 'pending') = (decided_at IS NULL))
);
CREATE INDEX extension_request_member_idx ON extension_request (member_id, asked_at DESC);
CREATE UNIQUE INDEX extension_request_one_pending_idx ON extension_request (member_id) WHERE state = 'pending';

-- +goose Down
DROP TABLE extension_request;
