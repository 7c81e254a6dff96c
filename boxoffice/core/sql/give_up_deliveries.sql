-- Give up what is to be brought to sinks that no worker served for long.
--
-- in:  sink_seconds, rows_max
-- out: one row (how many were given up).
--
-- Invariant: nothing is deleted: what was given up stays until somebody decides.

WITH left_behind AS MATERIALIZED (
    SELECT d.performance_id, d.event_id, d.sink
    FROM deliveries d
    JOIN jobs j ON j.name = d.sink
    WHERE d.state = 'waiting' AND j.served_at < now() - make_interval(secs => %(sink_seconds)s)
    ORDER BY d.sink, d.next_at, d.event_id
    LIMIT %(rows_max)s
    FOR UPDATE OF d SKIP LOCKED
),
given_up AS (
    UPDATE deliveries d SET state = 'dead', last_error = 'no worker served this sink for a week'
    FROM left_behind l
    WHERE d.performance_id = l.performance_id AND d.event_id = l.event_id AND d.sink = l.sink
    RETURNING 1
)
SELECT count(*) FROM given_up
