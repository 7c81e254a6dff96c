"""What venues there are, and each as the plan that it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from boxoffice.core import errors
from boxoffice.core.catalogue import find_id
from boxoffice.core.model import ListedVenue, Plan, PlanRow, PlanSeat
from boxoffice.core.tables import categories, seat_rows, sections, venue_seats, venues

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table


def list_venues(connection: Connection) -> list[ListedVenue]:
    """Return every venue, the newest first."""
    found = connection.execute(
        select(
            venues,
            select(func.count()).where(sections.c.venue_id == venues.c.id).scalar_subquery(),
            select(func.array_agg(aggregate_order_by(categories.c.name, categories.c.category_no)))
            .where(categories.c.venue_id == venues.c.id)
            .scalar_subquery(),
        ).order_by(venues.c.id.desc())
    )
    return [
        ListedVenue(
            id=venue.id,
            name=venue.name,
            time_zone=venue.time_zone,
            seats=venue.seat_count,
            sections=venue[-2],
            categories=tuple(venue[-1]),
        )
        for venue in found
    ]


def read_venue(connection: Connection, venue: str) -> Plan:
    """Return the plan of a venue, by id or name; raises VenueNotFound."""
    number = find_id(connection, venues, venue)
    if number is None:
        raise errors.VenueNotFound("there is no venue {venue}", venue=venue)
    head = connection.execute(select(venues).where(venues.c.id == number)).one()
    rows = tuple(
        PlanRow(section=row.section_no, name=row.name)
        for row in connection.execute(
            select(seat_rows).where(seat_rows.c.venue_id == number).order_by(seat_rows.c.row_no)
        )
    )
    return Plan(
        name=head.name,
        time_zone=head.time_zone,
        focal=(head.focal_x, head.focal_y),
        categories=_names(connection, categories, categories.c.category_no, number),
        sections=_names(connection, sections, sections.c.section_no, number),
        rows=rows,
        seats=_seats(connection, number, rows),
        drawing=head.drawing,
    )


def _names(connection: Connection, table: Table, order: Column[int], venue: int) -> tuple[str, ...]:
    found = connection.execute(
        select(table.c.name).where(table.c.venue_id == venue).order_by(order)
    )
    return tuple(found.scalars())


def _seats(connection: Connection, venue: int, rows: tuple[PlanRow, ...]) -> tuple[PlanSeat, ...]:
    found = connection.execute(
        select(venue_seats).where(venue_seats.c.venue_id == venue).order_by(venue_seats.c.seat_no)
    )
    return tuple(
        PlanSeat(
            label=seat.label,
            section=rows[seat.row_no].section,
            row=seat.row_no,
            number=seat.number,
            category=seat.category_no,
            x=seat.x,
            y=seat.y,
            wheelchair=seat.wheelchair,
            companion=seat.companion,
            obstructed=seat.obstructed,
        )
        for seat in found
    )
