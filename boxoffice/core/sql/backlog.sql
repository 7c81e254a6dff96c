-- Count what is still to be told, and how old it is.
--
-- in:  nothing
-- out: one row (unsent events, seconds since the oldest, deliveries waiting, retrying, dead).
--
-- Invariant: an event is counted as unsent or by its deliveries, never by both.

SELECT e.unsent, e.oldest, d.waiting, d.retrying, d.dead
FROM (
    SELECT count(*) AS unsent, extract(epoch FROM now() - min(created_at))::float8 AS oldest
    FROM outbox WHERE sent_at IS NULL
) e
CROSS JOIN (
    SELECT count(*) FILTER (WHERE state = 'waiting' AND attempts = 0) AS waiting,
           count(*) FILTER (WHERE state = 'waiting' AND attempts > 0) AS retrying,
           count(*) FILTER (WHERE state = 'dead') AS dead
    FROM deliveries
) d
