-- +goose Up
-- What an administrator postponed or cancelled of a departure; jobs of every room ask it.
CREATE TABLE departure_hold (
    member_id uuid NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    step      text NOT NULL CHECK (step IN
        ('all', 'notice-30', 'notice-15', 'notice-2', 'farewell', 'redirections', 'incubator-list', 'github', 'suspension', 'expiry',
         'closing', 'lists', 'services', 'deletion', 'secondary', 'chat-notice', 'chat-removal')),
    end_day   date NOT NULL,                       -- last day of the departure concerned; a later end is another departure
    until_day date,                                -- the step may go on from this day; NULL: cancelled
    held_by   text NOT NULL CHECK (held_by <> ''), -- username
    why       text NOT NULL CHECK (why <> ''),
    held_at   timestamptz NOT NULL,
    PRIMARY KEY (member_id, step)
);

-- +goose Down
DROP TABLE departure_hold;
