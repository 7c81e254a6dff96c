-- The performances of a concert that are on sale now, sold out or not.
--
-- in:  concert
-- out: one row a performance, the soonest first: id, starts_at, time_zone, sale_opens, sale_closes,
--      seat_count, free_seats, price_types (array, or null).
--
-- Invariant: a seat whose hold has ended counts as free.

SELECT p.id, p.starts_at, p.time_zone, p.sale_opens, p.sale_closes, p.seat_count,
       (SELECT count(*) FROM performance_seats s
        WHERE s.performance_id = p.id
          AND (s.status = 'free' OR (s.status = 'held' AND s.held_until <= now()))) AS free_seats,
       (SELECT array_agg(DISTINCT t.price_type) FROM type_prices t
        WHERE t.performance_id = p.id) AS price_types
FROM performances p
WHERE p.concert_id = %(concert)s AND p.cancelled_at IS NULL
  AND p.sale_opens <= now() AND p.sale_closes > now()
ORDER BY p.starts_at
