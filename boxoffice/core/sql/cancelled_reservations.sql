-- What a cancellation of performances has given back so far.
--
-- in:  performances bigint[], steps (how the keys of its steps begin)
-- out: one row a tender and currency (refunded, tender, currency, count, total); holds that were
--      released are not refunded.
--
-- Invariant: reads only. A step's key names the reservation, so it is counted once.

SELECT p.state = 'refunded' AS refunded, p.tender, r.currency, count(*) AS count,
       sum(r.total)::bigint AS total
FROM reservations r
JOIN operations o ON o.key = %(steps)s || ':' || r.performance_id || ':' || r.id
JOIN payments p ON p.performance_id = r.performance_id AND p.reservation_id = r.id
WHERE r.performance_id = ANY (%(performances)s::bigint[]) AND r.state = 'cancelled'
GROUP BY p.state = 'refunded', p.tender, r.currency
ORDER BY p.tender, r.currency
