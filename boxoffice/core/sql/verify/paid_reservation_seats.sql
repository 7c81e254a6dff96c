-- All seats of a paid reservation are sold to it.

SELECT r.performance_id AS performance, r.id AS reservation,
       format('%%s of its %%s seats are sold to it', count(s.seat_no), r.seat_count) AS detail
FROM reservations r
LEFT JOIN performance_seats s
  ON s.performance_id = r.performance_id AND s.reservation_id = r.id AND s.status = 'sold'
WHERE r.state = 'paid'
GROUP BY r.performance_id, r.id, r.seat_count
HAVING count(s.seat_no) <> r.seat_count
