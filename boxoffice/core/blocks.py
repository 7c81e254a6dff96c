"""Seats that the house keeps: for itself, for technicians, for companions, until a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from boxoffice.core import errors, seats
from boxoffice.core.audit import record
from boxoffice.core.catalogue import concert_of
from boxoffice.core.database import allow, decide, statement
from boxoffice.core.model import SeatBlock
from boxoffice.core.programme import CREATION_SECONDS, in_zone
from boxoffice.core.tables import (
    performances,
    seat_blocks,
    seat_rows,
    sections,
    venue_seats,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from boxoffice.core.audit import Principal
    from boxoffice.core.model import Seat

SECTION, ROW = errors.Words("section"), errors.Words("row")
NAMES_MAX = 30  # how many sections or rows an error names before it counts the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The seats of a performance that are meant: by label, or all of a section, a row, or both."""

    labels: tuple[str, ...] = ()
    section: str | None = None
    row: str | None = None

    def parameters(self, performance: int) -> dict[str, Any]:
        """Name the parameters of the statements."""
        return {
            "performance": performance,
            "labels": list(self.labels) or None,
            "section": self.section,
            "seat_row": self.row,
        }


def block(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    performance: int,
    choice: Choice,
    *,
    kind: str,
    until: datetime | None,
    note: str | None,
) -> dict[str, Any]:
    """Block seats, all of them or none, in the transaction of `connection`.

    Times without an offset are the venue's. Raises SeatTaken naming those that are held or
    sold, SeatNotFound, PerformanceNotFound, InputInvalid.
    """
    zone = _require_seats(connection, performance, choice)
    release_at = None if until is None else in_zone(until, zone)
    if release_at and release_at <= connection.execute(select(func.now())).scalar_one():
        raise errors.InputInvalid("the time to release the seats is over")
    allow(connection, CREATION_SECONDS)
    terms = {"kind": kind, "release_at": release_at, "note": note}
    row = decide(connection, "block_seats", {**choice.parameters(performance), **terms})
    assert row is not None, "the statement always says what it did"
    blocked, unfree = row
    if unfree:
        raise errors.SeatTaken("held or sold: {seats}", seats=seats.named(unfree))
    return {
        "performance": performance,
        "seats": blocked,
        "kind": kind,
        "until": release_at and release_at.astimezone(zone).isoformat(),
        "note": note,
    }


def unblock(connection: Connection, performance: int, choice: Choice) -> dict[str, Any]:
    """Give blocked seats back; those that are not blocked are left alone.

    Raises SeatNotFound, PerformanceNotFound, InputInvalid.
    """
    _require_seats(connection, performance, choice)
    allow(connection, CREATION_SECONDS)
    return {"performance": performance, "seats": _free(connection, performance, choice, due=False)}


def release_due(connection: Connection, performance: int, by: Principal) -> list[str]:
    """Free the seats of a performance whose time has come, on the record; return their labels."""
    before = as_stood(connection, performance, Choice())["blocks"]
    labels = _free(connection, performance, Choice(), due=True)
    if labels:
        record(
            connection,
            by,
            "release blocks",
            detail={"performance": performance, "seats": labels},
            before={"blocks": [block for block in before if block["seat"] in set(labels)]},
        )
    return labels


def _free(connection: Connection, performance: int, choice: Choice, *, due: bool) -> list[str]:
    parameters = {**choice.parameters(performance), "due": due}
    return list(connection.exec_driver_sql(statement("unblock_seats"), parameters).scalars())


def performances_due(connection: Connection) -> Sequence[int]:
    """Return the performances with seats to be released by now."""
    due = select(seat_blocks.c.performance_id).where(seat_blocks.c.release_at <= func.now())
    return connection.execute(due.distinct()).scalars().all()


def read(connection: Connection, performance: int, choice: Choice | None = None) -> list[SeatBlock]:
    """Return the blocked seats of a performance in plan order; raises PerformanceNotFound."""
    concert_of(connection, performance)
    query = (
        _seats_of(performance)
        .add_columns(
            performances.c.time_zone,
            seat_blocks.c.kind,
            seat_blocks.c.release_at,
            seat_blocks.c.note,
        )
        .join(
            seat_blocks,
            (seat_blocks.c.performance_id == performances.c.id)
            & (seat_blocks.c.seat_no == venue_seats.c.seat_no),
        )
    )
    return [
        SeatBlock(
            seat=row.label,
            kind=row.kind,
            until=row.release_at and row.release_at.astimezone(ZoneInfo(row.time_zone)),
            note=row.note,
            section=row.section,
            row=row.row,
        )
        for row in connection.execute(_chosen(query, choice or Choice()))
    ]


def explain(connection: Connection, performance: int, listed: list[Seat]) -> list[Seat]:
    """Say of the blocked ones of some seats what they are kept for."""
    kinds = {found.seat: found.kind for found in read(connection, performance)}
    if not kinds:
        return listed
    return [
        replace(seat, block=kinds.get(seat.seat)) if seat.state == "blocked" else seat
        for seat in listed
    ]


def as_stood(connection: Connection, performance: int, choice: Choice) -> dict[str, Any]:
    """Return, for the audit, which of the seats were blocked, as what and until when."""
    return {
        "blocks": [
            {
                "seat": found.seat,
                "kind": found.kind,
                "until": found.until and found.until.isoformat(),
                "note": found.note,
            }
            for found in read(connection, performance, choice)
        ]
    }


def _seats_of(performance: int) -> Any:  # noqa: ANN401 - a query that columns are added to
    """Ask for the seats of a performance with the names of their sections and rows."""
    return (
        select(venue_seats.c.label, sections.c.name.label("section"), seat_rows.c.name.label("row"))
        .select_from(performances)
        .join(venue_seats, venue_seats.c.venue_id == performances.c.venue_id)
        .join(
            seat_rows,
            (seat_rows.c.venue_id == performances.c.venue_id)
            & (seat_rows.c.row_no == venue_seats.c.row_no),
        )
        .join(
            sections,
            (sections.c.venue_id == performances.c.venue_id)
            & (sections.c.section_no == seat_rows.c.section_no),
        )
        .where(performances.c.id == performance)
        .order_by(venue_seats.c.seat_no)
    )


def _chosen(query: Any, choice: Choice) -> Any:  # noqa: ANN401
    if choice.labels:
        query = query.where(venue_seats.c.label.in_(choice.labels))
    if choice.section is not None:
        query = query.where(sections.c.name == choice.section)
    if choice.row is not None:
        query = query.where(seat_rows.c.name == choice.row)
    return query


def _nothing_there(connection: Connection, performance: int, choice: Choice) -> errors.InputInvalid:
    """Say which section or row there is none of, and which there are."""
    found = connection.execute(_seats_of(performance)).all()
    known = dict.fromkeys(row.section for row in found)
    what, name = SECTION, choice.section
    if choice.row is not None and choice.section in (None, *known):
        rows = [r.row for r in found if choice.section in (None, r.section)]
        what, name, known = ROW, choice.row, dict.fromkeys(rows)
    return errors.InputInvalid(
        "there is no {what} {name}",
        hint="there are: {known}",
        what=what,
        name=name,
        known=seats.named(list(known), NAMES_MAX),
    )


def _require_seats(connection: Connection, performance: int, choice: Choice) -> ZoneInfo:
    """Make sure that there are such seats, and return the zone of their venue."""
    concert_of(connection, performance)
    found = set(connection.execute(_chosen(_seats_of(performance), choice)).scalars())
    unknown = [label for label in choice.labels if label not in found]
    if unknown:
        raise errors.SeatNotFound(
            "performance {performance} has no seat {seats}",
            performance=performance,
            seats=seats.named(unknown),
        )
    if not found:
        raise _nothing_there(connection, performance, choice)
    zone = select(performances.c.time_zone).where(performances.c.id == performance)
    return ZoneInfo(connection.execute(zone).scalar_one())
