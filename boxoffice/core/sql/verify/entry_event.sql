-- A payment and a refund have their event, exactly one.

SELECT l.user_id AS user, l.id AS entry,
       format('a %%s with %%s events', l.type, count(e.id)) AS detail
FROM ledger_entries l
JOIN operations o ON o.key = l.operation_key
LEFT JOIN outbox e
  ON e.performance_id = l.performance_id
 AND e.dedupe_key = o.command || ':' || (o.result ->> 'reservation')
WHERE l.type <> 'charge'
GROUP BY l.user_id, l.id
HAVING count(e.id) <> 1
