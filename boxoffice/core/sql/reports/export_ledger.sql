-- Every entry of the ledger in a period, for a file: read through a cursor, a few rows at a time.
--
-- in:  since, until (null: without an end)
-- out: id, created_at, zone (the venue's, or null), type, user_id, house_account, tender, amount,
--      effect, currency, balance_after, performance_id, reservation_id
--
-- Invariant: `effect` is the posting of the house account, as the view ledger_postings says it.

SELECT l.id, l.created_at, p.time_zone AS zone, l.type, l.user_id, l.house_account, l.tender,
       l.amount, CASE WHEN l.type IN ('use', 'debit') THEN l.amount ELSE -l.amount END AS effect,
       l.currency, l.balance_after, l.performance_id, l.reservation_id
FROM ledger_entries l
LEFT JOIN performances p ON p.id = l.performance_id
WHERE (%(since)s::timestamptz IS NULL OR l.created_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR l.created_at < %(until)s)
ORDER BY l.id
