-- The version of a seat counts its changes: at least one for each hold, one for each payment and
-- one for each cancel that its tickets tell of.

SELECT s.performance_id AS performance, s.seat_no,
       format('version %%s after at least %%s changes', s.version, changes.least) AS detail
FROM performance_seats s
LEFT JOIN (
    SELECT t.performance_id, t.seat_no,
           count(*) + count(r.paid_at) + count(r.cancelled_at) AS least
    FROM reservation_seats t
    JOIN reservations r ON r.performance_id = t.performance_id AND r.id = t.reservation_id
    GROUP BY t.performance_id, t.seat_no
) changes ON changes.performance_id = s.performance_id AND changes.seat_no = s.seat_no
WHERE s.version < coalesce(changes.least, 0)
