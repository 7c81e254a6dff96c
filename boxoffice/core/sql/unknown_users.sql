-- Which of these users there are not.
--
-- in:  users bigint[]
-- out: one row a user: id.
--
-- Invariant: reads only.

SELECT id FROM unnest(%(users)s::bigint[]) AS asked (id)
WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = asked.id)
