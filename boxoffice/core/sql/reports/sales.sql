-- Sales by group and currency.
--
-- in:  as entries.sql, and by; {entries} and {parts} stand for entries.sql and one of by_*.sql
-- out: one row a group and currency: name, zone, currency, sold, returned, complimentary, gross,
--      refunds, waived
--
-- Invariant: gross - refunds + waived over all groups is what the ledger's entries come to.
-- Complimentary tickets are in `complimentary` and `waived` alone, less those that came back.

WITH entries AS MATERIALIZED ({entries}), parts AS ({parts})
SELECT name, zone, currency,
       coalesce(sum(tickets) FILTER (WHERE is_sale AND tender <> 'complimentary'), 0) AS sold,
       coalesce(sum(tickets) FILTER (WHERE NOT is_sale AND tender <> 'complimentary'), 0)
           AS returned,
       coalesce(sum(CASE WHEN is_sale THEN tickets ELSE -tickets END)
                FILTER (WHERE tender = 'complimentary'), 0) AS complimentary,
       coalesce(sum(amount) FILTER (WHERE is_sale AND tender <> 'complimentary'), 0) AS gross,
       coalesce(sum(amount) FILTER (WHERE NOT is_sale AND tender <> 'complimentary'), 0)
           AS refunds,
       coalesce(sum(CASE WHEN is_sale THEN amount ELSE -amount END)
                FILTER (WHERE tender = 'complimentary'), 0) AS waived
FROM parts
GROUP BY name, zone, currency
