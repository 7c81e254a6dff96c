-- An event has its payment or refund.

SELECT e.performance_id AS performance, e.dedupe_key AS event,
       'nothing in the ledger is told by it' AS detail
FROM outbox e
LEFT JOIN (
    SELECT l.performance_id, o.command || ':' || (o.result ->> 'reservation') AS dedupe_key
    FROM ledger_entries l
    JOIN operations o ON o.key = l.operation_key
    WHERE l.type <> 'charge'
) told ON told.performance_id = e.performance_id AND told.dedupe_key = e.dedupe_key
WHERE told.dedupe_key IS NULL
