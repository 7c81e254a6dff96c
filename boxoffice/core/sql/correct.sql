-- Correct a balance: a credit, or below zero a debit, against the house's corrections.
--
-- in:  user, currency, amount (minor units, not 0), key
-- out: one row (result).
--
-- Invariant: the balance afterwards is what the ledger says. The account is locked by an earlier
-- statement of the same transaction, and every entry is written under that lock, so this one
-- sees all of the ledger. A balance that would fall below zero breaks
-- accounts_balance_not_negative, which undoes everything.

WITH ledger AS (
    SELECT coalesce(sum(CASE WHEN l.type IN ('use', 'debit') THEN -l.amount ELSE l.amount END), 0)
           AS balance
    FROM ledger_entries l
    WHERE l.user_id = %(user)s AND l.currency = %(currency)s AND l.tender = 'balance'
),
account AS (
    UPDATE accounts a SET balance = ledger.balance + %(amount)s
    FROM ledger
    WHERE a.user_id = %(user)s AND a.currency = %(currency)s
    RETURNING a.balance
),
entry AS (
    INSERT INTO ledger_entries
        (user_id, currency, type, house_account, amount, balance_after, operation_key)
    SELECT %(user)s, %(currency)s, CASE WHEN %(amount)s < 0 THEN 'debit' ELSE 'credit' END,
           'corrections', abs(%(amount)s), account.balance, %(key)s
    FROM account
    RETURNING id, balance_after
)
SELECT jsonb_build_object(
           'user', %(user)s::bigint,
           'corrected', jsonb_build_object('amount', %(amount)s::bigint,
                                           'currency', %(currency)s::text),
           'balance', jsonb_build_object('amount', entry.balance_after,
                                         'currency', %(currency)s::text),
           'entry', entry.id) AS result
FROM entry
