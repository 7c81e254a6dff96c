-- Balances that are not the sum of their ledger.
--
-- in:  none
-- out: one row an account: user_id, currency, balance, what its ledger says.
--
-- Invariant: reads only. Nothing here decides which of the two is right.

SELECT a.user_id, a.currency, a.balance, coalesce(sum(
           CASE WHEN l.type IN ('use', 'debit') THEN -l.amount ELSE l.amount END)
               FILTER (WHERE l.tender = 'balance'), 0)::bigint AS ledger
FROM accounts a
LEFT JOIN ledger_entries l ON l.user_id = a.user_id AND l.currency = a.currency
GROUP BY a.user_id, a.currency, a.balance
HAVING a.balance <> coalesce(sum(
           CASE WHEN l.type IN ('use', 'debit') THEN -l.amount ELSE l.amount END)
               FILTER (WHERE l.tender = 'balance'), 0)
ORDER BY a.user_id, a.currency
