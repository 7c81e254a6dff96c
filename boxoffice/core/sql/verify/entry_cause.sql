-- A ledger entry has its cause: an operation of its kind, as long as keys are kept.

SELECT l.user_id AS user, l.id AS entry,
       CASE WHEN o.command IS NULL THEN format('a %%s without an operation', l.type)
            ELSE format('a %%s by the operation %%s', l.type, o.command) END AS detail
FROM ledger_entries l
LEFT JOIN operations o ON o.key = l.operation_key
WHERE (o.key IS NOT NULL OR l.created_at > now() - make_interval(days => %(kept_days)s))
  AND o.command IS DISTINCT FROM
      CASE l.type WHEN 'use' THEN 'pay' WHEN 'refund' THEN 'cancel' WHEN 'charge' THEN 'charge'
                  ELSE 'user correct' END
