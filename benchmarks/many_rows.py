"""As many rows in every large table as are asked for, as years of trade leave them.

A reservation of one seat for each seat of as many performances of 60,000 seats as it takes: of a
hundred, seventy are paid, nineteen expired, ten cancelled and one held; of a thousand of those
held, one has ended. Every paid one has its ledger entry, its event, its ticket used at the door.
Written as a set, without foreign keys and triggers: what is measured is reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

FIRST = 1_000_000  # performances and users of these rows have numbers that no real one has
HALL_SEATS = 60_000
USERS = 1_000_000
SPREAD = 7_919  # a prime: neighbours are of users far apart
CREATED = "now() - (%(rows)s - n) * interval '1 second'"
STATE = (
    "CASE WHEN n %% 100 < 70 THEN 'paid' WHEN n %% 100 < 89 THEN 'expired'"
    " WHEN n %% 100 < 99 THEN 'cancelled' ELSE 'held' END"
)
ENDS = "now() + (CASE WHEN n %% 100000 = 99 THEN -1 ELSE 1 END) * interval '1 day'"
PLACE = f"{FIRST} + n / {HALL_SEATS}, n"
USER = f"{FIRST} + n * {SPREAD} %% {USERS}"
FILL = {
    "performance_seats": f"""
        (performance_id, seat_no, category_no, status, reservation_id, held_until)
        SELECT {FIRST} + n / {HALL_SEATS}, n %% {HALL_SEATS}, 0,
               CASE WHEN n %% 100 < 70 THEN 'sold' WHEN n %% 100 = 99 THEN 'held' ELSE 'free' END,
               CASE WHEN n %% 100 < 70 OR n %% 100 = 99 THEN n END,
               CASE WHEN n %% 100 = 99 THEN {ENDS} END""",
    "reservations": f"""
        (performance_id, id, user_id, state, seat_count, total, currency, held_until, created_at,
         paid_at, cancelled_at)
        SELECT {PLACE}, {USER}, {STATE}, 1, 1000, 'KRW', {ENDS}, {CREATED},
               CASE WHEN n %% 100 < 70 THEN now() END,
               CASE WHEN n %% 100 BETWEEN 89 AND 98 THEN now() END""",
    "reservation_seats": f"""
        (performance_id, reservation_id, seat_no, price, live)
        SELECT {PLACE}, n %% {HALL_SEATS}, 1000, n %% 100 < 70 OR n %% 100 = 99""",
    "payments": f"""
        (performance_id, reservation_id, state, settled_at)
        SELECT {PLACE},
               CASE WHEN n %% 100 < 70 THEN 'paid' WHEN n %% 100 = 99 THEN 'waiting'
                    ELSE 'cancelled' END,
               CASE WHEN n %% 100 <> 99 THEN now() END""",
    "ledger_entries": f"""
        (user_id, currency, type, house_account, amount, balance_after, performance_id,
         reservation_id, operation_key, created_at)
        SELECT {USER}, 'KRW', 'use', 'sales', 1000, 0, {PLACE}, 'many-' || n, {CREATED}""",
    "operations": f"""
        (key, command, request, user_id, result, created_at)
        SELECT md5(n::text), 'pay', '', {USER}, '{{}}', {CREATED}""",
    "outbox": f"""
        (performance_id, dedupe_key, type, payload, created_at, sent_at)
        SELECT {FIRST} + n / {HALL_SEATS}, 'pay:' || n, 'reservation.paid', '{{}}', {CREATED},
               CASE WHEN n < %(rows)s - 1000 THEN {CREATED} END""",
    "deliveries": f"""
        (performance_id, event_id, sink, state, next_at, last_error)
        SELECT {PLACE}, 'webhook', CASE WHEN n %% 10000 = 0 THEN 'dead' ELSE 'waiting' END,
               now() + (n - 1000) * interval '1 second',
               CASE WHEN n %% 10000 = 0 THEN 'refused' END""",
    "check_ins": f"""
        (performance_id, reservation_id, seat_no, checked_in_at, principal, operation_key)
        SELECT {PLACE}, n %% {HALL_SEATS}, now(), 'gate', 'many-' || n""",
    "users": "(name) SELECT 'many-' || n",
    "accounts": f"(user_id, currency, balance) SELECT {FIRST} + n, 'KRW', 0",
}


def fill(connection: psycopg.Connection, rows: int) -> None:
    """Write so many rows into each large table; by a driver that waits as long as it takes."""
    for table, select in FILL.items():
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(
                f"INSERT INTO {table} {select} FROM generate_series(0::bigint, %(rows)s - 1) n",
                {"rows": rows},
            )
