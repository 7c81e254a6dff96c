-- What somebody paid by type is a type that the seat's category has a price for.

SELECT t.performance_id AS performance, t.reservation_id AS reservation, t.seat_no,
       format('%%s was never priced there', t.price_type) AS detail
FROM reservation_seats t
JOIN performance_seats s ON s.performance_id = t.performance_id AND s.seat_no = t.seat_no
LEFT JOIN type_prices p ON p.performance_id = t.performance_id
     AND p.category_no = s.category_no AND p.price_type = t.price_type
WHERE t.price_type <> 'adult' AND p.amount IS NULL
