-- How every seat of a performance stands, packed, in the order of the seats.
--
-- in:  performance
-- out: one row: states, a letter a seat (f, h, s, b), and versions, four bytes a seat in
--      network order; both null where there is no such performance.
--
-- Invariant: a hold that has ended reads as free. A version grows by one with every change.

SELECT string_agg(CASE WHEN status = 'held' AND held_until <= now() THEN 'f'
                       ELSE left(status, 1) END, '') AS states,
       string_agg(int4send(version), '') AS versions
FROM (SELECT status, held_until, version
      FROM performance_seats
      WHERE performance_id = %(performance)s
      ORDER BY seat_no) s
