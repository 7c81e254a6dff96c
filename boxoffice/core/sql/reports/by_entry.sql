-- The parts of sales where an entry is of one group: by performance, day, hour or tender.
--
-- in:  by; the rows of entries.sql as `entries`
-- out: one row an entry: name (of the group), zone (for hours), and what is summed up
--
-- Invariant: one row an entry, with its whole amount. Days and hours are those of the venue.

SELECT CASE %(by)s
           WHEN 'performance' THEN e.performance_id::text
           WHEN 'day' THEN (e.at AT TIME ZONE e.zone)::date::text
           WHEN 'hour' THEN extract(epoch FROM date_trunc('hour', e.at, e.zone))::bigint::text
           ELSE e.tender
       END AS name,
       CASE %(by)s WHEN 'hour' THEN e.zone END AS zone,
       e.is_sale, e.tender, e.currency, e.amount, e.tickets
FROM entries e
