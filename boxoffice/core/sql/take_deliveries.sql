-- Take what is due to be brought to a sink, oldest first.
--
-- in:  sink, deliveries_max, lease_seconds
-- out: one row a delivery (performance, event number, event id, type, payload, created_at,
--      attempts, next_at, epoch): nobody else takes it before next_at; epoch is now.
--
-- Invariant: no lock outlives this statement. Whoever took something and dies leaves it to be
-- due again at next_at.

WITH due AS MATERIALIZED (
    SELECT d.performance_id, d.event_id
    FROM deliveries d
    WHERE d.sink = %(sink)s AND d.state = 'waiting' AND d.next_at <= now()
    ORDER BY d.next_at, d.event_id
    LIMIT %(deliveries_max)s
    FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE deliveries d SET next_at = now() + make_interval(secs => %(lease_seconds)s)
    FROM due
    WHERE d.performance_id = due.performance_id AND d.event_id = due.event_id
      AND d.sink = %(sink)s
    RETURNING d.performance_id, d.event_id, d.attempts, d.next_at
)
SELECT t.performance_id, t.event_id, e.dedupe_key, e.type, e.payload, e.created_at, t.attempts,
       t.next_at, extract(epoch FROM now())::float8
FROM taken t
JOIN outbox e ON e.performance_id = t.performance_id AND e.id = t.event_id
ORDER BY e.id
