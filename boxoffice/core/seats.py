"""The seat map and the race for it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from boxoffice.core import errors
from boxoffice.core.best import best
from boxoffice.core.database import decide, lost_a_seat, statement
from boxoffice.core.hall import lay_out
from boxoffice.core.model import BestSeats
from boxoffice.core.seat_list import seats_of
from boxoffice.core.tables import categories, performances, sections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.model import Seat

T = TypeVar("T")
# Between attempts at a seat that is locked just now; a hold takes a few milliseconds.
PAUSES_SECONDS = (0.005, 0.01, 0.02, 0.04)
# For how long after a lost race a connection expects to lose the next one, too.
CONTEST_SECONDS = 1.0
CONTESTED_UNTIL = "contested until"  # a note of the connection
TAKEN = "seat_taken"
NAMED_SEATS_MAX = 5  # how many seats an error names before it counts the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The seats somebody asks for: by label, or the best few of a section or category.

    ``nth`` counts the choices from 0; ``own`` is a reservation whose seats count as free.
    ``types`` are price types, one a seat; without any all are ordinary.
    """

    labels: tuple[str, ...] = ()
    best: int | None = None
    section: str | None = None
    category: str | None = None
    nth: int = 0
    own: int | None = None
    types: tuple[str, ...] = ()

    def type_terms(self) -> dict[str, Any]:
        """Return what a key remembers of price types; nothing where all seats are ordinary."""
        if not self.types:
            return {}
        if self.best:
            return {"types": list(self.types)}
        return {"types": sorted(zip(self.labels, self.types, strict=True))}


def list_seats(
    connection: Connection, performance: int, wanted: Wanted, *, everything: bool
) -> list[Seat]:
    """Return the free seats of a performance in plan order, or all, or only the best few.

    Raises InputInvalid for a section or category that the venue does not have.
    """
    chosen = set(choose_best(connection, performance, wanted).seats) if wanted.best else None
    row = connection.exec_driver_sql(
        statement("list_seats"),
        {
            "performance": performance,
            "section": wanted.section,
            "category": wanted.category,
            "everything": everything,
        },
    ).one_or_none()
    listed = [] if row is None else seats_of(row)
    if chosen is not None:
        listed = [seat for seat in listed if seat.seat in chosen]
    if not listed:  # because nothing is free, or because the names are nobody's
        _require_names(connection, performance, wanted)
    return listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a hold ended: 'held', the state of a known key, 'in_flight' or the code of a refusal."""

    outcome: str
    known: Sequence[str]  # the labels that there are
    unfree: Sequence[str]
    stored: dict[str, Any] | None  # the answer under the key
    request: str | None  # the fingerprint under a key that was known before


def hold(connection: Connection, parameters: Mapping[str, Any]) -> Held:
    """Run the statement that decides the race; its file says what goes in and comes out.

    Raises SeatTaken, naming the seats that others have or are taking.
    """
    return ask_again(connection, parameters, lambda: _try_to_hold(connection, parameters))


def ask_again(
    connection: Connection, parameters: Mapping[str, Any], attempt: Callable[[], T | None]
) -> T:
    """Attempt to take seats; None says that one was locked just now.

    They are asked for again, a few times and briefly: whoever locked them may be refused in
    turn. Raises SeatTaken, naming the seats that others have or are taking.
    """
    for pause_seconds in PAUSES_SECONDS:
        done = attempt()
        if done is not None:
            return done
        lost = connection.exec_driver_sql(statement("unfree_seats"), dict(parameters)).scalars()
        labels = lost.all()
        if labels:
            raise taken(labels)
        time.sleep(random.uniform(0, pause_seconds))  # noqa: S311 - only to part the crowd
    raise being_taken(parameters["labels"])


def hold_once(connection: Connection, parameters: Mapping[str, Any]) -> Held:
    """Run the statement once, inside a transaction, which a refusal ends; raises SeatTaken."""
    held = _try_to_hold(connection, parameters)
    if held is None:
        raise being_taken(parameters["labels"])
    return held


def being_taken(labels: Sequence[str]) -> errors.SeatTaken:
    """Build the error for seats that somebody has locked, but may not keep."""
    if len(labels) == 1:
        return errors.SeatTaken("somebody is just taking {seat}", seat=labels[0])
    return errors.SeatTaken("somebody is just taking one of {seats}", seats=named(labels))


def _try_to_hold(connection: Connection, parameters: Mapping[str, Any]) -> Held | None:
    """Run the statement once; None when others were faster in this very moment."""
    gone = _look(connection, parameters)
    if gone is not None:
        return gone
    try:
        row = decide(connection, "hold", parameters)
    except DBAPIError as error:
        if not lost_a_seat(error):
            raise
        _note_loss(connection)
        return None
    assert row is not None, "the statement always says how it ended"
    outcome, known, unfree, stored, request = row
    if outcome == "held" and stored is None:
        outcome = "in_flight"
    if outcome == TAKEN:
        _note_loss(connection)
    return Held(
        outcome=outcome, known=known or (), unfree=unfree or (), stored=stored, request=request
    )


def _look(connection: Connection, parameters: Mapping[str, Any]) -> Held | None:
    """Look before the race, where this connection has just lost one; None: nothing speaks against.

    To read is several times as fast as to be refused by what could write.
    """
    labels = parameters["labels"]
    expects_loss = time.monotonic() < connection.info.get(CONTESTED_UNTIL, 0)
    if not expects_loss or len(labels) > 1 or parameters["types"]:
        return None
    if decide(connection, "look", {**parameters, "label": labels[0]}) is None:
        return None
    _note_loss(connection)
    return Held(outcome=TAKEN, known=labels, unfree=labels, stored=None, request=None)


def _note_loss(connection: Connection) -> None:
    connection.info[CONTESTED_UNTIL] = time.monotonic() + CONTEST_SECONDS


def taken(labels: Sequence[str]) -> errors.SeatTaken:
    """Build the error that names the seats somebody else has."""
    if len(labels) == 1:
        return errors.SeatTaken("seat {seat} is already taken", seat=labels[0])
    return errors.SeatTaken("seats {seats} are already taken", seats=named(labels))


def named(labels: Sequence[str], most: int = NAMED_SEATS_MAX) -> str:
    """Join labels for a message of one line, after so many counting the rest."""
    shown = ", ".join(labels[:most])
    more = len(labels) - most
    return errors.Words("{known} and {more} more", known=shown, more=more) if more > 0 else shown


def choose_best(connection: Connection, performance: int, wanted: Wanted) -> BestSeats:
    """Choose the best free seats.

    Raises PerformanceNotFound, SeatTaken when too few are free, InputInvalid for a section or
    category that the venue does not have.
    """
    assert wanted.best is not None
    parameters = {"performance": performance, "own": wanted.own}
    row = connection.exec_driver_sql(statement("hall"), parameters).one_or_none()
    if row is None:
        raise errors.PerformanceNotFound(
            "there is no performance {performance}", performance=performance
        )
    choice = best(
        lay_out(
            sections=row.sections,
            rows=row.rows,
            xs=row.xs,
            ys=row.ys,
            set_apart=row.set_apart,
            focal=(row.focal_x, row.focal_y),
        ),
        row.free,
        wanted.best,
        section=_number_of(wanted.section, row.section_names, "section"),
        category=_number_of(wanted.category, row.category_names, "category"),
        categories=row.categories,
        nth=wanted.nth,
    )
    if choice is None:
        if wanted.nth:
            raise errors.SeatTaken("there is no other choice")
        raise errors.SeatTaken(
            "no {count} seats are free there"
            if wanted.section or wanted.category
            else "no {count} seats are free",
            count=wanted.best,
        )
    return BestSeats(
        seats=tuple(row.labels[number] for number in choice.seats),
        step=choice.step,
        words=choice.words,
    )


def _require_names(connection: Connection, performance: int, wanted: Wanted) -> None:
    """Raise InputInvalid for a section or category that the venue does not have."""
    for table, name, what in (
        (sections, wanted.section, errors.Words("section")),
        (categories, wanted.category, errors.Words("category")),
    ):
        if name is None:
            continue
        venue = select(performances.c.venue_id).where(performances.c.id == performance)
        names = connection.execute(
            select(table.c.name).where(table.c.venue_id == venue.scalar_subquery())
        )
        _number_of(name, names.scalars().all(), what)


def _number_of(name: str | None, names: Sequence[str], what: str) -> int | None:
    if name is None:
        return None
    if name not in names:
        raise errors.InputInvalid(
            "there is no {what} {name}",
            hint="the venue has: {known}",
            what=what,
            name=name,
            known=named(names),
        )
    return names.index(name)
