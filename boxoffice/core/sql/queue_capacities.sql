-- The largest capacity that each queue had of late, where somebody changed it.
--
-- in:  seconds (how long ago counts), capacity (the default)
-- out: one row a concert: concert, capacity.
--
-- Invariant: reads only. A capacity counts until a while after the change that ended it, since
-- whoever was admitted under it stays. Before the first change there was the default.

WITH changes AS (
    SELECT (detail ->> 'concert')::bigint AS concert,
           coalesce((detail ->> 'capacity')::integer, %(capacity)s) AS capacity,
           lag(coalesce((detail ->> 'capacity')::integer, %(capacity)s), 1, %(capacity)s)
               OVER (PARTITION BY detail ->> 'concert' ORDER BY id) AS former,
           at,
           lead(at) OVER (PARTITION BY detail ->> 'concert' ORDER BY id) AS until
    FROM audit
    WHERE action = 'configure queue' AND detail ? 'capacity'
)
SELECT concert,
       max(greatest(capacity, CASE WHEN at > now() - make_interval(secs => %(seconds)s)
                                   THEN former ELSE capacity END)) AS capacity
FROM changes
WHERE until IS NULL OR until > now() - make_interval(secs => %(seconds)s)
GROUP BY concert
