-- What was taken and given back, by clerk and tender.
--
-- in:  day (null: ever), zone (of what has no venue), clerk (a principal or a host account; null:
--      all, customers' own sales too)
-- out: one row a clerk, tender and currency: clerk, tender, currency, sales, takings, returns,
--      refunds, change
--
-- Invariant: every sale, refund and charge of the day comes once, corrections never: nobody handed
-- anything over for one. The day is the venue's, for charges that of `zone`.

WITH moved AS MATERIALIZED (
    SELECT l.type, l.tender, l.currency, l.amount, l.operation_key,
           l.performance_id, l.reservation_id
    FROM ledger_entries l
    LEFT JOIN performances p ON p.id = l.performance_id
    WHERE l.type IN ('use', 'refund', 'charge')
      AND (%(day)s::date IS NULL
           OR l.created_at BETWEEN %(day)s::date - 1 AND %(day)s::date + 2  -- in any zone
           AND (l.created_at AT TIME ZONE coalesce(p.time_zone, %(zone)s))::date = %(day)s)
),
staff AS (
    SELECT DISTINCT ON (operation_key) operation_key, principal, host_user
    FROM audit
    WHERE operation_key IN (SELECT operation_key FROM moved)
    ORDER BY operation_key, id
)
SELECT coalesce(s.principal, 'customers') AS clerk,
       CASE m.type WHEN 'charge' THEN 'charge' ELSE m.tender END AS tender,
       m.currency,
       count(*) FILTER (WHERE m.type <> 'refund') AS sales,
       coalesce(sum(m.amount) FILTER (WHERE m.type <> 'refund'), 0) AS takings,
       count(*) FILTER (WHERE m.type = 'refund') AS returns,
       coalesce(sum(m.amount) FILTER (WHERE m.type = 'refund'), 0) AS refunds,
       coalesce(sum(y.received - m.amount) FILTER (WHERE m.type = 'use'), 0) AS change
FROM moved m
LEFT JOIN staff s ON s.operation_key = m.operation_key
LEFT JOIN payments y
  ON y.performance_id = m.performance_id AND y.reservation_id = m.reservation_id
WHERE %(clerk)s::text IS NULL OR %(clerk)s IN (s.principal, s.host_user)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
