-- What was given back for a reservation is as much as was paid for it.

SELECT l.performance_id AS performance, l.reservation_id AS reservation,
       format('%%s was refunded of %%s', sum(l.amount) FILTER (WHERE l.type = 'refund'),
              coalesce(sum(l.amount) FILTER (WHERE l.type = 'use'), 0)) AS detail
FROM ledger_entries l
WHERE l.type <> 'charge'
GROUP BY l.performance_id, l.reservation_id
HAVING sum(l.amount) FILTER (WHERE l.type = 'refund')
    <> coalesce(sum(l.amount) FILTER (WHERE l.type = 'use'), 0)
