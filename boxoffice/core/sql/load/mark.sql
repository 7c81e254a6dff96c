-- Mark a database for load tests: the identity it gets says so, for ever.
--
-- in:  database (an identity that says so), stub_key
-- out: one row (database_id) where it was marked just now; none where it has an identity already,
--      or anybody ever reserved a seat or had money: then nothing has changed.
--
-- Invariant: an identity is never changed, and a database that has sold anything is not marked.

INSERT INTO queue_identity (database_id, stub_key)
SELECT %(database)s, %(stub_key)s
WHERE NOT EXISTS (SELECT FROM reservations) AND NOT EXISTS (SELECT FROM ledger_entries)
ON CONFLICT DO NOTHING
RETURNING database_id
