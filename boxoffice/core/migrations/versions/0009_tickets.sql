-- Tickets and who came in with them.
--
-- A ticket has no row: its code is computed from the seat, the reservation and a key, so a payment
-- writes nothing for it (docs/adr/0026-tickets.md). The keys are made when the first code is.

CREATE TABLE ticket_keys (
    single       boolean NOT NULL DEFAULT true,
    code_key     bytea NOT NULL,
    signing_key  bytea NOT NULL,
    CONSTRAINT ticket_keys_pkey PRIMARY KEY (single),
    CONSTRAINT ticket_keys_is_one CHECK (single),
    CONSTRAINT ticket_keys_length
        CHECK (octet_length(code_key) = 32 AND octet_length(signing_key) = 32)
);

-- A seat comes in once with a reservation; whoever buys it after a cancel has another one.
CREATE TABLE check_ins (
    performance_id  bigint NOT NULL,
    reservation_id  bigint NOT NULL,
    seat_no         integer NOT NULL,
    checked_in_at   timestamptz NOT NULL,
    -- Later than that where a door had no network.
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    gate            text,
    principal       text NOT NULL,
    operation_key   text NOT NULL,
    CONSTRAINT check_ins_pkey PRIMARY KEY (performance_id, reservation_id, seat_no),
    CONSTRAINT check_ins_gate_length CHECK (length(gate) BETWEEN 1 AND 200),
    CONSTRAINT check_ins_not_ahead CHECK (checked_in_at <= recorded_at),
    CONSTRAINT check_ins_seat_fkey FOREIGN KEY (performance_id, reservation_id, seat_no)
        REFERENCES reservation_seats (performance_id, reservation_id, seat_no)
);

-- When the first of a reservation came in. A customer's cancel reads it under the lock that a
-- check-in takes: nobody walks in and has the money back.
ALTER TABLE reservations ADD COLUMN checked_in_at timestamptz;
