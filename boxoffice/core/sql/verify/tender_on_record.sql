-- What was not paid from a balance was taken and given back by staff, on the record.

SELECT l.user_id AS user, l.id AS entry,
       format('%%s by %%s is %%s times in the audit', l.type, l.tender, count(a.id)) AS detail
FROM ledger_entries l
LEFT JOIN audit a
  ON a.operation_key = l.operation_key AND a.user_id = l.user_id
 AND a.action = CASE l.type WHEN 'use' THEN 'pay' ELSE 'cancel' END
WHERE l.tender <> 'balance'
GROUP BY l.user_id, l.id
HAVING count(a.id) <> 1
