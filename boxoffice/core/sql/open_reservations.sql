-- What a cancellation of performances would give back now.
--
-- in:  performances bigint[]
-- out: one row a tender and currency (refunded, tender, currency, count, total); holds are not
--      refunded, and those whose end has come are not there.
--
-- Invariant: reads only.

SELECT r.state = 'paid' AS refunded, p.tender, r.currency, count(*) AS count,
       sum(r.total)::bigint AS total
FROM reservations r
JOIN payments p ON p.performance_id = r.performance_id AND p.reservation_id = r.id
WHERE r.performance_id = ANY (%(performances)s::bigint[])
  AND (r.state = 'paid' OR (r.state = 'held' AND r.held_until > now()))
GROUP BY r.state = 'paid', p.tender, r.currency
ORDER BY p.tender, r.currency
