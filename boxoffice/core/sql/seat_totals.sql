-- Whether a copy of the seat states is still the same: cheap to ask again and again.
--
-- in:  performance
-- out: one row: the sum of all versions, and how many seats are free.
--
-- Invariant: versions only grow, so equal sums mean that no seat has changed; a hold that has
-- ended changes no version, but the free seats.

SELECT coalesce(sum(version), 0)::bigint,
       count(*) FILTER (WHERE status = 'free' OR (status = 'held' AND held_until <= now()))
FROM performance_seats
WHERE performance_id = %(performance)s
