"""Reservations as they stand: one, a user's, and those whose hold has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import Money, Reservation
from boxoffice.core.references import parse_reservation, reservation_reference
from boxoffice.core.tables import (
    accounts,
    concerts,
    payments,
    performances,
    reservation_seats,
    reservations,
    venue_seats,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

RESERVATIONS_LISTED_MAX = 1_000


def standing(connection: Connection, reference: str, user: int) -> Any:  # noqa: ANN401 - a row
    """Read how a user's reservation stands; raises ReservationNotFound for anybody else's."""
    performance, nonce = parse_reservation(reference)
    account = (accounts.c.user_id == reservations.c.user_id) & (
        accounts.c.currency == reservations.c.currency
    )
    payment = (payments.c.performance_id == reservations.c.performance_id) & (
        payments.c.reservation_id == reservations.c.id
    )
    row = connection.execute(
        select(
            reservations.c.state,
            reservations.c.total,
            reservations.c.currency,
            reservations.c.checked_in_at,
            # In a transaction now() stands still, and a seat may be lost to who came later.
            (reservations.c.held_until <= func.clock_timestamp()).label("ended"),
            (performances.c.starts_at <= func.now()).label("begun"),
            performances.c.cancelled_at.is_not(None).label("called_off"),
            performances.c.concert_id,
            payments.c.state.label("payment"),
            payments.c.tender,
            accounts.c.balance,
        )
        .join(performances, performances.c.id == reservations.c.performance_id)
        .join(payments, payment)
        .outerjoin(accounts, account)
        .where(
            reservations.c.performance_id == performance,
            reservations.c.id == nonce,
            reservations.c.user_id == user,
        )
    ).one_or_none()
    if row is None:
        raise errors.ReservationNotFound
    return row


def owner_of(connection: Connection, reference: str) -> int:
    """Return whose a reservation is, for staff; raises ReservationNotFound."""
    performance, nonce = parse_reservation(reference)
    owner: int | None = connection.scalar(
        select(reservations.c.user_id).where(
            reservations.c.performance_id == performance, reservations.c.id == nonce
        )
    )
    if owner is None:
        raise unknown_to_staff()
    return owner


def unknown_to_staff() -> errors.ReservationNotFound:
    """Build the error for staff, who ask for anybody's."""
    return errors.ReservationNotFound(
        "there is no such reservation",
        hint="`boxoffice list-reservations --user USER` shows a customer's",
    )


def list_reservations(connection: Connection, user: int) -> list[Reservation]:
    """Return a user's reservations, newest first; a hold that has ended reads as expired."""
    labels = (
        select(func.array_agg(aggregate_order_by(venue_seats.c.label, venue_seats.c.seat_no)))
        .select_from(reservation_seats)
        .join(
            venue_seats,
            (venue_seats.c.venue_id == performances.c.venue_id)
            & (venue_seats.c.seat_no == reservation_seats.c.seat_no),
        )
        .where(
            reservation_seats.c.performance_id == reservations.c.performance_id,
            reservation_seats.c.reservation_id == reservations.c.id,
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            reservations,
            (reservations.c.held_until <= func.now()).label("ended"),
            concerts.c.id.label("concert_id"),
            concerts.c.name,
            performances.c.starts_at,
            performances.c.time_zone,
            labels.label("labels"),
        )
        .join(performances, performances.c.id == reservations.c.performance_id)
        .join(concerts, concerts.c.id == performances.c.concert_id)
        .where(reservations.c.user_id == user)
        .order_by(reservations.c.created_at.desc(), reservations.c.id)
        .limit(RESERVATIONS_LISTED_MAX)
    )
    return [_reservation(row) for row in rows]


def _reservation(row: Any) -> Reservation:  # noqa: ANN401
    zone = ZoneInfo(row.time_zone)
    return Reservation(
        reservation=reservation_reference(row.performance_id, row.id),
        concert=row.concert_id,
        concert_name=row.name,
        performance=row.performance_id,
        date=row.starts_at.astimezone(zone),
        seats=tuple(row.labels),
        state="expired" if row.state == "held" and row.ended else row.state,
        total=Money(amount=row.total, currency=row.currency),
        held_until=row.held_until.astimezone(zone),
        created_at=row.created_at.astimezone(zone),
    )


def sweep(connection: Connection, *, holds_max: int) -> int:
    """Tidy holds that have ended, at most `holds_max` a performance; return how many."""
    numbers = connection.scalars(performances_with_ended_holds()).all()
    return sum(_sweep_performance(connection, number, holds_max) for number in numbers)


def performances_with_ended_holds() -> Select[int]:
    """Build the question where there is something to sweep, answered by a partial index."""
    return (
        select(reservations.c.performance_id)
        # Spelled out, not a parameter: only so can a generic plan use the partial index.
        .where(
            reservations.c.state == literal_column("'held'"),
            reservations.c.held_until <= func.now(),
        )
        .distinct()
    )


def _sweep_performance(connection: Connection, performance: int, holds_max: int) -> int:
    parameters = {"performance": performance, "holds_max": holds_max}
    return len(connection.exec_driver_sql(statement("sweep"), parameters).all())
