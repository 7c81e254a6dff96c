-- Outcomes: a key that is settled, so that nothing under it can happen any more.
--
-- A tombstone stands where an operation would: the primary key makes it wait for one in flight
-- and makes a late one wait for it, so whichever of the two is committed is final. It has no
-- result, and a request that no fingerprint equals.

ALTER TABLE operations
    ADD COLUMN state text NOT NULL DEFAULT 'done',
    ADD CONSTRAINT operations_state_known CHECK (state IN ('done', 'abandoned')),
    ADD CONSTRAINT operations_abandoned_did_nothing
        CHECK (CASE state WHEN 'abandoned' THEN command = 'settle' AND request = '' AND result = '{}'
                          ELSE command <> 'settle' END);
