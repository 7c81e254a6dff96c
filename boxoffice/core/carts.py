"""A hold that grows and shrinks: what a clerk does with the seats of one customer.

Each change is one statement (core/sql) and leaves a whole reservation, so a cart can be paid,
cancelled or lost to the clock at any moment, like any other hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from boxoffice.core import answers, errors, prices, seats
from boxoffice.core.booking import SETTLED, attempt
from boxoffice.core.database import lost_a_seat
from boxoffice.core.idempotency import Answer, Request, recall, run_statement
from boxoffice.core.model import ORDINARY
from boxoffice.core.reservations import standing
from boxoffice.core.tables import (
    performance_seats,
    performances,
    reservation_seats,
    reservations,
    type_prices,
    venue_seats,
)
from boxoffice.core.terms import of_reservation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from boxoffice.core.access import Buyer
    from boxoffice.core.model import HeldReservation


def add_seats(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    reference: str,
    buyer: Buyer,
    labels: Sequence[str],
    *,
    seats_max: int,
    key: str,
) -> HeldReservation:
    """Add seats to a hold, all of them or none; the end of the hold stays.

    Raises SeatTaken, SeatBlocked, SeatNotFound, TooManySeats, SaleNotOpen, SaleClosed and what
    a Change does.
    """
    terms = {"labels": sorted(labels)}
    change = _change("add_seats", reference, buyer, terms, key, seats_max=seats_max)
    # Known keys first: the seats that this very key took would be refused as taken.
    answer = change.recall(connection) or seats.ask_again(
        connection, change.parameters, lambda: _add(connection, change)
    )
    return _held(answer)


def _add(connection: Connection, change: Change) -> Answer | None:
    try:
        answer = change.run(connection)
    except DBAPIError as error:
        if not lost_a_seat(error):
            raise
        return None
    if answer is None:
        _explain_refused_seats(connection, change.parameters)
    return answer


def release_seats(
    connection: Connection, reference: str, buyer: Buyer, labels: Sequence[str], *, key: str
) -> HeldReservation:
    """Give back some seats of a hold, not all.

    Raises SeatNotFound for seats that are not its own, InputInvalid for all of them, and what
    a Change does.
    """
    change = _change("release_seats", reference, buyer, {"labels": sorted(labels)}, key)
    answer = attempt(
        lambda: change.run(connection),
        lambda: _explain_refused_release(connection, change.parameters),
    )
    return _held(answer)


def set_price_type(  # noqa: PLR0913
    connection: Connection,
    reference: str,
    buyer: Buyer,
    labels: Sequence[str],
    price_type: str,
    *,
    key: str,
) -> HeldReservation:
    """Give some seats of a hold another price type, at its price of now.

    Raises SeatNotFound for seats that are not its own, PriceTypeNotFound, and what a Change does.
    """
    terms = {"labels": sorted(labels), "price_type": price_type}
    change = _change("set_price_type", reference, buyer, terms, key)
    return _held(
        attempt(
            lambda: change.run(connection),
            lambda: _explain_refused_type(connection, change.parameters),
        )
    )


def keep_hold(  # noqa: PLR0913
    connection: Connection,
    reference: str,
    buyer: Buyer,
    *,
    seconds: float | None = None,
    name: str | None = None,
    note: str | None = None,
    user: int | None = None,
    key: str,
) -> HeldReservation:
    """Hold seats for `seconds` from now if that is longer, under a name, for another user.

    Raises UserNotFound and what a Change does.
    """
    terms = {"seconds": seconds, "hold_name": name, "hold_note": note, "new_user": user}
    change = _change("keep_hold", reference, buyer, terms, key)
    return _held(attempt(lambda: change.run(connection), lambda: None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a hold: core/sql/NAME.sql and what it is given."""

    name: str
    reference: str
    user: int
    request: Request
    parameters: dict[str, Any]

    def recall(self, connection: Connection) -> Answer | None:
        """Return the answer that the key got before; raises KeyReused."""
        former = recall(connection, self.request)
        return None if former is None else (former, True)

    def run(self, connection: Connection) -> Answer | None:
        """Run the statement once a key; None where it refused though the hold stands.

        Raises ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled, KeyReused.
        """
        answer = run_statement(connection, self.name, self.request, self.parameters)
        if answer is None:
            row = standing(connection, self.reference, self.user)
            if row.state in SETTLED:
                raise SETTLED[row.state]
            if row.state == "expired" or row.ended:
                raise errors.HoldExpired
        return answer


def _change(
    name: str, reference: str, buyer: Buyer, terms: dict[str, Any], key: str, **limits: int
) -> Change:
    """Build a change; its key remembers the terms and not the limits of the day."""
    request, named = of_reservation(name, reference, buyer, key, terms)
    return Change(
        name=name,
        reference=named["reference"],
        user=buyer.user,
        request=request,
        parameters={**terms, **limits, **named},
    )


def _held(answer: Answer) -> HeldReservation:
    stored, replayed = answer
    return answers.held(stored, replayed=replayed)


def _explain_refused_seats(connection: Connection, parameters: dict[str, Any]) -> None:
    """Raise why seats cannot be added; nothing is left to say where others are taking them."""
    performance, labels = parameters["performance"], parameters["labels"]
    sale = connection.execute(
        select(
            performances.c.venue_id,
            (performances.c.sale_opens > func.now()).label("early"),
            (performances.c.sale_closes <= func.now()).label("late"),
            performances.c.cancelled_at,
        ).where(performances.c.id == performance)
    ).one()
    if sale.late or sale.cancelled_at:
        raise errors.SaleClosed
    if sale.early:
        raise errors.SaleNotOpen
    found = connection.execute(
        select(venue_seats.c.label, performance_seats.c.status)
        .join(performance_seats, performance_seats.c.seat_no == venue_seats.c.seat_no)
        .where(
            venue_seats.c.venue_id == sale.venue_id,
            performance_seats.c.performance_id == performance,
            venue_seats.c.label.in_(labels),
        )
    ).all()
    unknown = set(labels) - {row.label for row in found}
    if unknown:
        raise errors.SeatNotFound("there is no seat {seats}", seats=seats.named(sorted(unknown)))
    blocked = [row.label for row in found if row.status == "blocked"]
    if blocked:
        raise errors.SeatBlocked("the house keeps {seats}", seats=seats.named(sorted(blocked)))
    count = connection.execute(
        select(reservations.c.seat_count).where(
            reservations.c.performance_id == performance,
            reservations.c.id == parameters["reservation"],
        )
    ).scalar_one()
    if count + len(labels) > parameters["seats_max"]:
        raise errors.TooManySeats


def _explain_refused_type(connection: Connection, parameters: dict[str, Any]) -> None:
    """Raise why seats cannot get a price type; nothing is left where the hold was changed."""
    own = _labels_of_hold(connection, parameters)
    strange = [label for label in parameters["labels"] if label not in own]
    if strange:
        raise errors.SeatNotFound("this hold has no seat {seats}", seats=seats.named(strange))
    performance, kind = parameters["performance"], parameters["price_type"]
    if kind == ORDINARY:
        return
    priced = connection.execute(
        select(func.count())
        .select_from(performances)
        .join(venue_seats, venue_seats.c.venue_id == performances.c.venue_id)
        .join(
            type_prices,
            (type_prices.c.performance_id == performances.c.id)
            & (type_prices.c.category_no == venue_seats.c.category_no),
        )
        .where(
            performances.c.id == performance,
            venue_seats.c.label.in_(parameters["labels"]),
            type_prices.c.price_type == kind,
        )
    ).scalar_one()
    if priced < len(parameters["labels"]):
        raise prices.unknown_type(connection, performance, [kind])


def _labels_of_hold(connection: Connection, parameters: dict[str, Any]) -> set[str]:
    of_hold = connection.execute(
        select(venue_seats.c.label)
        .join(performances, performances.c.venue_id == venue_seats.c.venue_id)
        .join(
            reservation_seats,
            (reservation_seats.c.performance_id == performances.c.id)
            & (reservation_seats.c.seat_no == venue_seats.c.seat_no),
        )
        .where(
            reservation_seats.c.performance_id == parameters["performance"],
            reservation_seats.c.reservation_id == parameters["reservation"],
        )
    ).scalars()
    return set(of_hold)


def _explain_refused_release(connection: Connection, parameters: dict[str, Any]) -> None:
    """Raise why seats cannot be released; nothing is left to say where the hold was changed."""
    own, wanted = _labels_of_hold(connection, parameters), parameters["labels"]
    strange = [label for label in wanted if label not in own]
    if strange:
        raise errors.SeatNotFound("this hold has no seat {seats}", seats=seats.named(strange))
    if len(wanted) == len(own):
        raise errors.InputInvalid(
            "these are all seats of the hold", hint="`boxoffice cancel` gives back all"
        )
