-- A payment and a refund have their event, exactly one; and an event has its payment or refund,
-- or the change of the performance that it tells of; as long as keys and events are kept.

WITH told AS (
    SELECT l.user_id, l.id, l.type, l.performance_id,
           o.command || ':' || (o.result ->> 'reservation') AS dedupe_key
    FROM ledger_entries l
    JOIN operations o ON o.key = l.operation_key
    WHERE l.type IN ('use', 'refund')
      AND l.created_at > now() - make_interval(days => %(kept_days)s)
)
SELECT told.user_id AS user, told.id AS entry, e.performance_id AS performance,
       e.dedupe_key AS event,
       CASE WHEN e.id IS NULL THEN format('a %%s without an event', told.type)
            ELSE 'nothing that happened is told by it' END AS detail
FROM told
FULL JOIN (
    SELECT * FROM outbox
    WHERE type NOT LIKE 'performance.%%'
      AND created_at > now() - make_interval(days => %(kept_days)s)
) e
  ON e.performance_id = told.performance_id AND e.dedupe_key = told.dedupe_key
WHERE told.id IS NULL OR e.id IS NULL
UNION ALL
SELECT NULL, NULL, e.performance_id, e.dedupe_key, 'nothing that happened is told by it'
FROM outbox e
LEFT JOIN operations o
  ON o.key = substr(e.dedupe_key, strpos(e.dedupe_key, ':') + 1)
 AND o.command || ':' || o.key = e.dedupe_key
WHERE e.type LIKE 'performance.%%' AND o.key IS NULL
  AND e.created_at > now() - make_interval(days => %(kept_days)s)
UNION ALL
SELECT NULL, NULL, performance_id, dedupe_key, format('there %%s times', count(*))
FROM outbox
GROUP BY performance_id, dedupe_key
HAVING count(*) > 1
