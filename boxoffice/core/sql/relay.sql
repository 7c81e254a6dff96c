-- Mark events as told to the stream, and leave for each sink what is to be brought to it.
--
-- in:  performances bigint[], ids bigint[]: the events, locked by this transaction;
--      sink_seconds: how long ago a sink may have been served last
-- out: nothing
--
-- Invariant: an event is marked together with its deliveries, or it stays unsent. What is brought
-- to whom is known to the database: a relay on a host where no sink is set up leaves the same
-- work for those that have one.

WITH told AS (
    UPDATE outbox e SET sent_at = now()
    FROM unnest(%(performances)s::bigint[], %(ids)s::bigint[]) AS t (performance_id, id)
    WHERE e.performance_id = t.performance_id AND e.id = t.id
    RETURNING e.performance_id, e.id
)
INSERT INTO deliveries (performance_id, event_id, sink)
SELECT t.performance_id, t.id, j.name
FROM told t, jobs j
WHERE j.sink AND j.served_at > now() - make_interval(secs => %(sink_seconds)s)
