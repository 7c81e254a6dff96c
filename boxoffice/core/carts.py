"""A hold that grows and shrinks: what a clerk does with the seats of one customer.

Each change is one statement (core/sql) and leaves a whole reservation, so a cart can be paid,
cancelled or lost to the clock at any moment, like any other hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from boxoffice.core import answers, errors, seats
from boxoffice.core.booking import SETTLED, by
from boxoffice.core.database import met_a_lock
from boxoffice.core.idempotency import Answer, Request, make_request, recall, run_statement
from boxoffice.core.references import parse_reservation, payment_reference, reservation_reference
from boxoffice.core.reservations import standing
from boxoffice.core.tables import performance_seats, performances, reservations, venue_seats

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
    own = {"labels": list(labels), "seats_max": seats_max}
    change = _change("add_seats", reference, buyer, own, key)
    # Known keys first: the seats that this very key took would be refused as taken.
    answer = change.recall(connection) or seats.ask_again(
        connection, change.parameters, lambda: _add(connection, change)
    )
    return _held(answer)


def _add(connection: Connection, change: Change) -> Answer | None:
    try:
        answer = change.run(connection)
    except DBAPIError as error:
        if not met_a_lock(error):
            raise
        return None
    if answer is None:
        _explain_refused_seats(connection, change.parameters)
    return answer


def release_seats(
    connection: Connection, reference: str, buyer: Buyer, labels: Sequence[str], *, key: str
) -> HeldReservation:
    """Give back some seats of a hold, not all.

    Raises SeatNotFound for seats that are not its own, and what a Change does.
    """
    change = _change("release_seats", reference, buyer, {"labels": list(labels)}, key)
    answer = change.run(connection)
    if answer is None:
        raise errors.SeatNotFound("these are not some of the seats of this hold", hint="")
    return _held(answer)


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
    own = {"seconds": seconds, "hold_name": name, "hold_note": note, "new_user": user}
    answer = _change("keep_hold", reference, buyer, own, key).run(connection)
    if answer is None:
        raise errors.HoldExpired
    return _held(answer)


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
        """Run the statement once a key; None where it refused and the hold is not the reason.

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


def _change(name: str, reference: str, buyer: Buyer, own: dict[str, Any], key: str) -> Change:
    performance, nonce = parse_reservation(reference)
    canonical = reservation_reference(performance, nonce)
    return Change(
        name=name,
        reference=canonical,
        user=buyer.user,
        request=make_request(key, name, reservation=canonical, user=buyer.user, **own),
        parameters={
            **own,
            "performance": performance,
            "reservation": nonce,
            "reference": canonical,
            "payment_reference": payment_reference(performance, nonce),
            **by(buyer),
        },
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
        raise errors.SeatNotFound(f"there is no seat {seats.named(sorted(unknown))}")
    blocked = [row.label for row in found if row.status == "blocked"]
    if blocked:
        raise errors.SeatBlocked(f"the house keeps {seats.named(blocked)}")
    count = connection.execute(
        select(reservations.c.seat_count).where(
            reservations.c.performance_id == performance,
            reservations.c.id == parameters["reservation"],
        )
    ).scalar_one()
    if count + len(labels) > parameters["seats_max"]:
        raise errors.TooManySeats
