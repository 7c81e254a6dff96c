-- What came of a performance, counted.
--
-- in:  performance
-- out: one row: seats, sold, held, paid (payments), taken (minor units by the ledger).
--
-- Invariant: reads only.

SELECT count(*), count(*) FILTER (WHERE status = 'sold'), count(*) FILTER (WHERE status = 'held'),
       (SELECT count(*) FROM payments WHERE performance_id = %(performance)s AND state = 'paid'),
       (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries
        WHERE performance_id = %(performance)s AND type = 'use')
FROM performance_seats
WHERE performance_id = %(performance)s
