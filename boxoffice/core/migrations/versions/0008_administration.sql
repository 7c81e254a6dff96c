-- Corrections of balances: an admin credits or debits an account, on the record.
--
-- A correction is an entry like every other, against a house account of its own, so that the
-- postings sum to zero and nobody takes it for a sale or a deposit.

ALTER TABLE ledger_entries
    DROP CONSTRAINT ledger_entries_type_known,
    DROP CONSTRAINT ledger_entries_amount_not_negative,
    DROP CONSTRAINT ledger_entries_house_account,
    DROP CONSTRAINT ledger_entries_cause,
    DROP CONSTRAINT ledger_entries_charge_is_balance,
    ADD CONSTRAINT ledger_entries_type_known
        CHECK (type IN ('charge', 'use', 'refund', 'credit', 'debit')),
    ADD CONSTRAINT ledger_entries_amount_not_negative
        CHECK (amount > 0 OR (amount = 0 AND type IN ('use', 'refund'))),
    ADD CONSTRAINT ledger_entries_house_account
        CHECK (house_account = CASE type
            WHEN 'charge' THEN 'deposits'
            WHEN 'credit' THEN 'corrections'
            WHEN 'debit' THEN 'corrections'
            ELSE 'sales'
        END),
    ADD CONSTRAINT ledger_entries_cause CHECK (
        (type IN ('use', 'refund')) = (reservation_id IS NOT NULL)
        AND (reservation_id IS NULL) = (performance_id IS NULL)
    ),
    -- What is no sale moves the user's own money.
    ADD CONSTRAINT ledger_entries_charge_is_balance
        CHECK (type IN ('use', 'refund') OR tender = 'balance');

CREATE OR REPLACE VIEW ledger_postings AS
    SELECT id AS entry_id, currency, created_at,
           CASE tender WHEN 'balance' THEN 'user:' || user_id ELSE 'house:' || tender END AS account,
           CASE WHEN type IN ('use', 'debit') THEN -amount ELSE amount END AS credit
    FROM ledger_entries
    UNION ALL
    SELECT id, currency, created_at, 'house:' || house_account,
           CASE WHEN type IN ('use', 'debit') THEN amount ELSE -amount END
    FROM ledger_entries;
