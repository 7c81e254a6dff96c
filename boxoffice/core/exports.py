"""Exports: all reservations or all of the ledger, read a few rows at a time in one snapshot."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from boxoffice.core.database import statement
from boxoffice.core.model import ExportedEntry, ExportedReservation
from boxoffice.core.references import reservation_reference

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from datetime import datetime

    from psycopg import Connection as Driver
    from sqlalchemy import Connection

    from boxoffice.core.reports import Period

# A million rows with their seats take minutes; whoever reads them may be slow, too.
EXPORT_SECONDS = 3_600
ROWS_AT_ONCE = 2_000
MAY_RECORD = (
    "SELECT current_setting('transaction_read_only') = 'off'"
    " AND has_column_privilege('audit', 'action', 'INSERT')"
)


def may_record(connection: Connection) -> bool:
    """Tell whether this database and this role of it can keep an audit of what was read."""
    return bool(connection.exec_driver_sql(MAY_RECORD).scalar())


def reservations(driver: Driver, performances: list[int] | None) -> Generator[ExportedReservation]:
    """Yield the reservations of performances (None: all) in the order of their numbers."""
    for row in _stream(driver, "export_reservations", {"performances": performances}):
        (performance, nonce, concert, starts_at, zone, user, name, state, labels, types,
         total, currency, tender, created_at, paid_at, cancelled_at, hold_name) = row  # fmt: skip
        yield ExportedReservation(
            reservation=reservation_reference(performance, nonce),
            performance=performance,
            concert=concert,
            date=_local(starts_at, zone),
            user=user,
            customer=name,
            state=state,
            seats=tuple(labels or ()),
            price_types=tuple(types or ()),
            total=total,
            currency=currency,
            tender=tender,
            created_at=_local(created_at, zone),
            paid_at=paid_at and _local(paid_at, zone),
            cancelled_at=cancelled_at and _local(cancelled_at, zone),
            hold_name=hold_name,
        )


def ledger(driver: Driver, period: Period, zone: str) -> Generator[ExportedEntry]:
    """Yield the ledger's entries of a period in their order; ``zone`` is for those of no venue."""
    for row in _stream(driver, "export_ledger", period):
        (entry, at, of_venue, kind, user, house_account, tender, amount, effect, currency,
         balance_after, performance, nonce) = row  # fmt: skip
        yield ExportedEntry(
            entry=entry,
            at=_local(at, of_venue or zone),
            type=kind,
            user=user,
            house_account=house_account,
            tender=tender,
            amount=amount,
            effect=effect,
            currency=currency,
            balance_after=balance_after,
            performance=performance,
            reservation=nonce and reservation_reference(performance, nonce),
        )


def _stream(driver: Driver, name: str, parameters: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Read through a cursor of the server: neither side ever holds all of it."""
    with driver.cursor("export") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement(f"reports/{name}").encode(), parameters)
        yield from cursor


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(_zone(zone))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
