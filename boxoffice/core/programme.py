"""Making what there is to sell, and to whom: venues, concerts, performances, users."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, literal, select

from boxoffice.core import errors, prices
from boxoffice.core.catalogue import concert_id, find_id, heads, summary
from boxoffice.core.database import allow
from boxoffice.core.tables import (
    concerts,
    performance_seats,
    performances,
    users,
    venue_seats,
    venues,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from boxoffice.core.model import Plan

# Creating a stadium's worth of rows takes longer than a statement of a sale may.
CREATION_SECONDS = 60


def fingerprint(plan: Plan) -> str:
    """Return what tells one plan from another, for the key of its import."""
    return hashlib.sha256(repr(plan).encode()).hexdigest()


def add_user(connection: Connection, name: str) -> dict[str, Any]:
    """Add a user; the name must be unique."""
    number = connection.execute(insert(users).values(name=name).returning(users.c.id)).scalar_one()
    return {"user": number, "name": name}


def import_venue(connection: Connection, plan: Plan, time_zone: str) -> dict[str, Any]:
    """Store a plan as a venue; `time_zone` is used where the plan names none."""
    allow(connection, CREATION_SECONDS)
    number = connection.execute(
        insert(venues)
        .values(
            name=plan.name,
            time_zone=plan.time_zone or time_zone,
            focal_x=plan.focal[0],
            focal_y=plan.focal[1],
            seat_count=len(plan.seats),
            drawing=plan.drawing,
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
            (
                *(number, i, s.row, s.category, s.label, s.number, s.x, s.y),
                *(s.wheelchair, s.companion, s.obstructed),
            )
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


def create_concert(connection: Connection, name: str, venue: str, currency: str) -> dict[str, Any]:
    """Create a concert at a venue; raises VenueNotFound."""
    venue_number = find_id(connection, venues, venue)
    if venue_number is None:
        raise errors.VenueNotFound("there is no venue {venue}", venue=venue)
    number = connection.execute(
        insert(concerts)
        .values(name=name, venue_id=venue_number, currency=currency)
        .returning(concerts.c.id)
    ).scalar_one()
    (head,) = heads(connection, [number])
    return summary(head, [])


def create_performance(  # noqa: PLR0913 - the parts of a performance
    connection: Connection,
    concert: str,
    *,
    date: datetime,
    sale_opens: datetime | None,
    sale_closes: datetime | None,
    amounts: Mapping[str, int],
    counted: bool = True,
) -> dict[str, Any]:
    """Create a performance with a free seat for every seat of its venue.

    Times without an offset are the venue's; the sale opens now and closes at the start where
    nothing else is said. `amounts` prices every category of the venue, in minor units, and
    CATEGORY:TYPE what others than adults pay. Whoever
    makes many has their rows `counted` once, at the end.
    Raises ConcertNotFound, InputInvalid.
    """
    number = concert_id(connection, concert)
    venue = connection.execute(
        select(venues)
        .join(concerts, concerts.c.venue_id == venues.c.id)
        .where(concerts.c.id == number)
    ).one()
    zone = ZoneInfo(venue.time_zone)
    starts_at = in_zone(date, zone)
    opens = in_zone(sale_opens, zone) if sale_opens else func.now()
    row = connection.execute(
        insert(performances)
        .values(
            concert_id=number,
            venue_id=venue.id,
            starts_at=starts_at,
            time_zone=venue.time_zone,
            sale_opens=opens,
            sale_closes=in_zone(sale_closes, zone) if sale_closes else starts_at,
            seat_count=venue.seat_count,
        )
        .returning(performances)
    ).one()
    prices.store(connection, row.id, venue.id, amounts)
    _make_seats(connection, row.id, venue.id)
    if counted:
        count_rows(connection)
    return {
        "performance": row.id,
        "concert": number,
        **{
            name: getattr(row, column).astimezone(zone).isoformat()
            for name, column in (
                ("date", "starts_at"),
                ("sale_opens", "sale_opens"),
                ("sale_closes", "sale_closes"),
            )
        },
        "total_seats": venue.seat_count,
        "free_seats": venue.seat_count,
    }


def in_zone(time: datetime, zone: ZoneInfo) -> datetime:
    """Read a time as the venue's clock; raises InputInvalid where that clock skips or repeats."""
    if time.tzinfo:
        return time
    early, late = (time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        raise errors.InputInvalid(
            "the clocks of {zone} change at that time",
            hint="give the time with its offset",
            zone=zone.key,
        )
    return early


def _make_seats(connection: Connection, performance: int, venue: int) -> None:
    allow(connection, CREATION_SECONDS)
    seats = venue_seats.c
    connection.execute(
        insert(performance_seats).from_select(
            ["performance_id", "seat_no", "category_no"],
            select(literal(performance), seats.seat_no, seats.category_no)
            .where(seats.venue_id == venue)
            .order_by(seats.seat_no),
        )
    )


def count_rows(connection: Connection) -> None:
    """Have the planner know of new performances.

    The next statement may be the first buyer's: it should not be planned for an empty table.
    """
    connection.exec_driver_sql("ANALYZE performance_seats, prices, performances")
