-- A ledger entry has its cause: an operation of its kind and, of a payment or refund, the payment.

SELECT l.user_id AS user, l.id AS entry,
       CASE WHEN o.command IS NULL THEN format('a %%s without an operation', l.type)
            WHEN l.type <> 'charge' AND p.state IS NULL
            THEN format('a %%s without a payment', l.type)
            ELSE format('a %%s by the operation %%s', l.type, o.command) END AS detail
FROM ledger_entries l
LEFT JOIN operations o ON o.key = l.operation_key
LEFT JOIN payments p
  ON p.performance_id = l.performance_id AND p.reservation_id = l.reservation_id
WHERE o.command IS DISTINCT FROM
      CASE l.type WHEN 'use' THEN 'pay' WHEN 'refund' THEN 'cancel' ELSE 'charge' END
   OR (l.type <> 'charge' AND p.state IS NULL)
