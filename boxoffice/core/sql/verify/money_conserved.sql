-- Money is conserved: charges and corrections = balances + payments - refunds, in each currency.

SELECT currency, format('the balances differ from the ledger by %%s', -sum(amount)) AS detail
FROM (
    SELECT currency, CASE WHEN type IN ('use', 'debit') THEN -amount ELSE amount END AS amount
    FROM ledger_entries
    WHERE tender = 'balance'
    UNION ALL
    SELECT currency, -balance FROM accounts
) flows
GROUP BY currency
HAVING sum(amount) <> 0
