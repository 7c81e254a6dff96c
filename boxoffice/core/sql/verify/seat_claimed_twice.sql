-- No seat has two live tickets.

SELECT t.performance_id AS performance, t.seat_no,
       format('%%s reservations have a live ticket', count(*)) AS detail
FROM reservation_seats t
WHERE t.live
GROUP BY t.performance_id, t.seat_no
HAVING count(*) > 1
