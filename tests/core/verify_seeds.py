"""A violation of every check that `verify` asks of the database, put there past all constraints.

In the world that they are put into, user 1 paid `paid` (A-2, A-3) after giving `given` (A-1, A-2)
back, a walk-in customer paid `cash` (C-1) and user 2 holds `held` (B-1) under the key `the hold`.
"""

from __future__ import annotations

from dataclasses import dataclass

A_3, B_1, C_1, E_1 = 2, 10, 20, 40  # numbers in the plan
PAID = "(SELECT id FROM reservations WHERE state = 'paid' AND user_id = 1)"
FREED = "UPDATE performance_seats SET status = 'free', reservation_id = NULL, held_until = NULL"
KRW = {"currency": "KRW"}
EXCHANGE = "the exchange"


@dataclass(frozen=True)
class Seed:
    """What is put there, all that its check tells of it, and which other checks find it too.

    Kept by the name of the check; where it has several seeds, by that and what is wrong.
    """

    statements: list[str]
    keys: list[dict[str, str | int]]
    also: tuple[str, ...] = ()


def at(reservation: str = "", seat: str = "") -> dict[str, str | int]:
    """Write the keys of something in the one performance."""
    named = {"reservation": reservation, "seat": seat}
    return {"performance": 1} | {name: value for name, value in named.items() if value}


def swept(number: int) -> list[str]:
    """Make a hold that a sweep ended so many seconds ago."""
    return [
        (
            "INSERT INTO reservations (performance_id, id, user_id, state, seat_count, total,"
            f" currency, held_until) VALUES (1, {number}, 2, 'expired', 1, 5, 'KRW', now())"
        ),
        (
            "INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price, live)"
            f" VALUES (1, {number}, {E_1}, 5, false)"
        ),
        (
            "INSERT INTO payments (performance_id, reservation_id, state, settled_at)"
            f" VALUES (1, {number}, 'cancelled', now() - interval '{number} seconds')"
        ),
        f"UPDATE performance_seats SET version = version + 1 WHERE seat_no = {E_1}",
    ]


SEEDS = {
    "taken_seat_ticket": Seed(
        [
            (
                "UPDATE reservation_seats SET live = false"
                f" WHERE reservation_id = {PAID} AND seat_no = {A_3}"
            )
        ],
        [at("paid", "A-3")],
    ),
    "seat_claimed_twice": Seed(
        ["DROP INDEX reservation_seats_one_live", "UPDATE reservation_seats SET live = true"],
        [at(seat="A-2")],
        ("ticket_without_seat",),
    ),
    "ticket_without_seat": Seed(
        [f"{FREED} WHERE seat_no = {A_3}"], [at("paid", "A-3")], ("paid_reservation_seats",)
    ),
    "paid_reservation_seats": Seed(
        [f"{FREED} WHERE seat_no = {C_1}"], [at("cash")], ("ticket_without_seat",)
    ),
    "sold_seat_reservation": Seed(
        [f"UPDATE performance_seats SET status = 'sold', held_until = NULL WHERE seat_no = {B_1}"],
        [at("held", "B-1")],
        ("held_reservation_seats",),
    ),
    "held_seat_reservation": Seed(
        [
            (
                "UPDATE performance_seats SET held_until = held_until + interval '1 second'"
                " WHERE status = 'held'"
            )
        ],
        [at("held", "B-1")],
    ),
    "held_reservation_seats": Seed(
        [f"{FREED} WHERE status = 'held'"], [at("held")], ("ticket_without_seat",)
    ),
    "ended_hold_unswept": Seed(
        [
            f"UPDATE {table} SET held_until = now() - interval '70 seconds' WHERE {state} = 'held'"
            for table, state in (("reservations", "state"), ("performance_seats", "status"))
        ]
        + [*swept(1), *swept(2)],
        [at("held")],
    ),
    "blocked_seat_block": Seed(
        [
            f"INSERT INTO seat_blocks (performance_id, seat_no, kind) VALUES (1, {C_1}, 'house')",
            f"UPDATE performance_seats SET status = 'blocked' WHERE seat_no = {E_1}",
        ],
        [at(seat="C-1"), at(seat="E-1")],
    ),
    "price_type_priced": Seed(
        [f"UPDATE reservation_seats SET price_type = 'child' WHERE seat_no = {C_1}"],
        [at("cash", "C-1")],
    ),
    "seats_of_plan": Seed(
        ["DELETE FROM performance_seats WHERE seat_no = 49"], [{"venue": 1, "performance": 1}]
    ),
    "seat_version": Seed(
        [f"UPDATE performance_seats SET version = version - 1 WHERE seat_no = {C_1}"],
        [at(seat="C-1")],
    ),
    "reservation_total": Seed(
        [f"UPDATE reservation_seats SET price = price + 1 WHERE seat_no = {C_1}"], [at("cash")]
    ),
    "payment_state": Seed(
        ["UPDATE payments SET state = 'cancelled', settled_at = now() WHERE state = 'waiting'"],
        [at("held")],
    ),
    "payment_debit": Seed(
        [f"UPDATE ledger_entries SET user_id = 3 WHERE type = 'use' AND reservation_id = {PAID}"],
        [at("paid")],
        ("balance_chain", "balance_is_ledger"),
    ),
    "payment_debit: by another tender": Seed(
        ["UPDATE ledger_entries SET tender = 'card' WHERE tender = 'cash'"],
        [at("cash")],
        ("tender_conserved",),
    ),
    "payment_debit: without a payment": Seed(
        ["DELETE FROM payments WHERE tender = 'cash'"],
        [at("cash")],
        ("payment_state", "tender_conserved"),
    ),
    "payment_refund": Seed(
        ["UPDATE ledger_entries SET currency = 'USD' WHERE type = 'refund'"],
        [at("given")],
        ("balance_chain", "balance_is_ledger", "money_conserved", "tender_conserved"),
    ),
    "payment_refund: of another amount": Seed(
        ["UPDATE ledger_entries SET amount = amount + 1 WHERE type = 'refund'"],
        [at("given")],
        ("balance_chain", "balance_is_ledger", "money_conserved", "tender_conserved"),
    ),
    "payment_refund: without a payment": Seed(
        ["DELETE FROM payments WHERE state = 'refunded'"],
        [at("given")],
        ("payment_debit", "payment_state"),
    ),
    "payment_refund: twice": Seed(
        [
            "DROP INDEX ledger_entries_one_refund",
            (
                "INSERT INTO ledger_entries OVERRIDING SYSTEM VALUE"
                " SELECT (jsonb_populate_record(l, '{\"id\": 99}')).*"
                " FROM ledger_entries l WHERE type = 'refund'"
            ),
        ],
        [at("given")],
        ("balance_is_ledger", "money_conserved", "tender_conserved"),
    ),
    "cash_received": Seed(["UPDATE payments SET received = received - 8"], [at("cash")]),
    "unpaid_tender": Seed(
        ["UPDATE payments SET tender = 'cash', received = 50000 WHERE state = 'waiting'"],
        [at("held")],
    ),
    "tender_on_record": Seed(
        ["UPDATE ledger_entries SET operation_key = 'another' WHERE tender = 'cash'"],
        [{"user": 0, "entry": 5}],
        ("entry_cause", "entry_event"),
    ),
    "tender_conserved": Seed(
        ["UPDATE reservations SET total = total + 1 WHERE user_id = 0"],
        [{**KRW, "tender": "cash"}],
        ("payment_debit", "reservation_total"),
    ),
    "money_conserved": Seed(
        ["INSERT INTO accounts VALUES (3, 'EUR', 1)"], [{"currency": "EUR"}], ("balance_is_ledger",)
    ),
    "balance_is_ledger": Seed(
        [
            "UPDATE accounts SET balance = balance + 1 WHERE user_id = 1",
            "INSERT INTO accounts VALUES (3, 'KRW', 0)",
            "ALTER TABLE accounts DROP CONSTRAINT accounts_balance_not_negative",
            "UPDATE accounts SET balance = balance - 1 WHERE user_id = 3",
        ],
        [{"user": 1, **KRW}, {"user": 3, **KRW}],
    ),
    "balance_chain": Seed(
        ["UPDATE ledger_entries SET balance_after = balance_after + 1 WHERE type = 'charge'"],
        [{"user": 1, "entry": 1}, {"user": 1, "entry": 2}],
    ),
    "walk_in_balance": Seed(
        [
            "ALTER TABLE accounts DROP CONSTRAINT accounts_walk_in_is_empty",
            "UPDATE accounts SET balance = 1 WHERE user_id = 0",
        ],
        [{"user": 0, **KRW}],
        ("balance_is_ledger", "money_conserved"),
    ),
    "postings_balance": Seed(
        [
            (
                "CREATE OR REPLACE VIEW ledger_postings AS SELECT id AS entry_id, currency,"
                " created_at, 'user:' || user_id AS account, amount AS credit FROM ledger_entries"
            )
        ],
        [KRW],
    ),
    "entry_cause": Seed(
        ["DELETE FROM operations WHERE command = 'charge'"], [{"user": 1, "entry": 1}]
    ),
    "correction_on_record": Seed(
        [
            (
                "UPDATE ledger_entries SET type = 'credit', house_account = 'corrections'"
                " WHERE type = 'charge'"
            )
        ],
        [{"user": 1, "entry": 1}],
        ("entry_cause",),
    ),
    "entry_event": Seed(
        ["DELETE FROM outbox WHERE dedupe_key LIKE 'cancel:%'"],
        [{"user": 1, "entry": 3}],
        ("exchange_steps",),
    ),
    "entry_event: of nothing that happened": Seed(
        [
            (
                "INSERT INTO outbox (performance_id, dedupe_key, type, payload) VALUES"
                " (1, 'pay:nothing', 'reservation.paid', '{}'),"
                " (1, 'performance cancel:nothing', 'performance.cancelled', '{}')"
            )
        ],
        [
            {"performance": 1, "event": "pay:nothing"},
            {"performance": 1, "event": "performance cancel:nothing"},
        ],
    ),
    "entry_event: twice": Seed(
        [
            "ALTER TABLE outbox DROP CONSTRAINT outbox_dedupe_key",
            (
                "INSERT INTO outbox (performance_id, dedupe_key, type, payload)"
                " SELECT 1, 'pay:nothing', 'reservation.paid', '{}' FROM generate_series(1, 2)"
            ),
        ],
        [{"performance": 1, "event": "pay:nothing"}] * 3,  # each of nothing, and both twice
    ),
    "event_undelivered": Seed(
        [
            (
                "INSERT INTO outbox (performance_id, dedupe_key, type, payload, created_at)"
                " VALUES (1, 'pay:late', 'reservation.paid', '{}', now() - interval '301 seconds')"
            ),
            (
                "INSERT INTO outbox (performance_id, dedupe_key, type, payload)"
                " VALUES (1, 'pay:dead', 'reservation.paid', '{}'),"
                " (1, 'pay:left', 'reservation.paid', '{}')"
            ),
            "UPDATE outbox SET sent_at = now() WHERE dedupe_key <> 'pay:late'",
            (
                "INSERT INTO deliveries SELECT performance_id, id, 'webhook', state, 1,"
                " now() - interval '301 seconds', 'it answered 500' FROM outbox,"
                " (VALUES ('pay:dead', 'dead'), ('pay:left', 'waiting')) given (key, state)"
                " WHERE dedupe_key = key"
            ),
        ],
        [{"performance": 1, "event": f"pay:{what}"} for what in ("late", "dead", "left")],
        ("entry_event",),
    ),
    "operation_result": Seed(
        ["UPDATE operations SET result = '{}' WHERE key = 'the hold'"], [{"key": "the hold"}]
    ),
    "exchange_steps": Seed(
        [
            (
                "UPDATE operations SET result = jsonb_set(result, '{paid}', result -> 'cancelled')"
                " WHERE command = 'exchange'"
            )
        ],
        [{"key": EXCHANGE}],
    ),
    "durable_commits": Seed(
        [
            "SET LOCAL synchronous_commit = off",
            "ALTER ROLE CURRENT_USER SET synchronous_commit = local",
        ],
        [
            {"setting": "synchronous_commit", "role": "session"},
            {"setting": "synchronous_commit", "role": "boxoffice"},
        ],
    ),
    "check_in_paid": Seed(
        [
            (
                "INSERT INTO check_ins SELECT performance_id, reservation_id, seat_no, now(),"
                f" now(), NULL, 'clerk:kim', 'k' FROM reservation_seats WHERE seat_no = {B_1}"
            ),
            "UPDATE reservations SET checked_in_at = now() WHERE user_id = 2",
        ],
        [at("held")],
    ),
    "check_in_paid: and it does not say so": Seed(
        [
            (
                "INSERT INTO check_ins SELECT performance_id, reservation_id, seat_no, now(),"
                f" now(), NULL, 'clerk:kim', 'k' FROM reservation_seats WHERE seat_no = {C_1}"
            )
        ],
        [at("cash")],
    ),
    "check_in_paid: and nobody did": Seed(
        [f"UPDATE reservations SET checked_in_at = now() WHERE id = {PAID}"], [at("paid")]
    ),
    "audit_chain": Seed(["UPDATE audit SET detail = '{}' WHERE id = 3"], [{"link": 3, "entry": 3}]),
}
