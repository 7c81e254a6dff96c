"""The indexes of the schema, what each is asked for, and those that were tried and rejected."""

from __future__ import annotations

from dataclasses import dataclass

from many_rows import FIRST, SPREAD, USERS

N = 31_470  # any row that was paid: its performance is the first, its seat its own number
PERFORMANCE, USER = FIRST, FIRST + N * SPREAD % USERS
KEY = f"md5('{N}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """An index, and a query by the access path that it is for, named where it has several."""

    index: str
    query: str
    asked: str = ""

    @property
    def name(self) -> str:
        """What the figures are told under."""
        return f"{self.index}, {self.asked}" if self.asked else self.index


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An index that the schema does without, how it is made, and what it would answer."""

    index: str
    create: str
    query: str


def _of(table: str, where: str, what: str = "*") -> str:
    return f"SELECT {what} FROM {table} WHERE {where}"


PLACE = f"performance_id = {PERFORMANCE}"
HERE = f"{PLACE} AND reservation_id = {N}"
HALL = Probe(
    index="performance_seats_pkey",
    asked="all seats of a hall",
    query=_of("performance_seats", f"{PLACE} ORDER BY seat_no"),
)
# What the sweep asks first: where there is a hold that has ended.
ENDED = Probe(
    index="reservations_hold_expiry",
    asked="performances of ended holds",
    query=_of("reservations", "state = 'held' AND held_until <= now()", "DISTINCT performance_id"),
)
PROBES = (
    HALL,
    ENDED,
    *(
        Probe(index=index, query=query)
        for index, query in {
            "performance_seats_pkey": _of("performance_seats", f"{PLACE} AND seat_no = {N}"),
            "reservations_pkey": _of("reservations", f"{PLACE} AND id = {N}"),
            # What a ledger entry agrees with, by foreign key.
            "reservations_price_key": _of(
                "reservations",
                f"{PLACE} AND id = {N} AND user_id = {USER} AND total = 1000",
                "performance_id, id, user_id, total",
            ),
            "reservations_of_user": _of("reservations", f"user_id = {USER} ORDER BY created_at"),
            # Then it asks for them there.
            "reservations_hold_expiry": _of(
                "reservations", f"{PLACE} AND state = 'held' AND held_until <= now()"
            ),
            "reservation_seats_pkey": _of("reservation_seats", HERE),
            # A seat has one live ticket: decided by this index, and looked up at the door.
            "reservation_seats_one_live": _of(
                "reservation_seats", f"{PLACE} AND seat_no = {N} AND live"
            ),
            "payments_pkey": _of("payments", HERE),
            "payments_tender_key": _of(
                "payments",
                f"{HERE} AND tender = 'balance'",
                "performance_id, reservation_id, tender",
            ),
            "ledger_entries_pkey": _of("ledger_entries", f"user_id = {USER} ORDER BY id"),
            "ledger_entries_one_debit": _of("ledger_entries", f"{HERE} AND type = 'use'"),
            "ledger_entries_one_refund": _of("ledger_entries", f"{HERE} AND type = 'refund'"),
            "operations_pkey": _of("operations", f"key = {KEY}"),
            # What is kept long enough is found oldest first.
            "operations_age": _of(
                "operations",
                "created_at < now() - interval '30 days' ORDER BY created_at LIMIT 1000",
            ),
            "outbox_pkey": _of("outbox", f"{PLACE} AND id = {N}"),
            "outbox_dedupe_key": _of("outbox", f"{PLACE} AND dedupe_key = 'pay:{N}'"),
            "outbox_unsent": _of("outbox", "sent_at IS NULL ORDER BY performance_id, id LIMIT 500"),
            "outbox_sent": _of(
                "outbox",
                "sent_at < now() - interval '90 days' ORDER BY sent_at LIMIT 1000",
            ),
            "deliveries_pkey": _of(
                "deliveries", f"{PLACE} AND event_id = {N} AND sink = 'webhook'"
            ),
            "deliveries_due": _of(
                "deliveries",
                "sink = 'webhook' AND state = 'waiting' AND next_at <= now()"
                " ORDER BY next_at, event_id LIMIT 100",
            ),
            "deliveries_dead": _of(
                "deliveries", "state = 'dead' ORDER BY performance_id, event_id LIMIT 50"
            ),
            "check_ins_pkey": _of("check_ins", f"{HERE} AND seat_no = {N}"),
            "users_pkey": _of("users", f"id = {N}"),
            "users_name_key": _of("users", f"name = 'many-{N}'"),
            "accounts_pkey": _of("accounts", f"user_id = {USER} AND currency = 'KRW'"),
        }.items()
    ),
)

REJECTED = tuple(
    Rejected(index=index, create=f"CREATE INDEX {index} ON {on}", query=query)
    for index, (on, query) in {
        "free_seats": (
            "performance_seats (performance_id, category_no, seat_no) WHERE status = 'free'",
            _of(
                "performance_seats",
                f"{PLACE} AND status = 'free' GROUP BY category_no",
                "category_no, count(*)",
            ),
        ),
        "stale_seats": (
            "performance_seats (held_until) WHERE status = 'held'",
            _of("performance_seats", "status = 'held' AND held_until <= now()"),
        ),
        "seats_of_reservation": (
            "performance_seats (performance_id, reservation_id)",
            _of("performance_seats", HERE),
        ),
        "changed_seats": (
            "performance_seats (performance_id, version)",
            _of("performance_seats", f"{PLACE} AND version > 0"),
        ),
        "operations_key_hash": ("operations USING hash (key)", _of("operations", f"key = {KEY}")),
        "operations_age_brin": (
            "operations USING brin (created_at)",
            _of("operations", "created_at < now() - interval '30 days' LIMIT 1000"),
        ),
        "entries_of_day": (
            "ledger_entries (created_at)",
            _of(
                "ledger_entries",
                "created_at >= now() - interval '1 hour'",
                "count(*), sum(amount)",
            ),
        ),
    }.items()
)

# Of venues, concerts, performances and settings there are as many as somebody typed or imported,
# and of blocks, changes of rights and links of the audit as many as staff made: their indexes are
# the rules of their rows, and are asked for one row.
SMALL = {
    *("venues", "sections", "categories", "seat_rows", "venue_seats", "concerts", "performances"),
    *("prices", "type_prices", "seat_blocks", "queues", "queue_identity", "draws", "jobs"),
    *("ticket_keys", "alembic_version", "audit", "audit_chain", "audit_head"),
}
