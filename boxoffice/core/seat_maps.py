"""Seat maps: the hall of a performance, how its seats stand, and what has changed since."""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from boxoffice.core import errors, prices
from boxoffice.core.areas import named_areas
from boxoffice.core.database import statement
from boxoffice.core.model import SeatMap, SeatStates
from boxoffice.core.references import ID_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

LISTS = ("sections", "rows", "row_sections", "categories", "prices", "labels", "numbers")


def read_map(connection: Connection, performance: int) -> SeatMap:
    """Read a performance with its hall; raises PerformanceNotFound."""
    row = None
    if 0 < performance <= ID_MAX:
        row = _one(connection, "seat_map", performance)
    if row is None:
        raise errors.PerformanceNotFound(
            "there is no performance {performance}", performance=performance
        )
    zone = ZoneInfo(row.time_zone)
    return SeatMap(
        performance=row.id,
        concert=row.concert_id,
        concert_name=row.concert_name,
        venue=row.venue,
        date=row.starts_at.astimezone(zone),
        time_zone=row.time_zone,
        sale_opens=row.sale_opens.astimezone(zone),
        sale_closes=row.sale_closes.astimezone(zone),
        currency=row.currency,
        focal=(row.focal_x, row.focal_y),
        seat_rows=array("i", row.seat_rows),
        seat_categories=array("i", row.seat_categories),
        xs=array("d", row.xs),
        ys=array("d", row.ys),
        attributes=bytes(row.attributes),
        indexes={label: index for index, label in enumerate(row.labels)},
        areas=named_areas(row.zones),
        type_prices=prices.by_type(connection, performance, len(row.categories)),
        **{name: tuple(getattr(row, name)) for name in LISTS},
    )


def read_states(connection: Connection, performance: int) -> SeatStates:
    """Read how every seat stands; raises PerformanceNotFound."""
    row = _one(connection, "seat_states", performance)
    if row is None or row.states is None:
        raise errors.PerformanceNotFound(
            "there is no performance {performance}", performance=performance
        )
    versions = array("i")
    versions.frombytes(row.versions)
    if sys.byteorder == "little":
        versions.byteswap()
    return SeatStates(states=row.states.encode(), versions=versions)


def read_changes(
    connection: Connection, performance: int, labels: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Read how some seats stand: index, letter and version of each."""
    parameters = {"performance": performance, "labels": list(labels)}
    rows = connection.exec_driver_sql(statement("seat_changes"), parameters)
    return [(index, ord(state), version) for index, state, version in rows]


def read_totals(connection: Connection, performance: int) -> tuple[int, int]:
    """Return the sum of all versions and the number of free seats."""
    versions, free = _one(connection, "seat_totals", performance)
    return versions, free


def _one(connection: Connection, name: str, performance: int) -> Any:  # noqa: ANN401 - a row
    return connection.exec_driver_sql(statement(name), {"performance": performance}).one_or_none()
