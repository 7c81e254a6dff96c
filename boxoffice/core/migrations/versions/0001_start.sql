-- The first schema: venues, concerts, seats, reservations, money, operations, events, audit.
--
-- Every hot table is led by the performance or the user, no constraint spans two of them,
-- and every rule that one row can state is a named constraint: its name is an error code's
-- source (boxoffice/core/database.py).

-- Venues: the plan as imported. Ordinals (section_no, row_no, seat_no) follow the plan's order.

CREATE TABLE venues (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL,
    time_zone   text NOT NULL,
    focal_x     double precision NOT NULL,
    focal_y     double precision NOT NULL,
    seat_count  integer NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT venues_pkey PRIMARY KEY (id),
    CONSTRAINT venues_name_key UNIQUE (name),
    CONSTRAINT venues_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT venues_has_seats CHECK (seat_count > 0)
);

CREATE TABLE sections (
    venue_id    bigint NOT NULL,
    section_no  integer NOT NULL,
    name        text NOT NULL,
    CONSTRAINT sections_pkey PRIMARY KEY (venue_id, section_no),
    CONSTRAINT sections_name_key UNIQUE (venue_id, name),
    CONSTRAINT sections_venue_fkey FOREIGN KEY (venue_id) REFERENCES venues (id)
);

CREATE TABLE categories (
    venue_id     bigint NOT NULL,
    category_no  integer NOT NULL,
    name         text NOT NULL,
    CONSTRAINT categories_pkey PRIMARY KEY (venue_id, category_no),
    CONSTRAINT categories_name_key UNIQUE (venue_id, name),
    CONSTRAINT categories_venue_fkey FOREIGN KEY (venue_id) REFERENCES venues (id)
);

CREATE TABLE seat_rows (
    venue_id    bigint NOT NULL,
    row_no      integer NOT NULL,
    section_no  integer NOT NULL,
    name        text NOT NULL,
    CONSTRAINT seat_rows_pkey PRIMARY KEY (venue_id, row_no),
    CONSTRAINT seat_rows_section_fkey
        FOREIGN KEY (venue_id, section_no) REFERENCES sections (venue_id, section_no)
);

CREATE TABLE venue_seats (
    venue_id     bigint NOT NULL,
    seat_no      integer NOT NULL,
    row_no       integer NOT NULL,
    category_no  integer NOT NULL,
    label        text NOT NULL,
    number       text NOT NULL,
    x            double precision NOT NULL,
    y            double precision NOT NULL,
    wheelchair   boolean NOT NULL,
    companion    boolean NOT NULL,
    obstructed   boolean NOT NULL,
    CONSTRAINT venue_seats_pkey PRIMARY KEY (venue_id, seat_no),
    CONSTRAINT venue_seats_label_key UNIQUE (venue_id, label),
    CONSTRAINT venue_seats_row_fkey
        FOREIGN KEY (venue_id, row_no) REFERENCES seat_rows (venue_id, row_no),
    CONSTRAINT venue_seats_category_fkey
        FOREIGN KEY (venue_id, category_no) REFERENCES categories (venue_id, category_no)
);

-- Concerts and their performances.

CREATE TABLE concerts (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    venue_id    bigint NOT NULL,
    name        text NOT NULL,
    currency    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT concerts_pkey PRIMARY KEY (id),
    CONSTRAINT concerts_name_key UNIQUE (name),
    CONSTRAINT concerts_venue_key UNIQUE (id, venue_id),
    CONSTRAINT concerts_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT concerts_currency_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT concerts_venue_fkey FOREIGN KEY (venue_id) REFERENCES venues (id)
);

CREATE TABLE performances (
    id            bigint GENERATED ALWAYS AS IDENTITY,
    concert_id    bigint NOT NULL,
    venue_id      bigint NOT NULL,
    starts_at     timestamptz NOT NULL,
    time_zone     text NOT NULL,
    sale_opens    timestamptz NOT NULL,
    sale_closes   timestamptz NOT NULL,
    seat_count    integer NOT NULL,
    cancelled_at  timestamptz,
    CONSTRAINT performances_pkey PRIMARY KEY (id),
    CONSTRAINT performances_date_key UNIQUE (concert_id, starts_at),
    CONSTRAINT performances_sale_window CHECK (sale_opens < sale_closes),
    CONSTRAINT performances_has_seats CHECK (seat_count > 0),
    CONSTRAINT performances_concert_fkey
        FOREIGN KEY (concert_id, venue_id) REFERENCES concerts (id, venue_id)
);

CREATE TABLE prices (
    performance_id  bigint NOT NULL,
    category_no     integer NOT NULL,
    amount          bigint NOT NULL,
    CONSTRAINT prices_pkey PRIMARY KEY (performance_id, category_no),
    CONSTRAINT prices_not_negative CHECK (amount >= 0),
    CONSTRAINT prices_performance_fkey FOREIGN KEY (performance_id) REFERENCES performances (id)
);

-- Users and their money.

CREATE TABLE users (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    name        text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_name_key UNIQUE (name),
    CONSTRAINT users_name_length CHECK (length(name) BETWEEN 1 AND 200)
);

CREATE TABLE accounts (
    user_id   bigint NOT NULL,
    currency  text NOT NULL,
    balance   bigint NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (user_id, currency),
    CONSTRAINT accounts_balance_not_negative CHECK (balance >= 0),
    CONSTRAINT accounts_user_fkey FOREIGN KEY (user_id) REFERENCES users (id)
) WITH (fillfactor = 70);

-- Reservations. (performance_id, id) is the public reference: id is 60 random bits.

CREATE TABLE reservations (
    performance_id  bigint NOT NULL,
    id              bigint NOT NULL,
    user_id         bigint NOT NULL,
    state           text NOT NULL,
    seat_count      integer NOT NULL,
    total           bigint NOT NULL,
    currency        text NOT NULL,
    held_until      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    paid_at         timestamptz,
    cancelled_at    timestamptz,
    CONSTRAINT reservations_pkey PRIMARY KEY (performance_id, id),
    -- What a ledger entry must agree with: same user, same amount.
    CONSTRAINT reservations_price_key UNIQUE (performance_id, id, user_id, total),
    CONSTRAINT reservations_state_known
        CHECK (state IN ('held', 'paid', 'cancelled', 'expired')),
    -- A hold that could not lock every seat says 0 here, and takes all of itself back.
    CONSTRAINT reservations_has_seats CHECK (seat_count > 0),
    CONSTRAINT reservations_total_not_negative CHECK (total >= 0),
    CONSTRAINT reservations_paid_when
        CHECK (state <> 'paid' OR paid_at IS NOT NULL),
    CONSTRAINT reservations_never_paid_when_held_or_expired
        CHECK (state NOT IN ('held', 'expired') OR paid_at IS NULL),
    CONSTRAINT reservations_cancelled_when
        CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT reservations_user_fkey FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX reservations_of_user ON reservations (user_id, created_at);
-- Holds that the sweep has to end; small, because few holds are open at a time.
CREATE INDEX reservations_hold_expiry ON reservations (performance_id, held_until)
    WHERE state = 'held';

-- Seats of a performance: one row each, made with the performance. A state change writes no
-- index, so with room left on the page it stays on the page.

CREATE TABLE performance_seats (
    performance_id  bigint NOT NULL,
    seat_no         integer NOT NULL,
    category_no     integer NOT NULL,
    status          text NOT NULL DEFAULT 'free',
    reservation_id  bigint,
    held_until      timestamptz,
    version         integer NOT NULL DEFAULT 0,
    CONSTRAINT performance_seats_pkey PRIMARY KEY (performance_id, seat_no),
    CONSTRAINT performance_seats_status_known
        CHECK (status IN ('free', 'held', 'sold', 'blocked')),
    CONSTRAINT performance_seats_taken_by_reservation
        CHECK ((status IN ('held', 'sold')) = (reservation_id IS NOT NULL)),
    CONSTRAINT performance_seats_hold_ends
        CHECK ((status = 'held') = (held_until IS NOT NULL)),
    CONSTRAINT performance_seats_price_fkey
        FOREIGN KEY (performance_id, category_no) REFERENCES prices (performance_id, category_no),
    CONSTRAINT performance_seats_reservation_fkey
        FOREIGN KEY (performance_id, reservation_id) REFERENCES reservations (performance_id, id)
) WITH (fillfactor = 70);

CREATE TABLE reservation_seats (
    performance_id  bigint NOT NULL,
    reservation_id  bigint NOT NULL,
    seat_no         integer NOT NULL,
    price           bigint NOT NULL,
    live            boolean NOT NULL DEFAULT true,
    CONSTRAINT reservation_seats_pkey PRIMARY KEY (performance_id, reservation_id, seat_no),
    CONSTRAINT reservation_seats_price_not_negative CHECK (price >= 0),
    CONSTRAINT reservation_seats_reservation_fkey
        FOREIGN KEY (performance_id, reservation_id) REFERENCES reservations (performance_id, id),
    CONSTRAINT reservation_seats_seat_fkey
        FOREIGN KEY (performance_id, seat_no) REFERENCES performance_seats (performance_id, seat_no)
);

-- One live reservation a seat; ended ones stay as history and never hinder a new sale.
CREATE UNIQUE INDEX reservation_seats_one_live ON reservation_seats (performance_id, seat_no)
    WHERE live;

-- A payment is its reservation's: the key is the same, and the amount is that total.

CREATE TABLE payments (
    performance_id  bigint NOT NULL,
    reservation_id  bigint NOT NULL,
    state           text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    settled_at      timestamptz,
    CONSTRAINT payments_pkey PRIMARY KEY (performance_id, reservation_id),
    CONSTRAINT payments_state_known
        CHECK (state IN ('waiting', 'paid', 'cancelled', 'refunded')),
    CONSTRAINT payments_settled_when CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CONSTRAINT payments_reservation_fkey
        FOREIGN KEY (performance_id, reservation_id) REFERENCES reservations (performance_id, id)
);

-- The ledger: one row moves an amount between a user's account and a house account.

CREATE TABLE ledger_entries (
    user_id         bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    currency        text NOT NULL,
    type            text NOT NULL,
    house_account   text NOT NULL,
    amount          bigint NOT NULL,
    balance_after   bigint NOT NULL,
    performance_id  bigint,
    reservation_id  bigint,
    operation_key   text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_entries_pkey PRIMARY KEY (user_id, id),
    CONSTRAINT ledger_entries_type_known CHECK (type IN ('charge', 'use', 'refund')),
    CONSTRAINT ledger_entries_amount_not_negative
        CHECK (amount > 0 OR (amount = 0 AND type <> 'charge')),
    CONSTRAINT ledger_entries_balance_not_negative CHECK (balance_after >= 0),
    CONSTRAINT ledger_entries_house_account
        CHECK (house_account = CASE type WHEN 'charge' THEN 'deposits' ELSE 'sales' END),
    CONSTRAINT ledger_entries_cause CHECK (
        (type = 'charge') = (reservation_id IS NULL)
        AND (reservation_id IS NULL) = (performance_id IS NULL)
    ),
    CONSTRAINT ledger_entries_account_fkey
        FOREIGN KEY (user_id, currency) REFERENCES accounts (user_id, currency),
    CONSTRAINT ledger_entries_price_fkey
        FOREIGN KEY (performance_id, reservation_id, user_id, amount)
        REFERENCES reservations (performance_id, id, user_id, total)
);

CREATE UNIQUE INDEX ledger_entries_one_debit ON ledger_entries (performance_id, reservation_id)
    WHERE type = 'use';
CREATE UNIQUE INDEX ledger_entries_one_refund ON ledger_entries (performance_id, reservation_id)
    WHERE type = 'refund';

-- The same as double entry: two postings an entry, which sum to zero.
CREATE VIEW ledger_postings AS
    SELECT id AS entry_id, currency, created_at, 'user:' || user_id AS account,
           CASE type WHEN 'use' THEN -amount ELSE amount END AS credit
    FROM ledger_entries
    UNION ALL
    SELECT id, currency, created_at, 'house:' || house_account,
           CASE type WHEN 'use' THEN amount ELSE -amount END
    FROM ledger_entries;

-- Operations: a key and the answer it got, written in the transaction of the effect.

CREATE TABLE operations (
    key         text NOT NULL,
    command     text NOT NULL,
    request     text NOT NULL,
    user_id     bigint,
    result      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT operations_pkey PRIMARY KEY (key),
    CONSTRAINT operations_key_length CHECK (length(key) BETWEEN 1 AND 200)
);

-- The outbox: what others must be told, written in the transaction of the effect.

CREATE TABLE outbox (
    performance_id  bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    dedupe_key      text NOT NULL,
    type            text NOT NULL,
    payload         jsonb NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    sent_at         timestamptz,
    CONSTRAINT outbox_pkey PRIMARY KEY (performance_id, id),
    CONSTRAINT outbox_dedupe_key UNIQUE (performance_id, dedupe_key)
);

CREATE INDEX outbox_unsent ON outbox (performance_id, id) WHERE sent_at IS NULL;

-- Audit: who did what for whom.

CREATE TABLE audit (
    id             bigint GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT now(),
    action         text NOT NULL,
    principal      text NOT NULL,
    database_user  text NOT NULL DEFAULT current_user,
    terminal       text,
    user_id        bigint,
    operation_key  text,
    detail         jsonb NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (id)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER ledger_entries_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
