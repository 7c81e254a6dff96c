-- A live ticket has its seat: the seat says that it is this reservation's.

SELECT t.performance_id AS performance, t.seat_no, t.reservation_id AS reservation,
       coalesce('the seat is ' || s.status || ' and not of this reservation',
                'there is no such seat') AS detail
FROM reservation_seats t
LEFT JOIN performance_seats s
  ON s.performance_id = t.performance_id AND s.seat_no = t.seat_no
WHERE t.live AND s.reservation_id IS DISTINCT FROM t.reservation_id
