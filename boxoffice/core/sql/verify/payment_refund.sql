-- What was refunded was credited exactly once, as much as was paid and the way it was, and nothing
-- else was.

SELECT coalesce(p.performance_id, l.performance_id) AS performance,
       coalesce(p.reservation_id, l.reservation_id) AS reservation,
       CASE WHEN p.state IS NULL THEN 'a refund without a payment'
            WHEN l.id IS NULL THEN format('the payment is %%s without a refund', p.state)
            ELSE format('the payment of %%s is %%s, the refund %%s %%s of user %%s in %%s',
                        r.total, p.state, l.amount, l.currency, l.user_id, l.tender) END AS detail
FROM payments p
LEFT JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
FULL JOIN (SELECT * FROM ledger_entries WHERE type = 'refund') l
  ON l.performance_id = p.performance_id AND l.reservation_id = p.reservation_id
WHERE p.state IS NULL
   OR (p.state = 'refunded') <> (l.id IS NOT NULL)
   OR (l.user_id, l.amount, l.currency, l.tender) <> (r.user_id, r.total, r.currency, p.tender)
UNION ALL
SELECT performance_id, reservation_id, format('%%s refunds', count(*))
FROM ledger_entries
WHERE type = 'refund'
GROUP BY performance_id, reservation_id
HAVING count(*) > 1
