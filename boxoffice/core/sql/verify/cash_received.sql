-- Cash that was received covers the price.

SELECT p.performance_id AS performance, p.reservation_id AS reservation,
       format('%%s was received for %%s', p.received, r.total) AS detail
FROM payments p
JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
WHERE p.received < r.total
