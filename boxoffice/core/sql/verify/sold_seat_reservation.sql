-- A sold seat belongs to a paid reservation.

SELECT s.performance_id AS performance, s.seat_no, s.reservation_id AS reservation,
       coalesce('the reservation is ' || r.state, 'there is no such reservation') AS detail
FROM performance_seats s
LEFT JOIN reservations r ON r.performance_id = s.performance_id AND r.id = s.reservation_id
WHERE s.status = 'sold' AND r.state IS DISTINCT FROM 'paid'
