-- Reservations as a counter asks for them, newest first.
--
-- in:  performance (or null), reservation (with the performance: just that one; or null),
--      user (or null), pattern (of LIKE, for the names of customer and hold; null:
--      everything), label (a seat in capitals, its section may be left out; or null), found_max
-- out: one row a reservation with its customer, concert, seats and their prices, and payment.
--
-- Invariant: a hold that has ended is told by `ended`; reads only.

WITH seat AS (
    SELECT p.id AS performance_id, v.seat_no
    FROM performances p
    JOIN venue_seats v ON v.venue_id = p.venue_id AND (upper(v.label) = %(label)s::text
       OR right(upper(v.label), length(%(label)s) + 1) IN ('/' || %(label)s, ' ' || %(label)s))
    WHERE p.id = coalesce(%(performance)s::bigint, p.id)
),
found AS (
    SELECT r.performance_id, r.id
    FROM reservations r
    WHERE %(reservation)s::bigint IS NULL AND %(pattern)s::text IS NULL
      AND r.performance_id = coalesce(%(performance)s::bigint, r.performance_id)
    UNION
    SELECT r.performance_id, r.id
    FROM reservations r
    WHERE r.performance_id = %(performance)s::bigint AND r.id = %(reservation)s::bigint
    UNION
    SELECT r.performance_id, r.id
    FROM reservations r
    JOIN users u ON u.id = r.user_id
    WHERE %(reservation)s::bigint IS NULL
      AND r.performance_id = coalesce(%(performance)s::bigint, r.performance_id)
      AND (r.user_id = %(user)s::bigint OR u.name ILIKE %(pattern)s::text
           OR r.hold_name ILIKE %(pattern)s::text)
    UNION
    SELECT rs.performance_id, rs.reservation_id
    FROM seat
    JOIN reservation_seats rs
      ON rs.performance_id = seat.performance_id AND rs.seat_no = seat.seat_no AND rs.live
),
newest AS (
    SELECT r.*
    FROM found JOIN reservations r USING (performance_id, id)
    ORDER BY r.created_at DESC, r.id
    LIMIT %(found_max)s
)
SELECT r.*, r.held_until <= now() AS ended, u.name AS user_name, c.id AS concert_id,
       c.name AS concert_name, venue.name AS venue, p.starts_at, p.time_zone,
       paid.tender, paid.received, paid.note, seats.labels, seats.prices, seats.types
FROM newest r
JOIN users u ON u.id = r.user_id
JOIN performances p ON p.id = r.performance_id
JOIN concerts c ON c.id = p.concert_id
JOIN venues venue ON venue.id = p.venue_id
JOIN payments paid ON paid.performance_id = r.performance_id AND paid.reservation_id = r.id
CROSS JOIN LATERAL (
    SELECT array_agg(v.label ORDER BY v.seat_no) AS labels,
           array_agg(rs.price ORDER BY v.seat_no) AS prices,
           array_agg(rs.price_type ORDER BY v.seat_no) AS types
    FROM reservation_seats rs
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = rs.seat_no
    WHERE rs.performance_id = r.performance_id AND rs.reservation_id = r.id
) seats
ORDER BY r.created_at DESC, r.id
