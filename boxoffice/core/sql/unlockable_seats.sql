-- Which of the wanted seats could not be locked just now: they are held, sold, or being taken.
--
-- in:  performance, labels text[]
-- out: one row a seat that is not to be had: label.
--
-- Invariant: reads and locks only; nobody waits and nothing is written.

WITH wanted AS MATERIALIZED (
    SELECT v.seat_no, v.label
    FROM performances p
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = ANY (%(labels)s::text[])
    WHERE p.id = %(performance)s
),
free AS MATERIALIZED (
    SELECT s.seat_no
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s
      AND s.seat_no = ANY (ARRAY(SELECT seat_no FROM wanted))
      AND (s.status = 'free' OR (s.status = 'held' AND s.held_until <= now()))
    ORDER BY s.seat_no
    FOR UPDATE SKIP LOCKED
)
SELECT label FROM wanted WHERE seat_no NOT IN (SELECT seat_no FROM free) ORDER BY seat_no
