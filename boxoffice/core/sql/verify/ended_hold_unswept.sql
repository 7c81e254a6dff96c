-- Where the sweep runs, no hold stays for more than a minute after its end.
--
-- That it runs is known by what it did: two sweeps that came later than that ended other holds
-- of the performance and left this one. A single sweep passes over seats that are locked.

WITH sweeps AS (
    SELECT r.performance_id, p.settled_at AS at
    FROM reservations r
    JOIN payments p ON p.performance_id = r.performance_id AND p.reservation_id = r.id
    WHERE r.state = 'expired'
    GROUP BY r.performance_id, p.settled_at
),
latest AS (
    SELECT performance_id, at,
           row_number() OVER (PARTITION BY performance_id ORDER BY at DESC) AS nth
    FROM sweeps
)
SELECT r.performance_id AS performance, r.id AS reservation,
       format('the hold ended at %%s and two sweeps left it', r.held_until) AS detail
FROM reservations r
JOIN latest ON latest.performance_id = r.performance_id AND latest.nth = 2
WHERE r.state = 'held'
  AND r.held_until < latest.at - make_interval(secs => %(sweep_seconds)s)
