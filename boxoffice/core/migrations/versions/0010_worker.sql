-- Jobs of the workers, and what became of each delivery (docs/adr/0024-workers-and-deliveries.md).

-- A job is taken by moving the time when it is due: a worker that dies leaves it to be due again,
-- and nobody keeps a transaction open while others are spoken to.
CREATE TABLE jobs (
    name        text NOT NULL,
    -- Whether it brings events to somebody: every event is brought to each of these.
    sink        boolean NOT NULL,
    due_at      timestamptz NOT NULL DEFAULT now(),
    -- When a worker last asked for it, which tells a sink that is served from one given up.
    served_at   timestamptz NOT NULL DEFAULT now(),
    worker      text,
    -- The last run: its end, how much it did, and how many have failed since one did not.
    ended_at    timestamptz,
    done        bigint NOT NULL DEFAULT 0,
    failures    integer NOT NULL DEFAULT 0,
    last_error  text,
    CONSTRAINT jobs_pkey PRIMARY KEY (name),
    CONSTRAINT jobs_failure_says_why CHECK ((failures > 0) = (last_error IS NOT NULL))
) WITH (fillfactor = 20);

-- What is still to be brought to a sink; what was brought leaves no row.
CREATE TABLE deliveries (
    performance_id  bigint NOT NULL,
    event_id        bigint NOT NULL,
    sink            text NOT NULL,
    state           text NOT NULL DEFAULT 'waiting',
    attempts        integer NOT NULL DEFAULT 0,
    -- Not tried before; while a worker tries, the time when another may.
    next_at         timestamptz NOT NULL DEFAULT now(),
    last_error      text,
    CONSTRAINT deliveries_pkey PRIMARY KEY (performance_id, event_id, sink),
    CONSTRAINT deliveries_event_fkey
        FOREIGN KEY (performance_id, event_id) REFERENCES outbox (performance_id, id),
    CONSTRAINT deliveries_state_known CHECK (state IN ('waiting', 'dead')),
    CONSTRAINT deliveries_attempts_not_negative CHECK (attempts >= 0),
    CONSTRAINT deliveries_dead_says_why CHECK (state = 'waiting' OR last_error IS NOT NULL)
) WITH (fillfactor = 70);

CREATE INDEX deliveries_due ON deliveries (sink, next_at, event_id) WHERE state = 'waiting';
CREATE INDEX deliveries_dead ON deliveries (performance_id, event_id) WHERE state = 'dead';

-- What is old enough to be deleted.
CREATE INDEX operations_age ON operations (created_at);
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- Every payment is changed once, when it is paid or its hold has ended, and no index with it:
-- with room on its page no index is written either.
ALTER TABLE payments SET (fillfactor = 50);
