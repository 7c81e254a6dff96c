-- A performance has the seats of its venue's plan, and a venue those of the plan it came from.

WITH planned AS (
    SELECT v.id, v.seat_count, count(s.seat_no) AS seats
    FROM venues v LEFT JOIN venue_seats s ON s.venue_id = v.id
    GROUP BY v.id
),
there AS (
    SELECT p.id, p.venue_id, p.seat_count, count(v.seat_no) AS seats
    FROM performances p
    LEFT JOIN performance_seats s ON s.performance_id = p.id
    LEFT JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
    GROUP BY p.id
)
SELECT planned.id AS venue, NULL::bigint AS performance,
       format('%%s seats of a plan of %%s', planned.seats, planned.seat_count) AS detail
FROM planned
WHERE planned.seats <> planned.seat_count
UNION ALL
SELECT there.venue_id, there.id,
       format('%%s seats of the plan, of %%s; the venue has %%s',
              there.seats, there.seat_count, planned.seats)
FROM there JOIN planned ON planned.id = there.venue_id
WHERE there.seats <> there.seat_count OR there.seats <> planned.seats
