-- Which of the wanted seats are not free as far as anybody has committed.
--
-- in:  performance, labels text[]
-- out: one row a seat: label.
--
-- Invariant: reads only, without a lock that could keep a seat from anybody.

SELECT v.label
FROM performances p
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = ANY (%(labels)s::text[])
JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
WHERE p.id = %(performance)s
  AND s.status <> 'free'
  AND (s.status <> 'held' OR s.held_until > now())
ORDER BY v.seat_no
