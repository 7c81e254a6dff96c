-- An exchange gave back one reservation and paid another.

SELECT o.key,
       format('%%s for %%s, told by %%s events', o.result #>> '{paid,reservation}',
              o.result #>> '{cancelled,reservation}', count(e.id)) AS detail
FROM operations o
LEFT JOIN outbox e
  ON e.dedupe_key IN ('cancel:' || (o.result #>> '{cancelled,reservation}'),
                      'pay:' || (o.result #>> '{paid,reservation}'))
WHERE o.command = 'exchange' AND o.created_at > now() - make_interval(days => %(kept_days)s)
GROUP BY o.key
HAVING count(e.id) <> 2
    OR o.result #>> '{cancelled,reservation}' = o.result #>> '{paid,reservation}'
