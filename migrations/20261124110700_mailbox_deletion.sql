-- +goose Up
-- Demands that a mailbox be deleted, which may be taken back until due_at. Whether one still waits
-- is told by its action (key deleteMailbox/<member>/<id>).
CREATE TABLE mailbox_deletion (
    id           uuid PRIMARY KEY,                  -- of the form
    member_id    uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    asked_at     timestamptz NOT NULL,
    asked_by     text NOT NULL,                     -- username
    due_at       timestamptz NOT NULL,
    cancelled_at timestamptz,
    cancelled_by text,
    CONSTRAINT mailbox_deletion_delay_check CHECK (due_at >= asked_at),
    CONSTRAINT mailbox_deletion_cancelled_check CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL))
);
CREATE INDEX mailbox_deletion_member_idx ON mailbox_deletion (member_id, asked_at);

-- +goose Down
DROP TABLE mailbox_deletion;
