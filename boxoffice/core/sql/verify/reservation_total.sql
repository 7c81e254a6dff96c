-- The total of a reservation is the sum of its seats' prices, and it has as many as it says.

SELECT r.performance_id AS performance, r.id AS reservation,
       format('%%s for %%s seats; the tickets are %%s at %%s',
              r.total, r.seat_count, coalesce(t.seats, 0), coalesce(t.price, 0)) AS detail
FROM reservations r
LEFT JOIN (
    SELECT performance_id, reservation_id, count(*) AS seats, sum(price) AS price
    FROM reservation_seats
    GROUP BY performance_id, reservation_id
) t ON t.performance_id = r.performance_id AND t.reservation_id = r.id
WHERE t.seats IS DISTINCT FROM r.seat_count OR t.price IS DISTINCT FROM r.total
