-- Who came in had paid, and a reservation knows whether somebody came in with it.

SELECT DISTINCT c.performance_id AS performance, c.reservation_id AS reservation,
       CASE WHEN r.paid_at IS NULL THEN 'somebody came in with it, and it was never paid'
            ELSE 'somebody came in with it, and it does not say so' END AS detail
FROM check_ins c
JOIN reservations r ON r.performance_id = c.performance_id AND r.id = c.reservation_id
WHERE r.paid_at IS NULL OR r.checked_in_at IS NULL
UNION ALL
SELECT r.performance_id, r.id, 'it says that somebody came in with it, and nobody did'
FROM reservations r
WHERE r.checked_in_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM check_ins c
                  WHERE c.performance_id = r.performance_id AND c.reservation_id = r.id)
