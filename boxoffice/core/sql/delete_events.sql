-- Delete events that everybody was told of long enough ago.
--
-- in:  kept_days, rows_max
-- out: one row (how many were deleted).
--
-- Invariant: an event of which a delivery is open, or given up, stays.

WITH old AS MATERIALIZED (
    SELECT e.performance_id, e.id
    FROM outbox e
    WHERE e.sent_at < now() - make_interval(days => %(kept_days)s)
      AND NOT EXISTS (
          SELECT FROM deliveries d WHERE d.performance_id = e.performance_id AND d.event_id = e.id
      )
    ORDER BY e.sent_at
    LIMIT %(rows_max)s
    FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM outbox e USING old
    WHERE e.performance_id = old.performance_id AND e.id = old.id
    RETURNING 1
)
SELECT count(*) FROM deleted
