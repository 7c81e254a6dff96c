"""Venues, concerts, performances, prices and users: what there is to sell, and to whom."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, insert, literal, select
from sqlalchemy.sql import ColumnElement

from boxoffice.core import errors
from boxoffice.core.model import (
    Concert,
    ConcertDetail,
    CreatedPerformance,
    Money,
    Performance,
    Plan,
)
from boxoffice.core.tables import (
    categories,
    concerts,
    performance_seats,
    performances,
    prices,
    users,
    venue_seats,
    venues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

ID_MAX = 2**63 - 1
PRICE_MAX = 10**12
# Creating a stadium's worth of rows takes longer than a statement of a sale may.
CREATION_TIMEOUT = "SET LOCAL statement_timeout = '60s'"


def find_id(connection: Connection, table: Table, reference: str) -> int | None:
    """Return the id of a concert, venue or user named by id or by its unique name."""
    condition = table.c.name == reference
    if reference.isascii() and reference.isdigit():
        number = int(reference[:20])
        if number > ID_MAX:
            return None
        condition = table.c.id == number
    found: int | None = connection.execute(select(table.c.id).where(condition)).scalar()
    return found


def concert_id(connection: Connection, reference: str) -> int:
    """Return the id of a concert; raises ConcertNotFound."""
    found = find_id(connection, concerts, reference)
    if found is None:
        raise errors.ConcertNotFound(f"there is no concert {reference}")
    return found


def user_id(connection: Connection, reference: str) -> int:
    """Return the id of a user; raises UserNotFound."""
    found = find_id(connection, users, reference)
    if found is None:
        raise errors.UserNotFound(f"there is no user {reference}")
    return found


# --- looking ---


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


def _upcoming() -> Select[Any]:
    lowest, highest = (
        select(bound(prices.c.amount))
        .where(prices.c.performance_id == performances.c.id)
        .correlate(performances)
        .scalar_subquery()
        for bound in (func.min, func.max)
    )
    return (
        select(
            performances,
            _on_sale().label("on_sale"),
            _free_seats().label("free_seats"),
            lowest.label("price_from"),
            highest.label("price_to"),
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
    heads = {head.id: head for head in _heads(connection, on_sale)}
    return [Concert(**_summary(heads[number], by_concert[number])) for number in on_sale]


def show_concert(connection: Connection, reference: str) -> ConcertDetail:
    """Return a concert with its performances to come; raises ConcertNotFound."""
    number = concert_id(connection, reference)
    (head,) = _heads(connection, [number])
    rows = connection.execute(_upcoming().where(performances.c.concert_id == number)).all()
    return ConcertDetail(**_summary(head, rows), dates=tuple(_performance(row) for row in rows))


def list_dates(connection: Connection, concert: int) -> list[Performance]:
    """Return the performances of a concert that are on sale and not sold out."""
    rows = connection.execute(
        _upcoming().where(performances.c.concert_id == concert, _on_sale())
    )
    return [_performance(row) for row in rows if row.free_seats]


def concert_of(connection: Connection, performance: int) -> int:
    """Return the concert of a performance; raises PerformanceNotFound."""
    found: int | None = None
    if 0 < performance <= ID_MAX:
        found = connection.execute(
            select(performances.c.concert_id).where(performances.c.id == performance)
        ).scalar()
    if found is None:
        raise errors.PerformanceNotFound(f"there is no performance {performance}")
    return found


def _heads(connection: Connection, numbers: Sequence[int]) -> Sequence[Any]:
    return connection.execute(
        select(concerts, venues.c.name.label("venue"))
        .join(venues, venues.c.id == concerts.c.venue_id)
        .where(concerts.c.id.in_(numbers))
    ).all()


def _summary(head: Any, rows: Sequence[Any]) -> dict[str, Any]:  # noqa: ANN401
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
    )


def _local(time: datetime, zone: str) -> datetime:
    return time.astimezone(ZoneInfo(zone))


# --- making ---


def fingerprint(plan: Plan) -> str:
    """Return what tells one plan from another, for the key of its import."""
    return hashlib.sha256(repr(plan).encode()).hexdigest()


def add_user(connection: Connection, name: str) -> dict[str, Any]:
    """Add a user; the name must be unique."""
    number = connection.execute(insert(users).values(name=name).returning(users.c.id)).scalar_one()
    return {"user": number, "name": name}


def import_venue(connection: Connection, plan: Plan, time_zone: str) -> dict[str, Any]:
    """Store a plan as a venue; `time_zone` is used where the plan names none."""
    connection.exec_driver_sql(CREATION_TIMEOUT)
    number = connection.execute(
        insert(venues)
        .values(
            name=plan.name,
            time_zone=plan.time_zone or time_zone,
            focal_x=plan.focal[0],
            focal_y=plan.focal[1],
            seat_count=len(plan.seats),
        )
        .returning(venues.c.id)
    ).scalar_one()
    _copy(
        connection,
        "sections (venue_id, section_no, name)",
        ((number, i, name) for i, name in enumerate(plan.sections)),
    )
    _copy(
        connection,
        "categories (venue_id, category_no, name)",
        ((number, i, name) for i, name in enumerate(plan.categories)),
    )
    _copy(
        connection,
        "seat_rows (venue_id, row_no, section_no, name)",
        ((number, i, row.section, row.name) for i, row in enumerate(plan.rows)),
    )
    _copy(
        connection,
        "venue_seats (venue_id, seat_no, row_no, category_no, label, number, x, y,"
        " wheelchair, companion, obstructed)",
        (
            (number, i, s.row, s.category, s.label, s.number, s.x, s.y)
            + (s.wheelchair, s.companion, s.obstructed)
            for i, s in enumerate(plan.seats)
        ),
    )
    connection.exec_driver_sql("ANALYZE sections, categories, seat_rows, venue_seats")
    return {
        "venue": number,
        "name": plan.name,
        "seats": len(plan.seats),
        "sections": len(plan.sections),
        "categories": list(plan.categories),
        "skipped": list(plan.skipped),
    }


def _copy(connection: Connection, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Fill a table by COPY, which is some twenty times as fast as inserts."""
    cursor = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)


def create_concert(
    connection: Connection, name: str, venue: str, currency: str
) -> dict[str, Any]:
    """Create a concert at a venue; raises VenueNotFound."""
    venue_number = find_id(connection, venues, venue)
    if venue_number is None:
        raise errors.VenueNotFound(f"there is no venue {venue}")
    number = connection.execute(
        insert(concerts)
        .values(name=name, venue_id=venue_number, currency=currency)
        .returning(concerts.c.id)
    ).scalar_one()
    (head,) = _heads(connection, [number])
    return _summary(head, [])


def create_performance(  # noqa: PLR0913 - the parts of a performance
    connection: Connection,
    concert: str,
    *,
    date: datetime,
    sale_opens: datetime | None,
    sale_closes: datetime | None,
    amounts: Mapping[str, int],
) -> dict[str, Any]:
    """Create a performance with a free seat for every seat of its venue.

    Times without an offset are the venue's; the sale opens now and closes at the start where
    nothing else is said. `amounts` prices every category of the venue, in minor units.
    Raises ConcertNotFound, InputInvalid.
    """
    number = concert_id(connection, concert)
    venue = connection.execute(
        select(venues).join(concerts, concerts.c.venue_id == venues.c.id)
        .where(concerts.c.id == number)
    ).one()
    zone = ZoneInfo(venue.time_zone)
    starts_at = _in_zone(date, zone)
    opens = _in_zone(sale_opens, zone) if sale_opens else func.now()
    row = connection.execute(
        insert(performances)
        .values(
            concert_id=number,
            venue_id=venue.id,
            starts_at=starts_at,
            time_zone=venue.time_zone,
            sale_opens=opens,
            sale_closes=_in_zone(sale_closes, zone) if sale_closes else starts_at,
            seat_count=venue.seat_count,
        )
        .returning(performances)
    ).one()
    _set_prices(connection, row.id, venue.id, amounts)
    _make_seats(connection, row.id, venue.id)
    return {
        "performance": row.id,
        "concert": number,
        **{
            name: getattr(row, column).astimezone(zone).isoformat()
            for name, column in (
                ("date", "starts_at"), ("sale_opens", "sale_opens"), ("sale_closes", "sale_closes")
            )
        },
        "total_seats": venue.seat_count,
        "free_seats": venue.seat_count,
    }


def _in_zone(time: datetime, zone: ZoneInfo) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=zone)


def _set_prices(
    connection: Connection, performance: int, venue: int, amounts: Mapping[str, int]
) -> None:
    known = connection.execute(
        select(categories.c.name, categories.c.category_no).where(categories.c.venue_id == venue)
    )
    numbers = {row.name: row.category_no for row in known}
    unknown = [name for name in amounts if name not in numbers]
    missing = [name for name in numbers if name not in amounts]
    if unknown or missing:
        fault = f"unknown category {unknown[0]}" if unknown else f"no price for {missing[0]}"
        raise errors.InputInvalid(
            f"{fault}; the venue has: {', '.join(numbers)}",
            hint="give --price CATEGORY=AMOUNT for each category",
        )
    for name, amount in amounts.items():
        if not 0 <= amount <= PRICE_MAX:
            raise errors.AmountInvalid(f"the price of {name} must be from 0 to {PRICE_MAX}")
    connection.execute(
        insert(prices),
        [
            {"performance_id": performance, "category_no": numbers[name], "amount": amount}
            for name, amount in amounts.items()
        ],
    )


def _make_seats(connection: Connection, performance: int, venue: int) -> None:
    connection.exec_driver_sql(CREATION_TIMEOUT)
    seats = venue_seats.c
    connection.execute(
        insert(performance_seats).from_select(
            ["performance_id", "seat_no", "category_no"],
            select(literal(performance), seats.seat_no, seats.category_no)
            .where(seats.venue_id == venue)
            .order_by(seats.seat_no),
        )
    )
    # The next statement may be the first buyer's: it should not be planned for an empty table.
    connection.exec_driver_sql("ANALYZE performance_seats, prices, performances")


def created_performance(result: Mapping[str, Any], *, replayed: bool) -> CreatedPerformance:
    """Build the value that a creation answers with from its stored form."""
    times = {
        name: datetime.fromisoformat(result[name]) for name in ("date", "sale_opens", "sale_closes")
    }
    return CreatedPerformance(**{**result, **times}, replayed=replayed)
