"""The tickets of a reservation or a performance, as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from boxoffice.core import errors
from boxoffice.core.database import allow, statement
from boxoffice.core.model import ListedTicket, Money, Ticket
from boxoffice.core.references import parse_reservation, reservation_reference
from boxoffice.core.reservations import unknown_to_staff
from boxoffice.core.tables import reservations
from boxoffice.core.tickets import codes, keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

# Of a whole performance: some hundred thousand seats, sold more than once.
LIST_SECONDS = 60


def rows(
    connection: Connection,
    performance: int,
    reservation: int | None = None,
    user: int | None = None,
) -> Sequence[Any]:
    """Read the seats that were paid for, `is_live` where they are tickets now."""
    parameters = {"performance": performance, "reservation": reservation, "user": user}
    return connection.exec_driver_sql(statement("list_tickets"), parameters).all()


def show(connection: Connection, reference: str, user: int | None) -> list[Ticket]:
    """Return the tickets of a reservation, of this user where one is named.

    Raises ReservationNotFound, ReservationNotPaid, TicketCancelled.
    """
    performance, nonce = parse_reservation(reference)
    found = [row for row in rows(connection, performance, nonce, user) if row.is_live]
    if not found:
        raise _no_tickets(connection, performance, nonce, user)
    key = keys.code_key(connection)
    return [_ticket(row, performance, key) for row in found]


def listed(found: Sequence[Any], performance: int, key: bytes | None) -> list[ListedTicket]:
    """Build the tickets of a performance from its rows, with their codes where a key is given."""
    return [
        ListedTicket(
            seat=row.label,
            section=row.section,
            row=row.seat_row,
            price_type=row.price_type,
            reservation=reservation_reference(performance, row.nonce),
            user=row.user_id,
            checked_in_at=_local(row.checked_in_at, row),
            gate=row.gate,
            code=_code(key, performance, row) if key else None,
        )
        for row in found
        if row.is_live
    ]


def allow_list(connection: Connection) -> None:
    """Let the transaction read a whole performance, however large."""
    allow(connection, LIST_SECONDS)


def _ticket(row: Any, performance: int, key: bytes) -> Ticket:  # noqa: ANN401 - a row
    return Ticket(
        code=_code(key, performance, row),
        reservation=reservation_reference(performance, row.nonce),
        concert=row.concert_id,
        concert_name=row.concert_name,
        venue=row.venue,
        performance=performance,
        date=_local(row.starts_at, row),
        seat=row.label,
        section=row.section,
        row=row.seat_row,
        price_type=row.price_type,
        price=Money(amount=row.price, currency=row.currency),
        user=row.user_id,
        user_name=row.user_name,
    )


def _code(key: bytes, performance: int, row: Any) -> str:  # noqa: ANN401
    return codes.make(key, performance, row.nonce, row.seat_no).code


def _local(time: Any, row: Any) -> Any:  # noqa: ANN401 - a time or None, in the venue's zone
    return time and time.astimezone(ZoneInfo(row.time_zone))


def _no_tickets(
    connection: Connection, performance: int, nonce: int, user: int | None
) -> errors.BoxOfficeError:
    query = select(reservations.c.state, reservations.c.paid_at).where(
        reservations.c.performance_id == performance, reservations.c.id == nonce
    )
    if user is not None:
        query = query.where(reservations.c.user_id == user)
    found = connection.execute(query).one_or_none()
    if found is None:
        return errors.ReservationNotFound() if user is not None else unknown_to_staff()
    if found.paid_at is not None:
        return errors.TicketCancelled("this reservation is cancelled, and its tickets are")
    return errors.ReservationNotPaid(
        "there are no tickets before the payment", hint="`boxoffice pay RESERVATION` pays"
    )
