-- A balance is the sum of its ledger; other tenders than the balance do not move it.

SELECT coalesce(a.user_id, l.user_id) AS user, coalesce(a.currency, l.currency) AS currency,
       format('the balance is %%s, the ledger says %%s',
              coalesce(a.balance::text, 'missing'), coalesce(l.balance, 0))
           AS detail
FROM accounts a
FULL JOIN (
    SELECT user_id, currency,
           coalesce(sum(CASE WHEN type IN ('use', 'debit') THEN -amount ELSE amount END)
                        FILTER (WHERE tender = 'balance'), 0) AS balance
    FROM ledger_entries
    GROUP BY user_id, currency
) l ON l.user_id = a.user_id AND l.currency = a.currency
WHERE a.balance IS DISTINCT FROM coalesce(l.balance, 0)
