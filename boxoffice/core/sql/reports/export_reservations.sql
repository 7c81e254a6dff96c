-- Every reservation in a scope, for a file: read through a cursor, a few rows at a time.
--
-- in:  performances (null: all)
-- out: performance_id, id, concert, starts_at, zone, user_id, user_name, state, labels, types,
--      total, currency, tender, created_at, paid_at, cancelled_at, hold_name
--
-- Invariant: in the order of the primary key, which needs no sorting, so that the first rows come
-- at once and nothing is kept.

SELECT r.performance_id, r.id, c.name AS concert, p.starts_at, p.time_zone AS zone,
       r.user_id, u.name AS user_name,
       CASE WHEN r.state = 'held' AND r.held_until <= now() THEN 'expired' ELSE r.state END
           AS state,
       seats.labels, seats.types, r.total, r.currency,
       CASE WHEN r.paid_at IS NOT NULL THEN y.tender END AS tender,
       r.created_at, r.paid_at, r.cancelled_at, r.hold_name
FROM reservations r
JOIN performances p ON p.id = r.performance_id
JOIN concerts c ON c.id = p.concert_id
JOIN users u ON u.id = r.user_id
LEFT JOIN payments y ON y.performance_id = r.performance_id AND y.reservation_id = r.id
CROSS JOIN LATERAL (
    SELECT array_agg(v.label ORDER BY t.seat_no) AS labels,
           array_agg(t.price_type ORDER BY t.seat_no) AS types
    FROM reservation_seats t
    JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = t.seat_no
    WHERE t.performance_id = r.performance_id AND t.reservation_id = r.id
) seats
WHERE %(performances)s::bigint[] IS NULL OR r.performance_id = ANY (%(performances)s)
ORDER BY r.performance_id, r.id
