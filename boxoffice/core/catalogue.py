"""What there is to sell: concerts and their performances, dates, free seats and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import (
    Concert,
    ConcertDetail,
    Money,
    Performance,
)
from boxoffice.core.references import ID_MAX, number_in, stored_name
from boxoffice.core.tables import (
    concerts,
    performance_seats,
    performances,
    prices,
    type_prices,
    users,
    venues,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table
    from sqlalchemy.sql import ColumnElement


CONCERT_OF = "SELECT concert_id FROM performances WHERE id = %s"


def find_id(connection: Connection, table: Table, reference: str) -> int | None:
    """Return the id of a concert, venue or user named by id or by its unique name."""
    number = number_in(reference)
    # Asked at every look and every join: written out, which costs a client half of what Core does.
    column, value = ("name", stored_name(reference)) if number is None else ("id", number)
    question = f"SELECT id FROM {table.name} WHERE {column} = %s"  # noqa: S608 - names of ours
    found: int | None = connection.exec_driver_sql(question, (value,)).scalar()
    return found


def concert_id(connection: Connection, reference: str) -> int:
    """Return the id of a concert; raises ConcertNotFound."""
    found = find_id(connection, concerts, reference)
    if found is None:
        raise errors.ConcertNotFound("there is no concert {concert}", concert=reference)
    return found


def user_number(connection: Connection, reference: str) -> int:
    """Return the id of a user as `user_id`, but leave it to the caller whether a number is one."""
    number = number_in(reference)
    return user_id(connection, reference) if number is None else number


def user_id(connection: Connection, reference: str) -> int:
    """Return the id of a user; raises UserNotFound."""
    found = find_id(connection, users, reference)
    if found is None:
        raise errors.UserNotFound("there is no user {user}", user=reference)
    return found


def _free_seats() -> ColumnElement[int]:
    """Count the seats nobody has; a hold that has ended holds nothing."""
    seats = performance_seats.c
    return (
        select(func.count())
        .where(
            seats.performance_id == performances.c.id,
            (seats.status == "free")
            | ((seats.status == "held") & (seats.held_until <= func.now())),
        )
        .correlate(performances)
        .scalar_subquery()
    )


def _on_sale() -> ColumnElement[bool]:
    return (
        performances.c.cancelled_at.is_(None)
        & (performances.c.sale_opens <= func.now())
        & (performances.c.sale_closes > func.now())
    )


def _bound(table: Table, amounts: Any) -> Any:  # noqa: ANN401 - a function of SQL
    return (
        select(amounts(table.c.amount))
        .where(table.c.performance_id == performances.c.id)
        .correlate(performances)
        .scalar_subquery()
    )


def _upcoming() -> Select[Any]:
    lowest, highest = (
        bound(*(_bound(table, amounts) for table in (prices, type_prices)))
        for bound, amounts in ((func.least, func.min), (func.greatest, func.max))
    )
    types = (
        select(func.array_agg(type_prices.c.price_type.distinct()))
        .where(type_prices.c.performance_id == performances.c.id)
        .correlate(performances)
        .scalar_subquery()
    )
    return (
        select(
            performances,
            _on_sale().label("on_sale"),
            _free_seats().label("free_seats"),
            lowest.label("price_from"),
            highest.label("price_to"),
            types.label("price_types"),
        )
        .where(performances.c.cancelled_at.is_(None), performances.c.sale_closes > func.now())
        .order_by(performances.c.starts_at)
    )


def list_concerts(connection: Connection) -> list[Concert]:
    """Return the concerts with at least one performance on sale now, soonest first."""
    upcoming = connection.execute(_upcoming()).all()
    by_concert: dict[int, list[Any]] = {}
    for row in upcoming:
        by_concert.setdefault(row.concert_id, []).append(row)
    on_sale = [number for number, rows in by_concert.items() if any(r.on_sale for r in rows)]
    by_id = {head.id: head for head in heads(connection, on_sale)}
    return [Concert(**summary(by_id[number], by_concert[number])) for number in on_sale]


def show_concert(connection: Connection, reference: str) -> ConcertDetail:
    """Return a concert with its performances to come; raises ConcertNotFound."""
    number = concert_id(connection, reference)
    (head,) = heads(connection, [number])
    rows = connection.execute(_upcoming().where(performances.c.concert_id == number)).all()
    return ConcertDetail(**summary(head, rows), dates=tuple(_performance(row) for row in rows))


def list_dates(connection: Connection, concert: int) -> list[Performance]:
    """Return the performances of a concert that are on sale and not sold out."""
    rows = connection.exec_driver_sql(statement("list_dates"), {"concert": concert})
    return [_performance(row) for row in rows if row.free_seats]


def concert_of(connection: Connection, performance: int) -> int:
    """Return the concert of a performance; raises PerformanceNotFound."""
    found: int | None = None
    if 0 < performance <= ID_MAX:
        found = connection.exec_driver_sql(CONCERT_OF, (performance,)).scalar()
    if found is None:
        raise errors.PerformanceNotFound(
            "there is no performance {performance}", performance=performance
        )
    return found


def heads(connection: Connection, numbers: Sequence[int]) -> Sequence[Any]:
    """Read the rows of concerts, each with the name of its venue."""
    return connection.execute(
        select(concerts, venues.c.name.label("venue"))
        .join(venues, venues.c.id == concerts.c.venue_id)
        .where(concerts.c.id.in_(numbers))
    ).all()


def summary(head: Any, rows: Sequence[Any]) -> dict[str, Any]:  # noqa: ANN401
    """Gather the fields of a Concert from its row and those of its performances."""

    def price(amounts: list[int], bound: Any) -> Money | None:  # noqa: ANN401
        return Money(amount=bound(amounts), currency=head.currency) if amounts else None

    return {
        "id": head.id,
        "name": head.name,
        "venue": head.venue,
        "performances": len(rows),
        "first_date": _local(rows[0].starts_at, rows[0].time_zone) if rows else None,
        "last_date": _local(rows[-1].starts_at, rows[-1].time_zone) if rows else None,
        "on_sale": any(row.on_sale for row in rows),
        "free_seats": sum(row.free_seats for row in rows),
        "price_from": price([row.price_from for row in rows], min),
        "price_to": price([row.price_to for row in rows], max),
    }


def _performance(row: Any) -> Performance:  # noqa: ANN401
    return Performance(
        performance=row.id,
        date=_local(row.starts_at, row.time_zone),
        sale_opens=_local(row.sale_opens, row.time_zone),
        sale_closes=_local(row.sale_closes, row.time_zone),
        total_seats=row.seat_count,
        free_seats=row.free_seats,
        price_types=tuple(row.price_types or ()),
    )


def _local(time: datetime, zone: str) -> datetime:
    return time.astimezone(ZoneInfo(zone))
