-- A held seat belongs to a held reservation with the same end.

SELECT s.performance_id AS performance, s.seat_no, s.reservation_id AS reservation,
       CASE WHEN r.state = 'held' THEN 'the hold of the seat has another end'
            ELSE coalesce('the reservation is ' || r.state, 'there is no such reservation')
       END AS detail
FROM performance_seats s
LEFT JOIN reservations r ON r.performance_id = s.performance_id AND r.id = s.reservation_id
WHERE s.status = 'held'
  AND (r.state IS DISTINCT FROM 'held' OR r.held_until <> s.held_until)
