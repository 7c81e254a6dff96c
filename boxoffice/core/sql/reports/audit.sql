-- The newest lines of the audit that match.
--
-- in:  user, clerk (a principal or a host account), action, since, until (each null: any), limit
-- out: id, at, action, principal, user_id, user_name, terminal, operation_key, before, detail
--
-- Invariant: newest first; every line that matches, up to the limit.

SELECT a.id, a.at, a.action, a.principal, a.user_id, u.name AS user_name, a.terminal,
       a.operation_key, a.before, a.detail
FROM audit a
LEFT JOIN users u ON u.id = a.user_id
WHERE (%(user)s::bigint IS NULL OR a.user_id = %(user)s)
  AND (%(clerk)s::text IS NULL OR %(clerk)s IN (a.principal, a.host_user))
  AND (%(action)s::text IS NULL OR a.action = %(action)s)
  AND (%(since)s::timestamptz IS NULL OR a.at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR a.at < %(until)s)
ORDER BY a.id DESC
LIMIT %(limit)s
