-- The labels of seats of several performances.
--
-- in:  performances bigint[], seats integer[] (of the same length, number by number)
-- out: one row a seat that there is: performance, seat number, label.
--
-- Invariant: reads only.

SELECT wanted.performance, wanted.seat_no, v.label
FROM unnest(%(performances)s::bigint[], %(seats)s::integer[]) AS wanted (performance, seat_no)
JOIN performances p ON p.id = wanted.performance
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = wanted.seat_no
