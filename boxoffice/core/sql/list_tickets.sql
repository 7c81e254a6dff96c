-- The seats of a performance, or of one reservation, that were paid for, in the order of the plan.
--
-- in:  performance, reservation (or null: all), user (whose it must be; or null)
-- out: one row a seat of a reservation: is_live where it is a ticket now, and what is told of it
--
-- Invariant: reads only. A seat that was paid for, given back and sold again is there twice,
-- once live.

SELECT r.id AS nonce, r.user_id, u.name AS user_name, r.currency,
       s.seat_no, s.price, s.price_type, (s.live AND r.state = 'paid') AS is_live,
       v.label, section.name AS section, seat_row.name AS seat_row,
       c.id AS concert_id, c.name AS concert_name, venue.name AS venue, p.starts_at, p.time_zone,
       came.checked_in_at, came.gate
FROM reservations r
JOIN reservation_seats s ON s.performance_id = r.performance_id AND s.reservation_id = r.id
JOIN users u ON u.id = r.user_id
JOIN performances p ON p.id = r.performance_id
JOIN concerts c ON c.id = p.concert_id
JOIN venues venue ON venue.id = p.venue_id
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.seat_no = s.seat_no
JOIN seat_rows seat_row ON seat_row.venue_id = v.venue_id AND seat_row.row_no = v.row_no
JOIN sections section
  ON section.venue_id = v.venue_id AND section.section_no = seat_row.section_no
LEFT JOIN check_ins came
  ON came.performance_id = s.performance_id AND came.reservation_id = s.reservation_id
 AND came.seat_no = s.seat_no
WHERE r.performance_id = %(performance)s AND r.paid_at IS NOT NULL
  -- Written so that any plan goes straight to the one.
  AND r.id BETWEEN coalesce(%(reservation)s::bigint, 0)
               AND coalesce(%(reservation)s::bigint, 9223372036854775807)
  AND r.user_id = coalesce(%(user)s::bigint, r.user_id)
ORDER BY s.seat_no, r.id
