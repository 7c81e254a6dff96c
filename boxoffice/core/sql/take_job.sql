-- Take a job of the workers if it is due.
--
-- in:  name, worker, lease_seconds: after so long another worker may take it too
-- out: one row (taken: whether it was due and is this worker's now; seconds until it is due)
--
-- Invariant: of any number of workers that ask at once, one takes it; nobody waits for another.

WITH due AS MATERIALIZED (
    SELECT name FROM jobs WHERE name = %(name)s AND due_at <= now() FOR UPDATE SKIP LOCKED
),
taken AS (
    UPDATE jobs j
    SET due_at = now() + make_interval(secs => %(lease_seconds)s), worker = %(worker)s,
        served_at = now()
    FROM due
    WHERE j.name = due.name
    RETURNING j.name
)
SELECT EXISTS (SELECT FROM taken),
       greatest(extract(epoch FROM j.due_at - now()), 0)::float8
FROM jobs j
WHERE j.name = %(name)s
