-- A hold that has not ended has all its seats.
--
-- The clock is read when the row is: this snapshot is older, so a hold that has not ended by
-- now had not ended in it, and nobody could have taken a seat of it.

SELECT r.performance_id AS performance, r.id AS reservation,
       format('%%s of its %%s seats are held by it', count(s.seat_no), r.seat_count) AS detail
FROM reservations r
LEFT JOIN performance_seats s
  ON s.performance_id = r.performance_id AND s.reservation_id = r.id AND s.status = 'held'
WHERE r.state = 'held' AND r.held_until > clock_timestamp()
GROUP BY r.performance_id, r.id, r.seat_count
HAVING count(s.seat_no) <> r.seat_count
