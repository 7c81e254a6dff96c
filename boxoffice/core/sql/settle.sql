-- Settle a key: where nothing was done under it, nothing will be.
--
-- in:  key, user (the customer who settles, or null), staff (principal or null), terminal
-- out: one row (settled): true where a tombstone was written now, false where the key is there.
--
-- Invariant: one key is one row. The insert waits for an operation of the same key in flight,
-- as long as the lock timeout allows, and a later one meets the tombstone: what is committed
-- under the key afterwards, by whomever, is final.

WITH tombstone AS (
    INSERT INTO operations (key, command, request, user_id, result, state)
    VALUES (%(key)s, 'settle', '', %(user)s, '{}', 'abandoned')
    ON CONFLICT (key) DO NOTHING
    RETURNING key
),
audited AS (
    INSERT INTO audit (action, principal, terminal, user_id, operation_key, detail)
    SELECT 'settle', %(staff)s::text, %(terminal)s::text, %(user)s, tombstone.key,
           jsonb_build_object('state', 'abandoned')
    FROM tombstone
    WHERE %(staff)s::text IS NOT NULL
)
SELECT EXISTS (SELECT FROM tombstone) AS settled
