-- Each ledger entry continues the balance of the one before.

SELECT user_id AS user, id AS entry,
       format('the balance after it is %%s and should be %%s', balance_after, expected) AS detail
FROM (
    SELECT user_id, id, balance_after, lag(balance_after, 1, 0::bigint) OVER account
           + CASE WHEN tender <> 'balance' THEN 0
                  WHEN type IN ('use', 'debit') THEN -amount ELSE amount END AS expected
    FROM ledger_entries
    WINDOW account AS (PARTITION BY user_id, currency ORDER BY id)
) entries
WHERE balance_after <> expected
