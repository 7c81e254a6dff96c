-- The balance of one user in one currency.
--
-- in:  user (id, or null), name (or null), currency
-- out: one row (id, balance), or none for an unknown user.
--
-- Invariant: a user without an account in that currency has nothing in it.

SELECT u.id, coalesce(a.balance, 0)
FROM users u
LEFT JOIN accounts a ON a.user_id = u.id AND a.currency = %(currency)s
WHERE u.id = %(user)s::bigint OR u.name = %(name)s::text
