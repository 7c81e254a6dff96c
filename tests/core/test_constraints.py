"""What the database refuses by itself, by name, whatever a program would do."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from boxoffice.core import database, schema
from tests.conftest import PRICE, key, plain, staff

MIGRATIONS = Path(schema.__file__).parent / "migrations" / "versions"
NAMED = re.compile(r"CONSTRAINT ([a-z_]+)|UNIQUE INDEX ([a-z_]+)")
# Unique with a primary key inside: nothing can break them, foreign keys point at them.
TARGETS_ONLY = {"concerts_venue_key", "reservations_price_key", "payments_tender_key"}

AGAIN = "OVERRIDING SYSTEM VALUE SELECT * FROM"
SECTION = "(venue_id, section_no, name) VALUES"
CATEGORY = "(venue_id, category_no, name) VALUES"
ROW = "(venue_id, row_no, section_no, name) VALUES"
SEAT = "UPDATE venue_seats SET {} WHERE seat_no = 0"
SOLD = "status = 'sold'"
HELD = "status = 'held'"
ENTRY = (
    "INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,"
    " performance_id, reservation_id, operation_key) SELECT {} FROM ledger_entries"
    " WHERE type = '{}'"
)
CHARGE = "user_id, currency, {}, 1, NULL, NULL, 'k'"

TYPE_PRICE = "INSERT INTO type_prices VALUES"
BLOCK = "INSERT INTO seat_blocks (performance_id, seat_no, kind, note) VALUES"
IDENTITY = "DELETE FROM queue_identity; INSERT INTO queue_identity"
STUB_KEY = "repeat('0', 64)"
DRAWN = "(1, 's', encode(sha256('s'), 'hex'))"
DRAW = f"INSERT INTO draws (concert_id, seed, commitment) VALUES {DRAWN}"

TICKET_KEYS = "INSERT INTO ticket_keys VALUES (true, sha256('s'), sha256('t'))"
CHECK_IN = (
    "INSERT INTO check_ins SELECT performance_id, reservation_id, seat_no, now(), now(), 'west',"
    " 'clerk:kim', 'k' FROM reservation_seats"
)
JOB = "INSERT INTO jobs (name, sink) VALUES"
DELIVERY = "INSERT INTO deliveries SELECT performance_id, id, 'webhook' FROM outbox"
DEED = "(id, action, principal, detail)"
LINK = "INSERT INTO audit_chain SELECT {} FROM audit_chain"
WAITING = "UPDATE payments SET {} WHERE state = 'waiting'"

VIOLATIONS = {
    "venues_pkey": f"INSERT INTO venues {AGAIN} venues",
    "venues_name_key": (
        "INSERT INTO venues (name, time_zone, focal_x, focal_y, seat_count)"
        " SELECT name, time_zone, 0, 0, 1 FROM venues"
    ),
    "venues_name_length": "UPDATE venues SET name = ''",
    "venues_has_seats": "UPDATE venues SET seat_count = 0",
    "venues_drawing_object": "UPDATE venues SET drawing = '[]'",
    "sections_pkey": f"INSERT INTO sections {SECTION} (1, 0, 'new')",
    "sections_name_key": f"INSERT INTO sections {SECTION} (1, 9, 'Floor')",
    "sections_venue_fkey": f"INSERT INTO sections {SECTION} (9, 0, 'new')",
    "categories_pkey": f"INSERT INTO categories {CATEGORY} (1, 0, 'new')",
    "categories_name_key": f"INSERT INTO categories {CATEGORY} (1, 9, 'Standard')",
    "categories_venue_fkey": f"INSERT INTO categories {CATEGORY} (9, 0, 'new')",
    "seat_rows_pkey": f"INSERT INTO seat_rows {ROW} (1, 0, 0, 'new')",
    "seat_rows_section_fkey": f"INSERT INTO seat_rows {ROW} (1, 99, 9, 'new')",
    "venue_seats_pkey": SEAT.format("seat_no = 1"),
    "venue_seats_label_key": SEAT.format("label = 'A-2'"),
    "venue_seats_row_fkey": SEAT.format("row_no = 99"),
    "venue_seats_category_fkey": SEAT.format("category_no = 99"),
    "concerts_pkey": f"INSERT INTO concerts {AGAIN} concerts",
    "concerts_name_key": (
        "INSERT INTO concerts (venue_id, name, currency) SELECT venue_id, name, 'KRW' FROM concerts"
    ),
    "concerts_name_length": "UPDATE concerts SET name = repeat('x', 201)",
    "concerts_currency_code": "UPDATE concerts SET currency = 'won'",
    "concerts_venue_fkey": (
        "INSERT INTO concerts (venue_id, name, currency) VALUES (9, 'new', 'KRW')"
    ),
    "performances_pkey": f"INSERT INTO performances {AGAIN} performances",
    "performances_date_key": (
        "INSERT INTO performances (concert_id, venue_id, starts_at, time_zone, sale_opens,"
        " sale_closes, seat_count) SELECT concert_id, venue_id, starts_at, time_zone, sale_opens,"
        " sale_closes, seat_count FROM performances"
    ),
    "performances_sale_window": "UPDATE performances SET sale_opens = sale_closes",
    "performances_has_seats": "UPDATE performances SET seat_count = 0",
    "performances_concert_fkey": "UPDATE performances SET concert_id = 99",
    "prices_pkey": "INSERT INTO prices SELECT * FROM prices",
    "prices_not_negative": "UPDATE prices SET amount = -1",
    "prices_performance_fkey": "INSERT INTO prices VALUES (99, 0, 1)",
    "type_prices_pkey": f"{TYPE_PRICE} (1, 0, 'child', 1), (1, 0, 'child', 2)",
    "type_prices_not_negative": f"{TYPE_PRICE} (1, 0, 'child', -1)",
    "type_prices_type_length": f"{TYPE_PRICE} (1, 0, '', 1)",
    "type_prices_not_ordinary": f"{TYPE_PRICE} (1, 0, 'adult', 1)",
    "type_prices_price_fkey": f"{TYPE_PRICE} (1, 9, 'child', 1)",
    "seat_blocks_pkey": f"{BLOCK} (1, 9, 'house', NULL), (1, 9, 'technical', NULL)",
    "seat_blocks_kind_known": f"{BLOCK} (1, 9, 'lost', NULL)",
    "seat_blocks_note_length": f"{BLOCK} (1, 9, 'house', '')",
    "seat_blocks_seat_fkey": f"{BLOCK} (1, 999, 'house', NULL)",
    "users_pkey": f"INSERT INTO users {AGAIN} users",
    "users_name_key": "INSERT INTO users (name) VALUES ('user1')",
    "users_name_length": "INSERT INTO users (name) VALUES ('')",
    "accounts_pkey": "INSERT INTO accounts SELECT * FROM accounts",
    "accounts_balance_not_negative": "UPDATE accounts SET balance = -1",
    "accounts_walk_in_is_empty": "INSERT INTO accounts VALUES (0, 'KRW', 1)",
    "accounts_user_fkey": "INSERT INTO accounts VALUES (99, 'KRW', 0)",
    "reservations_pkey": "INSERT INTO reservations SELECT * FROM reservations",
    "reservations_state_known": "UPDATE reservations SET state = 'lost'",
    "reservations_has_seats": "UPDATE reservations SET seat_count = 0",
    "reservations_total_not_negative": "UPDATE reservations SET total = -1",
    "reservations_paid_when": "UPDATE reservations SET state = 'paid' WHERE state = 'held'",
    "reservations_never_paid_when_held_or_expired": (
        "UPDATE reservations SET state = 'expired' WHERE state = 'paid'"
    ),
    "reservations_cancelled_when": "UPDATE reservations SET state = 'cancelled'",
    "reservations_user_fkey": "UPDATE reservations SET user_id = 99 WHERE state = 'held'",
    "reservations_hold_name_length": "UPDATE reservations SET hold_name = ''",
    "reservations_hold_note_length": "UPDATE reservations SET hold_note = repeat('x', 501)",
    "performance_seats_pkey": "UPDATE performance_seats SET seat_no = 1 WHERE seat_no = 0",
    "performance_seats_status_known": "UPDATE performance_seats SET status = 'lost'",
    "performance_seats_taken_by_reservation": (
        f"UPDATE performance_seats SET reservation_id = NULL WHERE {SOLD}"
    ),
    "performance_seats_hold_ends": f"UPDATE performance_seats SET held_until = NULL WHERE {HELD}",
    "performance_seats_price_fkey": "UPDATE performance_seats SET category_no = 9",
    "performance_seats_reservation_fkey": (
        f"UPDATE performance_seats SET reservation_id = 1 WHERE {SOLD}"
    ),
    "reservation_seats_pkey": "INSERT INTO reservation_seats SELECT * FROM reservation_seats",
    "reservation_seats_price_not_negative": "UPDATE reservation_seats SET price = -1",
    "reservation_seats_reservation_fkey": "UPDATE reservation_seats SET reservation_id = 1",
    "reservation_seats_seat_fkey": "UPDATE reservation_seats SET seat_no = 99 WHERE seat_no = 0",
    "reservation_seats_one_live": (
        "INSERT INTO reservation_seats SELECT performance_id, id, 0, 1 FROM reservations"
        " WHERE state = 'held'"
    ),
    "payments_pkey": "INSERT INTO payments SELECT * FROM payments",
    "payments_state_known": "UPDATE payments SET state = 'lost' WHERE state = 'paid'",
    "payments_settled_when": "UPDATE payments SET settled_at = NULL WHERE state = 'paid'",
    "payments_tender_known": WAITING.format("tender = 'shells'"),
    "payments_received_in_cash": WAITING.format("received = 1"),
    "payments_received_not_negative": WAITING.format("tender = 'cash', received = -1"),
    "payments_note_says_why": WAITING.format("tender = 'card'"),
    "payments_note_length": WAITING.format("tender = 'card', note = repeat('x', 501)"),
    "payments_reservation_fkey": "INSERT INTO payments VALUES (1, 1, 'waiting')",
    "ledger_entries_pkey": f"INSERT INTO ledger_entries {AGAIN} ledger_entries WHERE id = 1",
    "ledger_entries_type_known": ENTRY.format(CHARGE.format("'gift', 'sales', 1"), "charge"),
    "ledger_entries_amount_not_negative": ENTRY.format(
        CHARGE.format("type, house_account, 0"), "charge"
    ),
    "ledger_entries_balance_not_negative": ENTRY.format(
        "user_id, currency, type, house_account, 1, -1, NULL, NULL, 'k'", "charge"
    ),
    "ledger_entries_house_account": ENTRY.format(CHARGE.format("type, 'sales', 1"), "charge"),
    "ledger_entries_cause": ENTRY.format(
        "user_id, currency, type, house_account, 1, 1, 1, NULL, 'k'", "charge"
    ),
    "ledger_entries_account_fkey": ENTRY.format(
        "user_id, 'USD', type, house_account, 1, 1, NULL, NULL, 'k'", "charge"
    ),
    "ledger_entries_price_fkey": ENTRY.format(
        "user_id, currency, 'refund', house_account, amount + 1, 1, performance_id,"
        " reservation_id, 'k'",
        "use",
    ),
    "ledger_entries_one_debit": ENTRY.format(
        "user_id, currency, type, house_account, amount, 1, performance_id, reservation_id, 'k'",
        "use",
    ),
    "ledger_entries_one_refund": ENTRY.format(
        "user_id, currency, 'refund', house_account, amount, 1, performance_id, reservation_id,"
        " 'k'",
        "use",
    ).replace("WHERE", "CROSS JOIN generate_series(1, 2) WHERE"),
    "ledger_entries_charge_is_balance": ENTRY.replace(
        "operation_key)", "operation_key, tender)"
    ).format(CHARGE.format("type, house_account, 1") + ", 'cash'", "charge"),
    "ledger_entries_tender_fkey": (
        "UPDATE payments SET tender = 'cash', received = 1000000 WHERE state = 'paid'"
    ),
    "operations_pkey": "INSERT INTO operations SELECT * FROM operations",
    "operations_key_length": "UPDATE operations SET key = repeat('x', 201)",
    "operations_state_known": "UPDATE operations SET state = 'lost'",
    "operations_abandoned_did_nothing": "UPDATE operations SET state = 'abandoned'",
    "queue_identity_pkey": f"{IDENTITY} VALUES (true, 'a', {STUB_KEY}), (true, 'b', {STUB_KEY})",
    "queue_identity_single": f"{IDENTITY} VALUES (false, 'a', {STUB_KEY})",
    "queue_identity_stub_key": f"{IDENTITY} VALUES (true, 'a', 'short')",
    "queues_pkey": "INSERT INTO queues (concert_id) VALUES (1), (1)",
    "queues_concert_fkey": "INSERT INTO queues (concert_id) VALUES (99)",
    "queues_settings_object": "INSERT INTO queues (concert_id, settings) VALUES (1, '[]')",
    "queues_number_base": "INSERT INTO queues (concert_id, number_base) VALUES (1, -1)",
    "draws_pkey": f"WITH q AS (INSERT INTO queues (concert_id) VALUES (1)) {DRAW}, {DRAWN}",
    "draws_concert_fkey": DRAW,
    "draws_commitment": DRAW.replace("'hex'", "'escape'"),
    "draws_drawn": (
        "INSERT INTO draws (concert_id, seed, commitment, drawn)"
        " VALUES (1, 's', encode(sha256('s'), 'hex'), 5)"
    ),
    "ticket_keys_pkey": f"{TICKET_KEYS}; {TICKET_KEYS}",
    "ticket_keys_is_one": TICKET_KEYS.replace("(true,", "(false,"),
    "ticket_keys_length": TICKET_KEYS.replace("sha256('s')", "'s'"),
    "check_ins_pkey": f"{CHECK_IN}; {CHECK_IN}",
    "check_ins_gate_length": CHECK_IN.replace("'west'", "''"),
    "check_ins_not_ahead": CHECK_IN.replace("now(),", "now() + interval '1 second',", 1),
    "check_ins_seat_fkey": CHECK_IN.replace("seat_no,", "seat_no + 9,"),
    "outbox_pkey": f"INSERT INTO outbox {AGAIN} outbox",
    "outbox_dedupe_key": (
        "INSERT INTO outbox (performance_id, dedupe_key, type, payload)"
        " SELECT performance_id, dedupe_key, type, payload FROM outbox"
    ),
    "jobs_pkey": f"{JOB} ('sweep', false), ('sweep', false)",
    "jobs_failure_says_why": f"{JOB} ('sweep', false); UPDATE jobs SET failures = 1",
    "deliveries_pkey": f"{DELIVERY}; {DELIVERY}",
    "deliveries_event_fkey": "INSERT INTO deliveries VALUES (1, 0, 'webhook')",
    "deliveries_state_known": f"{DELIVERY}; UPDATE deliveries SET state = 'lost', last_error = ''",
    "deliveries_attempts_not_negative": f"{DELIVERY}; UPDATE deliveries SET attempts = -1",
    "deliveries_dead_says_why": f"{DELIVERY}; UPDATE deliveries SET state = 'dead'",
    "audit_pkey": f"INSERT INTO audit {DEED} {AGAIN.replace('*', DEED[1:-1])} audit",
    "audit_is_of_staff": (
        "INSERT INTO audit (action, principal, database_user, detail)"
        " VALUES ('pay', 'clerk:kim', 'boxoffice_app', '{}')"
    ),
    "audit_chain_pkey": LINK.format("number, audit_id + 1000, hash"),
    "audit_chain_audit_key": LINK.format("number + 1000, audit_id, hash"),
    "audit_chain_hash_length": LINK.format("number + 1000, audit_id + 1000, 'x'"),
    "audit_head_pkey": "INSERT INTO audit_head SELECT * FROM audit_head",
    "audit_head_is_one": "UPDATE audit_head SET single = false",
}


def declared():
    text = "\n".join(path.read_text() for path in sorted(MIGRATIONS.glob("*.sql")))
    return {first or second for first, second in NAMED.findall(text)}


@pytest.fixture
def sold(world):
    """A seat sold (A-1) and a seat held (A-2)."""
    world.office.charge(2 * PRICE, "user1", key=key())
    paid = world.office.reserve(world.performance, staff("user1"), seats=["A-1"], key=key())
    world.office.pay(paid.reservation, staff("user1"), key=key())
    world.office.reserve(world.performance, staff("user1"), seats=["A-2"], key=key())
    return world


def test_each_constraint_refuses_its_violation_by_name(sold):
    """A row a violation: the constraint that answers must be the one that is meant."""
    assert declared() - TARGETS_ONLY == VIOLATIONS.keys()
    wrong = {}
    with psycopg.connect(plain(sold.box.settings.database_url), autocommit=True) as connection:
        for name, statement in VIOLATIONS.items():
            refused = refusal(connection, statement)
            if refused != name:
                wrong[name] = refused
    assert wrong == {}


def refusal(connection, statement):
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.IntegrityError as error:
        return error.diag.constraint_name
    return "nothing refused"


def test_the_code_names_no_constraint_that_does_not_exist():
    assert database.CONSTRAINTS.keys() <= declared()


@pytest.mark.parametrize("table", ["ledger_entries", "audit"])
def test_what_is_on_the_record_can_only_be_added_to(sold, table):
    before = sold.box.rows(f"SELECT * FROM {table}")
    assert before
    with psycopg.connect(plain(sold.box.settings.database_url), autocommit=True) as connection:
        for statement in (
            f"UPDATE {table} SET operation_key = operation_key",
            f"UPDATE {table} SET operation_key = operation_key WHERE false",
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"TRUNCATE {table} CASCADE",
            f"MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        ):
            with pytest.raises(psycopg.errors.IntegrityError, match="is append-only"):
                connection.execute(statement)
    assert sold.box.rows(f"SELECT * FROM {table}") == before


def test_what_is_referred_to_cannot_be_deleted(sold):
    with psycopg.connect(plain(sold.box.settings.database_url), autocommit=True) as connection:
        for table in ("venues", "concerts", "performances", "prices", "users", "reservations"):
            with pytest.raises(psycopg.errors.IntegrityError):
                connection.execute(f"DELETE FROM {table}")
