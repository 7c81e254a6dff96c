-- A ledger entry is of its payment's tender.

SELECT l.user_id AS user, l.id AS entry,
       format('the entry says %%s, the payment %%s', l.tender, p.tender) AS detail
FROM ledger_entries l
JOIN payments p ON p.performance_id = l.performance_id AND p.reservation_id = l.reservation_id
WHERE l.tender <> p.tender
