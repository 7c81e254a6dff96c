-- How the seats of a concert's performances to come stand, beside its queue.
--
-- in:  concert
-- out: one row: name (the concert's), free, held, sold
--
-- Invariant: a concert without a performance to come has no seats, and one row all the same.

SELECT c.name,
       count(s.seat_no) FILTER (WHERE s.status = 'free' OR s.held_until <= now()) AS free,
       count(s.seat_no) FILTER (WHERE s.status = 'held' AND s.held_until > now()) AS held,
       count(s.seat_no) FILTER (WHERE s.status = 'sold') AS sold
FROM concerts c
LEFT JOIN performances p
  ON p.concert_id = c.id AND p.starts_at > now() AND p.cancelled_at IS NULL
LEFT JOIN performance_seats s ON s.performance_id = p.id
WHERE c.id = %(concert)s
GROUP BY c.name
