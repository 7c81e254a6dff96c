-- The parts of sales by who sold: the audit's principal of the entry's operation.
--
-- in:  the rows of entries.sql as `entries`
-- out: one row an entry: name (the principal, or `customers`), zone (null), and what is summed up
--
-- Invariant: one row an entry, with its whole amount, though the audit may say more than once
-- what was done under a key.

SELECT coalesce(a.principal, 'customers') AS name, NULL::text AS zone,
       e.is_sale, e.tender, e.currency, e.amount, e.tickets
FROM entries e
LEFT JOIN (
    SELECT DISTINCT ON (operation_key) operation_key, principal
    FROM audit
    WHERE operation_key IN (SELECT operation_key FROM entries)
    ORDER BY operation_key, id
) a ON a.operation_key = e.operation_key
