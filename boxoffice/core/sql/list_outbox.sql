-- List events and what is open of them.
--
-- in:  state ('waiting', 'retrying', 'dead', 'sent', or null: all but what is sent), rows_max
-- out: one row an event that waits for the relay or was told to all, and one a delivery that is
--      open (event, type, performance, sink, state, attempts, created_at, next_at, error), oldest
--      first; of what was sent the newest.
--
-- Invariant: an event is listed by itself or by its open deliveries, never by both.

SELECT * FROM (
    SELECT e.dedupe_key, e.type, e.performance_id, NULL::text AS sink, 'waiting' AS state,
           0 AS attempts, e.created_at, NULL::timestamptz AS next_at, NULL::text AS error, e.id
    FROM outbox e
    WHERE e.sent_at IS NULL AND coalesce(%(state)s::text, 'waiting') = 'waiting'
    UNION ALL
    SELECT e.dedupe_key, e.type, e.performance_id, d.sink, s.state, d.attempts, e.created_at,
           CASE WHEN d.state = 'waiting' THEN d.next_at END, d.last_error, e.id
    FROM deliveries d
    JOIN outbox e ON e.performance_id = d.performance_id AND e.id = d.event_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN d.state = 'dead' THEN 'dead' WHEN d.attempts > 0 THEN 'retrying'
                    ELSE 'waiting' END AS state
    ) s
    WHERE coalesce(%(state)s::text, s.state) = s.state
    UNION ALL
    (SELECT e.dedupe_key, e.type, e.performance_id, NULL, 'sent', 0, e.created_at, NULL, NULL, e.id
     FROM outbox e
     WHERE e.sent_at IS NOT NULL AND %(state)s::text = 'sent'
       AND NOT EXISTS (
           SELECT FROM deliveries d WHERE d.performance_id = e.performance_id AND d.event_id = e.id
       )
     ORDER BY e.sent_at DESC
     LIMIT %(rows_max)s)
) listed
ORDER BY id, sink
LIMIT %(rows_max)s
