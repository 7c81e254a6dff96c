-- A seat that is held or sold has exactly one live ticket, of its own reservation.

SELECT s.performance_id AS performance, s.seat_no, s.reservation_id AS reservation,
       format('the seat is %%s and has %%s live tickets', s.status, count(t.seat_no)) AS detail
FROM performance_seats s
LEFT JOIN reservation_seats t
  ON t.performance_id = s.performance_id AND t.seat_no = s.seat_no
 AND t.reservation_id = s.reservation_id AND t.live
WHERE s.status IN ('held', 'sold')
GROUP BY s.performance_id, s.seat_no, s.reservation_id, s.status
HAVING count(t.seat_no) <> 1
