-- +goose Up
CREATE TABLE job (
    name            text PRIMARY KEY,
    first_seen_at   timestamptz NOT NULL,
    last_slot       timestamptz NOT NULL,
    last_planned_at timestamptz,
    last_ok_at      timestamptz,
    last_error      text NOT NULL DEFAULT '',
    quiet_runs      integer NOT NULL DEFAULT 0,       -- runs with nothing to tell since the last one that had
    population      integer NOT NULL DEFAULT 0,
    approved_at     timestamptz,                      -- first destructive plan accepted by a person
    approved_by     text,
    paused_at       timestamptz,
    paused_by       text,
    paused_why      text NOT NULL DEFAULT ''
);

CREATE TABLE job_run (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job        text NOT NULL REFERENCES job (name) ON DELETE CASCADE,
    slot       timestamptz,
    trigger    text NOT NULL CHECK (trigger IN ('schedule', 'catch-up', 'person')),
    actor      text NOT NULL,
    today      date NOT NULL,
    state      text NOT NULL CHECK (state IN ('applying', 'held', 'ok', 'partial', 'failed', 'missed')),
    version    integer NOT NULL DEFAULT 1,
    population integer NOT NULL DEFAULT 0,
    counts     jsonb NOT NULL DEFAULT '{}',
    skipped    jsonb NOT NULL DEFAULT '{}',           -- reason -> {count, subjects: at most 20}
    hold       text NOT NULL DEFAULT '',              -- French: why a person must confirm
    error      text NOT NULL DEFAULT '',
    repeats    integer NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    closed_at  timestamptz
);
CREATE INDEX job_run_job_idx ON job_run (job, started_at DESC);
CREATE UNIQUE INDEX job_run_one_held_idx ON job_run (job) WHERE state = 'held';
CREATE INDEX job_run_open_idx ON job_run (state) WHERE state = 'applying';

-- The plan and the ledger at once.
CREATE TABLE job_action (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text NOT NULL,
    round       integer NOT NULL,
    mode        text NOT NULL CHECK (mode IN ('once', 'state')),
    job         text NOT NULL,
    run_id      uuid REFERENCES job_run (id) ON DELETE SET NULL,
    actor       text NOT NULL,
    verb        text NOT NULL,
    subject     uuid,
    label       text NOT NULL DEFAULT '',
    reason      text NOT NULL,
    args        jsonb,
    secret      bytea,
    destructive boolean NOT NULL DEFAULT false,
    queue       text NOT NULL,
    state       text NOT NULL CHECK (state IN ('held', 'planned', 'started', 'done', 'moot', 'failed', 'uncertain')),
    attempt     integer NOT NULL DEFAULT 0,           -- claims so far; the fence of the one that runs
    refusals    integer NOT NULL DEFAULT 0,           -- attempts that ended in an error other than "unavailable"; five and it fails
    not_before  timestamptz NOT NULL,
    last_error  text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    closed_at   timestamptz,
    CONSTRAINT job_action_key_round_key UNIQUE (key, round)
);
CREATE UNIQUE INDEX job_action_once_idx ON job_action (key) WHERE mode = 'once' AND state <> 'moot';
CREATE UNIQUE INDEX job_action_open_state_idx ON job_action (key) WHERE mode = 'state' AND state NOT IN ('done', 'moot');
CREATE INDEX job_action_open_idx ON job_action (job, state) WHERE state NOT IN ('done', 'moot');
CREATE INDEX job_action_due_idx ON job_action (not_before, id) WHERE state = 'planned';
CREATE INDEX job_action_started_idx ON job_action (started_at) WHERE state = 'started';
CREATE INDEX job_action_subject_idx ON job_action (subject, created_at DESC);
CREATE INDEX job_action_run_idx ON job_action (run_id);
CREATE INDEX job_action_destructive_idx ON job_action (job, created_at) WHERE destructive;

-- +goose Down
DROP TABLE job_action;
DROP TABLE job_run;
DROP TABLE job;
