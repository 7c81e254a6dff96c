-- What was paid was debited exactly once: that total, to that user, in that currency and tender;
-- and nothing else was.

SELECT coalesce(p.performance_id, l.performance_id) AS performance,
       coalesce(p.reservation_id, l.reservation_id) AS reservation,
       CASE WHEN p.state IS NULL THEN 'a debit without a payment'
            WHEN l.id IS NULL THEN format('the payment is %%s without a debit', p.state)
            ELSE format('the payment is %%s, the debit %%s %%s of user %%s in %%s',
                        p.state, l.amount, l.currency, l.user_id, l.tender) END AS detail
FROM payments p
LEFT JOIN reservations r ON r.performance_id = p.performance_id AND r.id = p.reservation_id
FULL JOIN (SELECT * FROM ledger_entries WHERE type = 'use') l
  ON l.performance_id = p.performance_id AND l.reservation_id = p.reservation_id
WHERE r.id IS NULL
   OR (p.state IN ('paid', 'refunded')) <> (l.id IS NOT NULL)
   OR (l.user_id, l.amount, l.currency, l.tender) <> (r.user_id, r.total, r.currency, p.tender)
UNION ALL
SELECT performance_id, reservation_id, format('%%s debits', count(*))
FROM ledger_entries
WHERE type = 'use'
GROUP BY performance_id, reservation_id
HAVING count(*) > 1
