-- How some seats of a performance stand now.
--
-- in:  performance, labels text[]
-- out: one row a seat: seat_no, state (f, h, s, b), version.
--
-- Invariant: a hold that has ended reads as free.

SELECT s.seat_no,
       CASE WHEN s.status = 'held' AND s.held_until <= now() THEN 'f'
            ELSE left(s.status, 1) END,
       s.version
FROM performances p
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = ANY (%(labels)s::text[])
JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
WHERE p.id = %(performance)s
