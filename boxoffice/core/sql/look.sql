-- Look whether a seat is plainly gone, for whoever has just lost a race.
--
-- in:  performance, concert (the token's, or null), label, key
-- out: one row (label) where hold.sql would answer 'seat_taken' for this one seat at the ordinary
--      price; none where it might hold it, or where it has something else to say first.
--
-- Invariant: reads only, and takes no lock. Whoever hears nothing here asks hold.sql, which
-- decides; so a key that was used before, or is being used, gets its answer there.

SELECT v.label
FROM performances p
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = %(label)s
JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
WHERE p.id = %(performance)s
  AND (s.status = 'sold' OR (s.status = 'held' AND s.held_until > now()))
  AND (%(concert)s::bigint IS NULL OR p.concert_id = %(concert)s)
  AND p.cancelled_at IS NULL
  AND p.sale_opens <= now() AND p.sale_closes > now()
  AND NOT EXISTS (SELECT FROM operations WHERE key = %(key)s)
