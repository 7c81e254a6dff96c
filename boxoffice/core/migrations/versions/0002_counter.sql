-- The counter: how something is paid, for whom a hold is kept, and sales without an account.

-- A walk-in customer is user 0: whoever buys at the counter without an account. Nothing can be
-- paid into a balance that belongs to everybody.
INSERT INTO users (id, name) OVERRIDING SYSTEM VALUE
SELECT 0, free.name
FROM (SELECT n, 'walk-in' || coalesce(' ' || nullif(n, 0), '') AS name
      FROM generate_series(0, 1000000) n) free
WHERE NOT EXISTS (SELECT FROM users WHERE users.name = free.name)
ORDER BY free.n
LIMIT 1;

ALTER TABLE accounts
    ADD CONSTRAINT accounts_walk_in_is_empty CHECK (user_id <> 0 OR balance = 0);

ALTER TABLE reservations
    ADD COLUMN hold_name text,
    ADD COLUMN hold_note text,
    ADD CONSTRAINT reservations_hold_name_length CHECK (length(hold_name) BETWEEN 1 AND 200),
    ADD CONSTRAINT reservations_hold_note_length CHECK (length(hold_note) BETWEEN 1 AND 500);

-- The tender is what it will be, or was, paid with; cash knows what was handed over, a card
-- its reference, and complimentary tickets a reason.
ALTER TABLE payments
    ADD COLUMN tender text NOT NULL DEFAULT 'balance',
    ADD COLUMN received bigint,
    ADD COLUMN note text,
    ADD CONSTRAINT payments_tender_known
        CHECK (tender IN ('balance', 'cash', 'card', 'complimentary')),
    ADD CONSTRAINT payments_received_in_cash
        CHECK ((tender = 'cash') = (received IS NOT NULL)),
    ADD CONSTRAINT payments_note_says_why
        CHECK ((tender IN ('card', 'complimentary')) = (note IS NOT NULL)),
    ADD CONSTRAINT payments_note_length CHECK (length(note) BETWEEN 1 AND 500),
    ADD CONSTRAINT payments_received_not_negative CHECK (received >= 0),
    -- What a ledger entry must agree with: the same tender.
    ADD CONSTRAINT payments_tender_key UNIQUE (performance_id, reservation_id, tender);

-- An entry of another tender than the balance moves nothing of the user's: the house account
-- of the tender stands where the user's would.
ALTER TABLE ledger_entries
    ADD COLUMN tender text NOT NULL DEFAULT 'balance',
    ADD CONSTRAINT ledger_entries_charge_is_balance CHECK (type <> 'charge' OR tender = 'balance'),
    ADD CONSTRAINT ledger_entries_tender_fkey
        FOREIGN KEY (performance_id, reservation_id, tender)
        REFERENCES payments (performance_id, reservation_id, tender);

CREATE OR REPLACE VIEW ledger_postings AS
    SELECT id AS entry_id, currency, created_at,
           CASE tender WHEN 'balance' THEN 'user:' || user_id ELSE 'house:' || tender END AS account,
           CASE type WHEN 'use' THEN -amount ELSE amount END AS credit
    FROM ledger_entries
    UNION ALL
    SELECT id, currency, created_at, 'house:' || house_account,
           CASE type WHEN 'use' THEN amount ELSE -amount END
    FROM ledger_entries;
