-- Where the relay runs, every event is delivered within five minutes.
--
-- That it runs is known by what it did: it sent an event later than this one was due.

SELECT e.performance_id AS performance, e.dedupe_key AS event,
       format('waiting since %%s, and others were sent', e.created_at) AS detail
FROM outbox e
WHERE e.sent_at IS NULL
  AND e.created_at < (SELECT max(sent_at) FROM outbox)
                     - make_interval(secs => %(relay_seconds)s)
