-- Every reservation has its payment, which stands as the reservation does.

SELECT r.performance_id AS performance, r.id AS reservation,
       format('the reservation is %%s, the payment %%s', r.state, coalesce(p.state, 'missing'))
           AS detail
FROM reservations r
LEFT JOIN payments p ON p.performance_id = r.performance_id AND p.reservation_id = r.id
WHERE p.state IS DISTINCT FROM CASE r.state
    WHEN 'held' THEN 'waiting'
    WHEN 'paid' THEN 'paid'
    WHEN 'expired' THEN 'cancelled'
    ELSE CASE WHEN r.paid_at IS NULL THEN 'cancelled' ELSE 'refunded' END
END
