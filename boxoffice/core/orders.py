"""Finding reservations and customers, as somebody at a counter asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import WALK_IN, Customer, Money, Order
from boxoffice.core.references import (
    number_in,
    parse_reservation,
    payment_reference,
    reservation_reference,
    stored_name,
)
from boxoffice.core.reservations import unknown_to_staff
from boxoffice.core.tables import accounts, performance_seats, performances, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def find(
    connection: Connection, text: str, performance: int | None, *, found_max: int
) -> list[Order]:
    """Find reservations by reference, customer (a part of the name), hold name or seat label."""
    wanted = stored_name(text.strip())
    try:
        return [show(connection, wanted)]
    except errors.ReservationNotFound:
        pass
    return _read(
        connection,
        performance=performance,
        user=number_in(wanted),
        pattern=_containing(wanted) if wanted else None,
        label=wanted.upper() or None,
        found_max=found_max,
    )


def show(connection: Connection, reference: str) -> Order:
    """Return one reservation; raises ReservationNotFound."""
    performance, nonce = parse_reservation(reference)
    found = _read(connection, performance=performance, reservation=nonce, found_max=1)
    if not found:
        raise unknown_to_staff()
    return found[0]


def find_users(
    connection: Connection, text: str, currency: str, *, found_max: int
) -> list[Customer]:
    """Find customers by a part of the name or by number, in the order of their names."""
    wanted = stored_name(text.strip())
    account = (accounts.c.user_id == users.c.id) & (accounts.c.currency == currency)
    rows = connection.execute(
        select(users.c.id, users.c.name, func.coalesce(accounts.c.balance, 0).label("balance"))
        .outerjoin(accounts, account)
        .where(
            users.c.id != int(WALK_IN),
            users.c.name.ilike(_containing(wanted), escape="\\")
            | (users.c.id == (number_in(wanted) or 0)),
        )
        .order_by(func.length(users.c.name), users.c.name)
        .limit(found_max)
    )
    return [
        Customer(user=row.id, name=row.name, balance=Money(amount=row.balance, currency=currency))
        for row in rows
    ]


def names_of(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    """Return the names of users by number."""
    rows = connection.execute(select(users.c.id, users.c.name).where(users.c.id.in_(numbers)))
    return {row.id: row.name for row in rows}


def count_held_seats(connection: Connection, concert: int) -> int:
    """Count the seats of a concert that are held now."""
    seats = performance_seats.c
    return connection.execute(
        select(func.count())
        .select_from(performance_seats)
        .join(performances, performances.c.id == seats.performance_id)
        .where(
            performances.c.concert_id == concert,
            seats.status == "held",
            seats.held_until > func.now(),
        )
    ).scalar_one()


def _containing(text: str) -> str:
    """Build a pattern of LIKE in which the text stands for itself."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def _read(  # noqa: PLR0913 - each is one way to find an order
    connection: Connection,
    *,
    performance: int | None = None,
    reservation: int | None = None,
    user: int | None = None,
    pattern: str | None = None,
    label: str | None = None,
    found_max: int,
) -> list[Order]:
    rows = connection.exec_driver_sql(
        statement("find_orders"),
        {
            "performance": performance,
            "reservation": reservation,
            "user": user,
            "pattern": pattern,
            "label": label,
            "found_max": found_max,
        },
    )
    return [_order(row) for row in rows]


def _order(row: Any) -> Order:  # noqa: ANN401 - a row has no static type
    zone = ZoneInfo(row.time_zone)

    def local(time: Any) -> Any:  # noqa: ANN401 - a time or None
        return time and time.astimezone(zone)

    received = row.received
    return Order(
        reservation=reservation_reference(row.performance_id, row.id),
        payment=payment_reference(row.performance_id, row.id),
        user=row.user_id,
        user_name=row.user_name,
        concert=row.concert_id,
        concert_name=row.concert_name,
        venue=row.venue,
        performance=row.performance_id,
        date=local(row.starts_at),
        seats=tuple(row.labels),
        prices=tuple(row.prices),
        types=tuple(row.types),
        state="expired" if row.state == "held" and row.ended else row.state,
        total=Money(amount=row.total, currency=row.currency),
        tender=row.tender,
        received=None if received is None else Money(amount=received, currency=row.currency),
        note=row.note,
        hold_name=row.hold_name,
        hold_note=row.hold_note,
        held_until=local(row.held_until),
        created_at=local(row.created_at),
        paid_at=local(row.paid_at),
        cancelled_at=local(row.cancelled_at),
    )
