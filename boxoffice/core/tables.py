"""The tables as SQLAlchemy Core sees them.

The migrations are the truth; a test compares this page with a migrated database. What only
the server needs to know (checks, triggers, fill factors) stands in the migrations alone.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads these annotations
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _id() -> Column[int]:
    return Column(BigInteger, Identity(always=True), primary_key=True)


def _key() -> Column[int]:
    return Column(BigInteger, primary_key=True)


def _number() -> Column[int]:
    return Column(BigInteger, nullable=False)


def _optional_number() -> Column[int | None]:
    return Column(BigInteger)


def _text() -> Column[str]:
    return Column(Text, nullable=False)


def _optional_text() -> Column[str | None]:
    return Column(Text)


def _double() -> Column[float]:
    return Column(Double, nullable=False)


def _time() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False)


def _optional_time() -> Column[datetime | None]:
    return Column(DateTime(timezone=True))


def _now() -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=False, server_default=func.now())


def _refers(name: str, columns: str, target: str, target_columns: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        columns.split(), [f"{target}.{column}" for column in target_columns.split()], name=name
    )


class _Venues(TypedColumns):
    id = _id()
    name = _text()
    time_zone = _text()
    focal_x = _double()
    focal_y = _double()
    seat_count: Named[int]
    created_at = _now()
    drawing: Named[Any] = Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))


venues = Table("venues", metadata, _Venues, UniqueConstraint("name", name="venues_name_key"))


class _Sections(TypedColumns):
    venue_id = _key()
    section_no: Named[int] = Column(primary_key=True, autoincrement=False)
    name = _text()


sections = Table(
    "sections",
    metadata,
    _Sections,
    UniqueConstraint("venue_id", "name", name="sections_name_key"),
    _refers("sections_venue_fkey", "venue_id", "venues", "id"),
)


class _Categories(TypedColumns):
    venue_id = _key()
    category_no: Named[int] = Column(primary_key=True, autoincrement=False)
    name = _text()


categories = Table(
    "categories",
    metadata,
    _Categories,
    UniqueConstraint("venue_id", "name", name="categories_name_key"),
    _refers("categories_venue_fkey", "venue_id", "venues", "id"),
)


class _SeatRows(TypedColumns):
    venue_id = _key()
    row_no: Named[int] = Column(primary_key=True, autoincrement=False)
    section_no: Named[int]
    name = _text()


seat_rows = Table(
    "seat_rows",
    metadata,
    _SeatRows,
    _refers("seat_rows_section_fkey", "venue_id section_no", "sections", "venue_id section_no"),
)


class _VenueSeats(TypedColumns):
    venue_id = _key()
    seat_no: Named[int] = Column(primary_key=True, autoincrement=False)
    row_no: Named[int]
    category_no: Named[int]
    label = _text()
    number = _text()
    x = _double()
    y = _double()
    wheelchair: Named[bool]
    companion: Named[bool]
    obstructed: Named[bool]


venue_seats = Table(
    "venue_seats",
    metadata,
    _VenueSeats,
    UniqueConstraint("venue_id", "label", name="venue_seats_label_key"),
    _refers("venue_seats_row_fkey", "venue_id row_no", "seat_rows", "venue_id row_no"),
    _refers(
        "venue_seats_category_fkey", "venue_id category_no", "categories", "venue_id category_no"
    ),
)


class _Concerts(TypedColumns):
    id = _id()
    venue_id = _number()
    name = _text()
    currency = _text()
    created_at = _now()


concerts = Table(
    "concerts",
    metadata,
    _Concerts,
    UniqueConstraint("name", name="concerts_name_key"),
    UniqueConstraint("id", "venue_id", name="concerts_venue_key"),
    _refers("concerts_venue_fkey", "venue_id", "venues", "id"),
)


class _Performances(TypedColumns):
    id = _id()
    concert_id = _number()
    venue_id = _number()
    starts_at = _time()
    time_zone = _text()
    sale_opens = _time()
    sale_closes = _time()
    seat_count: Named[int]
    cancelled_at = _optional_time()


performances = Table(
    "performances",
    metadata,
    _Performances,
    UniqueConstraint("concert_id", "starts_at", name="performances_date_key"),
    _refers("performances_concert_fkey", "concert_id venue_id", "concerts", "id venue_id"),
)


class _Prices(TypedColumns):
    performance_id = _key()
    category_no: Named[int] = Column(primary_key=True, autoincrement=False)
    amount = _number()


prices = Table(
    "prices",
    metadata,
    _Prices,
    _refers("prices_performance_fkey", "performance_id", "performances", "id"),
)


class _TypePrices(TypedColumns):
    performance_id = _key()
    category_no: Named[int] = Column(primary_key=True, autoincrement=False)
    price_type: Named[str] = Column(Text, primary_key=True)
    amount = _number()


type_prices = Table(
    "type_prices",
    metadata,
    _TypePrices,
    _refers(
        "type_prices_price_fkey",
        "performance_id category_no",
        "prices",
        "performance_id category_no",
    ),
)


class _Users(TypedColumns):
    id = _id()
    name = _text()
    created_at = _now()


users = Table("users", metadata, _Users, UniqueConstraint("name", name="users_name_key"))


class _Accounts(TypedColumns):
    user_id = _key()
    currency: Named[str] = Column(Text, primary_key=True)
    balance = _number()


accounts = Table(
    "accounts", metadata, _Accounts, _refers("accounts_user_fkey", "user_id", "users", "id")
)


class _Reservations(TypedColumns):
    performance_id = _key()
    id = _key()
    user_id = _number()
    state = _text()
    seat_count: Named[int]
    total = _number()
    currency = _text()
    held_until = _time()
    created_at = _now()
    paid_at = _optional_time()
    cancelled_at = _optional_time()
    hold_name = _optional_text()
    hold_note = _optional_text()
    checked_in_at = _optional_time()


reservations = Table(
    "reservations",
    metadata,
    _Reservations,
    UniqueConstraint("performance_id", "id", "user_id", "total", name="reservations_price_key"),
    _refers("reservations_user_fkey", "user_id", "users", "id"),
)
Index("reservations_of_user", reservations.c.user_id, reservations.c.created_at)
Index(
    "reservations_hold_expiry",
    reservations.c.performance_id,
    reservations.c.held_until,
    postgresql_where=text("state = 'held'"),
)


class _PerformanceSeats(TypedColumns):
    performance_id = _key()
    seat_no: Named[int] = Column(primary_key=True, autoincrement=False)
    category_no: Named[int]
    status: Named[str] = Column(Text, nullable=False, server_default=text("'free'"))
    reservation_id = _optional_number()
    held_until = _optional_time()
    version: Named[int] = Column(nullable=False, server_default=text("0"))


performance_seats = Table(
    "performance_seats",
    metadata,
    _PerformanceSeats,
    _refers(
        "performance_seats_price_fkey",
        "performance_id category_no",
        "prices",
        "performance_id category_no",
    ),
    _refers(
        "performance_seats_reservation_fkey",
        "performance_id reservation_id",
        "reservations",
        "performance_id id",
    ),
)


class _SeatBlocks(TypedColumns):
    performance_id = _key()
    seat_no: Named[int] = Column(primary_key=True, autoincrement=False)
    kind = _text()
    release_at = _optional_time()
    note = _optional_text()
    created_at = _now()


seat_blocks = Table(
    "seat_blocks",
    metadata,
    _SeatBlocks,
    _refers(
        "seat_blocks_seat_fkey",
        "performance_id seat_no",
        "performance_seats",
        "performance_id seat_no",
    ),
)
Index(
    "seat_blocks_release",
    seat_blocks.c.performance_id,
    seat_blocks.c.release_at,
    postgresql_where=seat_blocks.c.release_at.is_not(None),
)


class _ReservationSeats(TypedColumns):
    performance_id = _key()
    reservation_id = _key()
    seat_no: Named[int] = Column(primary_key=True, autoincrement=False)
    price = _number()
    live: Named[bool] = Column(nullable=False, server_default=text("true"))
    price_type: Named[str] = Column(Text, nullable=False, server_default=text("'adult'"))


reservation_seats = Table(
    "reservation_seats",
    metadata,
    _ReservationSeats,
    _refers(
        "reservation_seats_reservation_fkey",
        "performance_id reservation_id",
        "reservations",
        "performance_id id",
    ),
    _refers(
        "reservation_seats_seat_fkey",
        "performance_id seat_no",
        "performance_seats",
        "performance_id seat_no",
    ),
)
Index(
    "reservation_seats_one_live",
    reservation_seats.c.performance_id,
    reservation_seats.c.seat_no,
    unique=True,
    postgresql_where=reservation_seats.c.live,
)


class _CheckIns(TypedColumns):
    performance_id = _key()
    reservation_id = _key()
    seat_no: Named[int] = Column(primary_key=True, autoincrement=False)
    checked_in_at = _time()
    recorded_at = _now()
    gate = _optional_text()
    principal = _text()
    operation_key = _text()


check_ins = Table(
    "check_ins",
    metadata,
    _CheckIns,
    _refers(
        "check_ins_seat_fkey",
        "performance_id reservation_id seat_no",
        "reservation_seats",
        "performance_id reservation_id seat_no",
    ),
)


class _TicketKeys(TypedColumns):
    single: Named[bool] = Column(primary_key=True, server_default=text("true"))
    code_key: Named[bytes] = Column(LargeBinary, nullable=False)
    signing_key: Named[bytes] = Column(LargeBinary, nullable=False)


ticket_keys = Table("ticket_keys", metadata, _TicketKeys)


class _Payments(TypedColumns):
    performance_id = _key()
    reservation_id = _key()
    state = _text()
    created_at = _now()
    settled_at = _optional_time()
    tender: Named[str] = Column(Text, nullable=False, server_default=text("'balance'"))
    received = _optional_number()
    note = _optional_text()


payments = Table(
    "payments",
    metadata,
    _Payments,
    UniqueConstraint("performance_id", "reservation_id", "tender", name="payments_tender_key"),
    _refers(
        "payments_reservation_fkey",
        "performance_id reservation_id",
        "reservations",
        "performance_id id",
    ),
)


class _LedgerEntries(TypedColumns):
    user_id = _key()
    id = _id()
    currency = _text()
    type = _text()
    house_account = _text()
    amount = _number()
    balance_after = _number()
    performance_id = _optional_number()
    reservation_id = _optional_number()
    operation_key = _text()
    created_at = _now()
    tender: Named[str] = Column(Text, nullable=False, server_default=text("'balance'"))


ledger_entries = Table(
    "ledger_entries",
    metadata,
    _LedgerEntries,
    _refers(
        "ledger_entries_tender_fkey",
        "performance_id reservation_id tender",
        "payments",
        "performance_id reservation_id tender",
    ),
    _refers("ledger_entries_account_fkey", "user_id currency", "accounts", "user_id currency"),
    _refers(
        "ledger_entries_price_fkey",
        "performance_id reservation_id user_id amount",
        "reservations",
        "performance_id id user_id total",
    ),
)
Index(
    "ledger_entries_one_debit",
    ledger_entries.c.performance_id,
    ledger_entries.c.reservation_id,
    unique=True,
    postgresql_where=text("type = 'use'"),
)
Index(
    "ledger_entries_one_refund",
    ledger_entries.c.performance_id,
    ledger_entries.c.reservation_id,
    unique=True,
    postgresql_where=text("type = 'refund'"),
)


class _Operations(TypedColumns):
    key: Named[str] = Column(Text, primary_key=True)
    command = _text()
    request = _text()
    user_id = _optional_number()
    result: Named[Any] = Column(JSONB, nullable=False)
    created_at = _now()
    state: Named[str] = Column(Text, nullable=False, server_default=text("'done'"))


operations = Table("operations", metadata, _Operations)
Index("operations_age", operations.c.created_at)


class _Outbox(TypedColumns):
    performance_id = _key()
    id = _id()
    dedupe_key = _text()
    type = _text()
    payload: Named[Any] = Column(JSONB, nullable=False)
    created_at = _now()
    sent_at = _optional_time()


outbox = Table(
    "outbox",
    metadata,
    _Outbox,
    UniqueConstraint("performance_id", "dedupe_key", name="outbox_dedupe_key"),
)
Index(
    "outbox_unsent",
    outbox.c.performance_id,
    outbox.c.id,
    postgresql_where=outbox.c.sent_at.is_(None),
)
Index("outbox_sent", outbox.c.sent_at, postgresql_where=outbox.c.sent_at.is_not(None))


class _Jobs(TypedColumns):
    name: Named[str] = Column(Text, primary_key=True)
    sink: Named[bool] = Column(nullable=False)
    due_at = _now()
    served_at = _now()
    worker = _optional_text()
    ended_at = _optional_time()
    done: Named[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    failures: Named[int] = Column(nullable=False, server_default=text("0"))
    last_error = _optional_text()


jobs = Table("jobs", metadata, _Jobs)


class _Deliveries(TypedColumns):
    performance_id = _key()
    event_id = _key()
    sink: Named[str] = Column(Text, primary_key=True)
    state: Named[str] = Column(Text, nullable=False, server_default=text("'waiting'"))
    attempts: Named[int] = Column(nullable=False, server_default=text("0"))
    next_at = _now()
    last_error = _optional_text()


deliveries = Table(
    "deliveries",
    metadata,
    _Deliveries,
    _refers("deliveries_event_fkey", "performance_id event_id", "outbox", "performance_id id"),
)
Index(
    "deliveries_due",
    deliveries.c.sink,
    deliveries.c.next_at,
    deliveries.c.event_id,
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "deliveries_dead",
    deliveries.c.performance_id,
    deliveries.c.event_id,
    postgresql_where=text("state = 'dead'"),
)


class _Audit(TypedColumns):
    id = _id()
    at = _now()
    action = _text()
    principal = _text()
    database_user: Named[str] = Column(Text, nullable=False, server_default=text("CURRENT_USER"))
    terminal = _optional_text()
    user_id = _optional_number()
    operation_key = _optional_text()
    detail: Named[Any] = Column(JSONB, nullable=False)
    before: Named[Any | None] = Column(JSONB)
    host_user: Named[str | None] = Column(
        Text, Computed("substr(principal, (strpos(principal, ':'::text) + 1))", persisted=True)
    )


audit = Table("audit", metadata, _Audit)


class _AuditChain(TypedColumns):
    number: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    audit_id = _number()
    hash: Named[bytes] = Column(LargeBinary, nullable=False)


audit_chain = Table(
    "audit_chain",
    metadata,
    _AuditChain,
    UniqueConstraint("audit_id", name="audit_chain_audit_key"),
)


class _AuditHead(TypedColumns):
    single: Named[bool] = Column(primary_key=True, server_default=text("true"))
    number = _number()
    hash: Named[bytes] = Column(LargeBinary, nullable=False)


audit_head = Table("audit_head", metadata, _AuditHead)


class _QueueIdentity(TypedColumns):
    single: Named[bool] = Column(primary_key=True, server_default=text("true"))
    database_id = _text()
    stub_key = _text()


queue_identity = Table("queue_identity", metadata, _QueueIdentity)


class _Queues(TypedColumns):
    concert_id = _key()
    settings: Named[Any] = Column(JSONB, nullable=False, server_default=text("'{}'::jsonb"))
    number_base: Named[int] = Column(BigInteger, nullable=False, server_default=text("0"))
    founded_at = _optional_time()


queues = Table(
    "queues", metadata, _Queues, _refers("queues_concert_fkey", "concert_id", "concerts", "id")
)


class _Draws(TypedColumns):
    concert_id = _key()
    seed = _text()
    commitment = _text()
    made_at = _now()
    held_at = _optional_time()
    drawn = _optional_number()


draws = Table(
    "draws", metadata, _Draws, _refers("draws_concert_fkey", "concert_id", "queues", "concert_id")
)
