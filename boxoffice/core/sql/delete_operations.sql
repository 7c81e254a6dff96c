-- Delete operation keys that are old enough, tombstones too.
--
-- in:  kept_days, rows_max
-- out: one row (how many were deleted).
--
-- Invariant: no key goes whose hold is live. The hold is known by its reservation, which was
-- written in the same moment as its first key.

WITH holds AS MATERIALIZED (
    SELECT o.result ->> 'reservation' AS reservation
    FROM reservations r
    JOIN operations o ON o.created_at = r.created_at AND o.result ? 'reservation'
    WHERE r.state = 'held' AND r.held_until > now()
      AND r.created_at < now() - make_interval(days => %(kept_days)s)
),
old AS MATERIALIZED (
    SELECT o.key
    FROM operations o
    WHERE o.created_at < now() - make_interval(days => %(kept_days)s)
      AND coalesce(o.result ->> 'reservation', '') NOT IN (SELECT reservation FROM holds)
    ORDER BY o.created_at
    LIMIT %(rows_max)s
    FOR UPDATE SKIP LOCKED
),
deleted AS (
    DELETE FROM operations o USING old WHERE o.key = old.key RETURNING 1
)
SELECT count(*) FROM deleted
