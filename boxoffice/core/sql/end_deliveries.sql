-- Write down what became of the deliveries that were taken.
--
-- in:  sink; as arrays, an element each: performances, events, leases (their next_at when taken),
--      outcomes ('delivered', 'again', 'put_off' or 'dead'), waits (seconds until the next
--      attempt), reasons (null for what was delivered or put off without an attempt)
-- out: nothing
--
-- Invariant: what was brought is done, whoever brought it. A failure is written only by who still
-- has the delivery: another who took it since knows better.

WITH ended AS MATERIALIZED (
    SELECT *
    FROM unnest(%(performances)s::bigint[], %(events)s::bigint[], %(leases)s::timestamptz[],
                %(outcomes)s::text[], %(waits)s::float8[], %(reasons)s::text[])
      AS t (performance_id, event_id, lease, outcome, wait_seconds, reason)
),
brought AS (
    DELETE FROM deliveries d USING ended t
    WHERE d.performance_id = t.performance_id AND d.event_id = t.event_id
      AND d.sink = %(sink)s AND t.outcome = 'delivered'
)
UPDATE deliveries d
SET state = CASE t.outcome WHEN 'dead' THEN 'dead' ELSE 'waiting' END,
    attempts = d.attempts + CASE t.outcome WHEN 'put_off' THEN 0 ELSE 1 END,
    next_at = now() + make_interval(secs => t.wait_seconds),
    last_error = coalesce(t.reason, d.last_error)
FROM ended t
WHERE d.performance_id = t.performance_id AND d.event_id = t.event_id
  AND d.sink = %(sink)s AND d.next_at = t.lease AND t.outcome <> 'delivered'
