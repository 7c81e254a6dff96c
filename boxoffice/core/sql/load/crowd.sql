-- Write users by the thousand, who have charged once where there is something to charge.
--
-- in:  names, currency, amount (minor units; 0 for no account at all)
-- out: one row (count of users).
--
-- Invariant: each balance has its ledger entry and each entry its operation, as `charge` leaves
-- them; a name that is taken breaks users_name_key and undoes everything.

WITH made AS (
    INSERT INTO users (name) SELECT unnest(%(names)s::text[]) RETURNING id, name
),
account AS (
    INSERT INTO accounts (user_id, currency, balance)
    SELECT id, %(currency)s, %(amount)s FROM made WHERE %(amount)s > 0
),
entry AS (
    INSERT INTO ledger_entries
        (user_id, currency, type, house_account, amount, balance_after, operation_key)
    SELECT id, %(currency)s, 'charge', 'deposits', %(amount)s, %(amount)s, name || '-charge'
    FROM made
    WHERE %(amount)s > 0
    RETURNING id, user_id, operation_key
),
operation AS (
    INSERT INTO operations (key, command, request, user_id, result)
    SELECT e.operation_key, 'charge', 'load test', e.user_id,
           jsonb_build_object(
               'user', e.user_id,
               'charged', jsonb_build_object('amount', %(amount)s::bigint,
                                             'currency', %(currency)s::text),
               'balance', jsonb_build_object('amount', %(amount)s::bigint,
                                             'currency', %(currency)s::text),
               'entry', e.id)
    FROM entry e
)
SELECT count(*) FROM made
