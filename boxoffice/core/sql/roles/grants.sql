-- The database roles of the box office and every right of theirs: `boxoffice store grants`.
--
-- in:  nothing; run by a superuser, in the box office's database, after its migrations
-- out: nothing
--
-- Invariant: run again, it changes nothing; a right that is not written here is taken away. No
-- role can log in before somebody gives it a password or a line of pg_hba.conf. Nobody but the
-- owner may change or delete what was written into the ledger, the audit or its chain, and
-- triggers refuse it to the owner too.
--
--   boxoffice_owner     owns everything, and cannot log in
--   boxoffice_app       customers: looks, holds, pays, cancels, charges
--   boxoffice_clerk     the counter: the same for others, with carts, users and the audit
--   boxoffice_admin     what there is to sell, and the workers
--   boxoffice_reader    reports and `verify`
--   boxoffice_migrator  becomes the owner; for `boxoffice store migrate`

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['owner', 'app', 'clerk', 'admin', 'reader', 'migrator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'boxoffice_' || role) THEN
            EXECUTE format('CREATE ROLE %I', 'boxoffice_' || role);
        END IF;
    END LOOP;
END
$$;

-- Limits stand with the role too: a pooler does not pass on what a client asks for.
ALTER ROLE boxoffice_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE boxoffice_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 40;
ALTER ROLE boxoffice_clerk LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 40;
ALTER ROLE boxoffice_admin LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;  -- workers, four each
ALTER ROLE boxoffice_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5;
ALTER ROLE boxoffice_migrator LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT CONNECTION LIMIT 2;

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['app', 'clerk', 'admin', 'reader', 'migrator'] LOOP
        EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5s''', 'boxoffice_' || role);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''3s''', 'boxoffice_' || role);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', 'boxoffice_' || role);
        EXECUTE format('ALTER ROLE %I SET search_path = public, pg_temp', 'boxoffice_' || role);
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), 'boxoffice_' || role);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), 'boxoffice_' || role);
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
ALTER ROLE boxoffice_reader SET default_transaction_read_only = on;
GRANT boxoffice_owner TO boxoffice_migrator;
ALTER ROLE boxoffice_migrator SET role = 'boxoffice_owner';

-- Everything belongs to the owner; what does already is not touched, for that takes a lock.
DO $$
DECLARE
    what text;
BEGIN
    FOR what IN
        SELECT CASE c.relkind WHEN 'v' THEN 'VIEW ' ELSE 'TABLE ' END || c.oid::regclass
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
          AND c.relowner <> 'boxoffice_owner'::regrole
        UNION ALL
        SELECT 'FUNCTION ' || p.oid::regprocedure
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> 'boxoffice_owner'::regrole
    LOOP
        EXECUTE format('ALTER %s OWNER TO boxoffice_owner', what);
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO boxoffice_owner;
GRANT USAGE ON SCHEMA public TO boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader, boxoffice_migrator;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader, boxoffice_migrator;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader, boxoffice_migrator;

-- Looking.
GRANT SELECT ON
    alembic_version, venues, sections, categories, seat_rows, venue_seats, concerts, performances,
    prices, users, accounts, reservations, performance_seats, reservation_seats, payments,
    ledger_entries, operations, type_prices
TO boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader;
GRANT SELECT ON outbox, ledger_postings, audit, audit_chain, audit_head, seat_blocks
TO boxoffice_clerk, boxoffice_admin, boxoffice_reader;
GRANT EXECUTE ON FUNCTION audit_text(audit) TO boxoffice_clerk, boxoffice_admin, boxoffice_reader;

-- Selling. Every statement of a sale can write the audit, so each role must be allowed to; what
-- customers' sessions would write there is refused by audit_is_of_staff.
GRANT INSERT ON accounts, reservations, reservation_seats, payments, ledger_entries, operations, outbox
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT INSERT (action, principal, terminal, user_id, operation_key, detail, before) ON audit
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (balance) ON accounts TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (state, paid_at, cancelled_at) ON reservations
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (status, reservation_id, held_until, version) ON performance_seats
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (live) ON reservation_seats TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (state, settled_at, tender, received, note) ON payments
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;

-- The queues: whoever is first after Redis was lost begins them again. The key of the stubs is
-- in queue_identity, and a seed in draws is nobody's business before its draw: no reports on them.
GRANT SELECT ON queues TO boxoffice_app, boxoffice_clerk, boxoffice_admin, boxoffice_reader;
GRANT SELECT ON queue_identity, draws TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT INSERT ON queue_identity TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT INSERT (concert_id) ON queues TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (number_base, founded_at) ON queues TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (held_at, drawn) ON draws TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (settings) ON queues TO boxoffice_clerk, boxoffice_admin;
GRANT INSERT (concert_id, seed, commitment) ON draws TO boxoffice_clerk, boxoffice_admin;
GRANT SELECT (concert_id, commitment, made_at, held_at, drawn) ON draws TO boxoffice_reader;
GRANT SELECT (single, database_id) ON queue_identity TO boxoffice_reader;

-- Tickets: who may show one computes its code, at the first one for all; a list for a door without
-- network is signed by staff.
GRANT SELECT (single, code_key), INSERT (code_key, signing_key) ON ticket_keys
TO boxoffice_app, boxoffice_clerk, boxoffice_admin;
GRANT SELECT (signing_key) ON ticket_keys TO boxoffice_clerk, boxoffice_admin;
GRANT SELECT (performance_id, reservation_id, seat_no, checked_in_at, gate) ON check_ins TO boxoffice_app;
GRANT SELECT ON check_ins TO boxoffice_clerk, boxoffice_admin, boxoffice_reader;
GRANT INSERT (performance_id, reservation_id, seat_no, checked_in_at, gate, principal, operation_key)
ON check_ins TO boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (checked_in_at) ON reservations TO boxoffice_clerk, boxoffice_admin;

-- The counter: carts, holds under a name, users, exchanges, the relay of events.
GRANT UPDATE (seat_count, total, held_until, hold_name, hold_note, user_id) ON reservations
TO boxoffice_clerk, boxoffice_admin;
GRANT DELETE ON reservation_seats TO boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (price, price_type) ON reservation_seats TO boxoffice_clerk, boxoffice_admin;
GRANT DELETE ON seat_blocks TO boxoffice_clerk, boxoffice_admin;  -- whose time has come
GRANT UPDATE (result) ON operations TO boxoffice_clerk, boxoffice_admin;
GRANT UPDATE (sent_at) ON outbox TO boxoffice_clerk, boxoffice_admin;
GRANT SELECT ON jobs, deliveries TO boxoffice_clerk, boxoffice_admin, boxoffice_reader;
GRANT INSERT (performance_id, event_id, sink) ON deliveries TO boxoffice_clerk, boxoffice_admin;
GRANT INSERT (name) ON users TO boxoffice_clerk, boxoffice_admin;

-- The workers, who act as admins: their jobs, what they bring to whom, and what is old enough.
GRANT INSERT (name, sink), UPDATE ON jobs TO boxoffice_admin;
GRANT UPDATE (state, attempts, next_at, last_error), DELETE ON deliveries TO boxoffice_admin;
GRANT DELETE ON jobs, operations, outbox TO boxoffice_admin;

-- What there is to sell.
GRANT UPDATE (starts_at, sale_opens, sale_closes, cancelled_at) ON performances TO boxoffice_admin;
GRANT UPDATE (name) ON users TO boxoffice_admin;
GRANT INSERT ON venues, sections, categories, seat_rows, venue_seats, concerts, performances, prices, performance_seats
TO boxoffice_admin;
GRANT INSERT ON type_prices, seat_blocks TO boxoffice_admin;
GRANT UPDATE (amount) ON prices, type_prices TO boxoffice_admin;
GRANT UPDATE (kind, release_at, note, created_at) ON seat_blocks TO boxoffice_admin;
DO $$
BEGIN
    IF current_setting('server_version_num')::integer >= 170000 THEN  -- before, ANALYZE is left out
        GRANT MAINTAIN ON sections, categories, seat_rows, venue_seats, performance_seats, prices, performances
        TO boxoffice_admin;
    END IF;
END
$$;
