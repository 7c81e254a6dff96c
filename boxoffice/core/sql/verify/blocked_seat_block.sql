-- A blocked seat has a block that says why, and a block a seat that is blocked.

SELECT coalesce(s.performance_id, b.performance_id) AS performance,
       coalesce(s.seat_no, b.seat_no) AS seat_no,
       CASE WHEN b.seat_no IS NULL THEN 'blocked without a block'
            ELSE format('a %%s block of a seat that is not blocked', b.kind) END AS detail
FROM (SELECT performance_id, seat_no FROM performance_seats WHERE status = 'blocked') s
FULL JOIN seat_blocks b USING (performance_id, seat_no)
WHERE s.seat_no IS NULL OR b.seat_no IS NULL
