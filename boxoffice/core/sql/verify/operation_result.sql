-- An operation that was done has a result.

SELECT o.key, format('%%s has none', o.command) AS detail
FROM operations o
WHERE o.state = 'done' AND o.result = '{}'
