-- A correction of a balance is in the audit, exactly once, with its amount.

SELECT l.user_id AS user, l.id AS entry,
       format('a %%s of %%s is %%s times in the audit', l.type, l.amount, count(a.id)) AS detail
FROM ledger_entries l
LEFT JOIN audit a
  ON a.operation_key = l.operation_key AND a.user_id = l.user_id AND a.action = 'user correct'
 AND a.detail -> 'amount'
     = to_jsonb(CASE l.type WHEN 'debit' THEN -l.amount ELSE l.amount END)
WHERE l.type IN ('credit', 'debit')
GROUP BY l.user_id, l.id
HAVING count(a.id) <> 1
