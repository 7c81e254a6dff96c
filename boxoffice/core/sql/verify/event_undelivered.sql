-- Where the relay runs, every event is delivered within five minutes, and to each sink in the end.
--
-- That it runs is known by what it did: it sent an event later than this one was due. A delivery
-- that fails is late only when nobody tries it again; one that was given up is told of until
-- somebody has it tried again or lets it go.

SELECT e.performance_id AS performance, e.dedupe_key AS event,
       format('waiting since %%s, and others were sent', e.created_at) AS detail
FROM outbox e
WHERE e.sent_at IS NULL
  AND e.created_at < (SELECT max(sent_at) FROM outbox)
                     - make_interval(secs => %(relay_seconds)s)
UNION ALL
SELECT e.performance_id, e.dedupe_key,
       CASE d.state
           WHEN 'dead' THEN format('given up for %%s after %%s attempts', d.sink, d.attempts)
           ELSE format('nobody has tried it for %%s since %%s', d.sink, d.next_at)
       END
FROM deliveries d
JOIN outbox e ON e.performance_id = d.performance_id AND e.id = d.event_id
WHERE d.state = 'dead'
   OR d.next_at < (SELECT max(sent_at) FROM outbox) - make_interval(secs => %(relay_seconds)s)
