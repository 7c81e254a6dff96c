-- What was refunded was credited exactly once, the way it was paid, and nothing else was.

SELECT p.performance_id AS performance, p.reservation_id AS reservation,
       CASE WHEN l.id IS NULL THEN format('the payment is %%s without a refund', p.state)
            ELSE format('the payment is %%s, the refund of user %%s in %%s by %%s',
                        p.state, l.user_id, l.currency, l.tender) END AS detail
FROM payments p
LEFT JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
LEFT JOIN ledger_entries l
  ON l.performance_id = p.performance_id AND l.reservation_id = p.reservation_id
 AND l.type = 'refund'
WHERE (p.state = 'refunded') <> (l.id IS NOT NULL)
   OR (l.user_id, l.currency, l.tender) <> (r.user_id, r.currency, p.tender)
UNION ALL
SELECT performance_id, reservation_id, format('%%s refunds', count(*))
FROM ledger_entries
WHERE type = 'refund'
GROUP BY performance_id, reservation_id
HAVING count(*) > 1
