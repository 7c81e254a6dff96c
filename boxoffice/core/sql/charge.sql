-- Add to a balance.
--
-- in:  user, currency, amount (minor units, above 0), key, request, staff (principal or null),
--      terminal
-- out: one row (result).
--
-- Invariant: the balance moves by a relative update together with its ledger entry. An unknown
-- user breaks accounts_user_fkey, a key that was used before operations_pkey: either undoes
-- everything.

WITH account AS (
    INSERT INTO accounts AS a (user_id, currency, balance)
    VALUES (%(user)s, %(currency)s, %(amount)s)
    ON CONFLICT (user_id, currency) DO UPDATE SET balance = a.balance + excluded.balance
    RETURNING balance
),
entry AS (
    INSERT INTO ledger_entries
        (user_id, currency, type, house_account, amount, balance_after, operation_key)
    SELECT %(user)s, %(currency)s, 'charge', 'deposits', %(amount)s, account.balance, %(key)s
    FROM account
    RETURNING id, balance_after
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail, before)
    SELECT 'charge', %(staff)s::text, %(terminal)s::text, %(user)s, %(key)s,
           jsonb_build_object('entry', entry.id, 'amount', %(amount)s::bigint,
                              'currency', %(currency)s::text),
           jsonb_build_object('balance', entry.balance_after - %(amount)s::bigint)
    FROM entry
    WHERE %(staff)s::text IS NOT NULL
)
INSERT INTO operations (key, command, request, user_id, result)
SELECT %(key)s, 'charge', %(request)s, %(user)s,
       jsonb_build_object(
           'user', %(user)s::bigint,
           'charged', jsonb_build_object('amount', %(amount)s::bigint,
                                         'currency', %(currency)s::text),
           'balance', jsonb_build_object('amount', entry.balance_after,
                                         'currency', %(currency)s::text),
           'entry', entry.id)
FROM entry
RETURNING result
