-- Nothing is in the account that belongs to everybody who comes to the counter.

SELECT user_id AS user, currency, format('the balance is %%s', balance) AS detail
FROM accounts
WHERE user_id = 0 AND balance <> 0
