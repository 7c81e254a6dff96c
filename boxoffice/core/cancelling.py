"""Calling performances off: nothing is sold any more, and everything is given back.

First the performances are marked, in one transaction. Then every reservation is ended by the
statement of every cancel (sql/cancel.sql), under a key made from the operation's, so whoever
is killed goes on with the same key and refunds nothing twice. Why no hold or payment can slip
through is told in docs/adr/0023-cancelling-a-performance.md.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from boxoffice.core import booking, errors, reservations
from boxoffice.core.access import Buyer
from boxoffice.core.database import statement
from boxoffice.core.references import reservation_reference
from boxoffice.core.tables import operations, performances
from boxoffice.core.tables import reservations as held_or_paid
from boxoffice.core.timetable import announce

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.audit import Principal

CANCELLING, CANCELLED = "cancelling", "cancelled"
RESERVATIONS_READ_AT_ONCE = 500
SWEPT_HOLDS_MAX = 10_000
# A payment under way ends with its statement; whoever finds nothing to do waits for it.
PAUSE_SECONDS = 0.05
PAUSES_MAX = 400


def coming_performances(connection: Connection, concert: int) -> list[int]:
    """Return the performances of a concert still to come, and those called off already."""
    coming = performances.c.starts_at > func.now()
    query = select(performances.c.id).where(
        performances.c.concert_id == concert, coming | performances.c.cancelled_at.is_not(None)
    )
    return list(connection.scalars(query.order_by(performances.c.id)))


def begin(
    connection: Connection, numbers: Sequence[int], *, event: str, reason: str
) -> dict[int, str]:
    """Mark performances as cancelled, and tell others; return since when each is, by number."""
    marked = connection.execute(
        update(performances)
        .where(performances.c.id.in_(numbers), performances.c.cancelled_at.is_(None))
        .values(cancelled_at=func.now())
        .returning(performances)
    ).all()
    for row in marked:
        payload = {
            "performance": row.id,
            "concert": row.concert_id,
            "cancelled_at": _when(row),
            "reason": reason,
        }
        announce(connection, row.id, "performance.cancelled", event, payload)
    return since(connection, numbers)


def since(connection: Connection, numbers: Sequence[int]) -> dict[int, Any]:
    """Return since when performances are cancelled, None for one that is not, by number."""
    query = select(performances).order_by(performances.c.id)
    rows = connection.execute(query.where(performances.c.id.in_(numbers)))
    return {row.id: _when(row) for row in rows}


def _when(row: Any) -> str | None:  # noqa: ANN401 - a row has no static type
    if row.cancelled_at is None:
        return None
    return str(row.cancelled_at.astimezone(ZoneInfo(row.time_zone)).isoformat())


def end_all(
    connection: Connection,
    performance: int,
    *,
    staff: Principal,
    key: str,
    ended: Callable[[int], None],
) -> None:
    """End every reservation of a cancelled performance; `ended` is told of each few.

    Each is one statement that commits. Raises DatabaseUnavailable where something else holds
    on to a reservation for longer than a statement may take.
    """
    pauses = 0
    while True:
        seen, done, last = 0, 0, -1
        while rows := _open(connection, performance, after=last):
            seen, last = seen + len(rows), rows[-1].id
            count = sum(_end(connection, performance, row, staff, key) for row in rows)
            done += count
            ended(count)
        if not seen:
            return
        if not done:  # holds whose end has come, or that somebody is just paying
            reservations.sweep(connection, holds_max=SWEPT_HOLDS_MAX)
            pauses += 1
            if pauses > PAUSES_MAX:
                raise errors.DatabaseUnavailable(
                    "{count} reservations are held on to", hint="try again", count=seen
                )
            time.sleep(PAUSE_SECONDS if pauses > 1 else 0)


def _open(connection: Connection, performance: int, *, after: int) -> Sequence[Any]:
    table = held_or_paid.c
    return connection.execute(
        select(table.id, table.user_id)
        .where(
            table.performance_id == performance,
            table.id > after,
            table.state.in_(("held", "paid")),
        )
        .order_by(table.id)
        .limit(RESERVATIONS_READ_AT_ONCE)
    ).all()


def _end(connection: Connection, performance: int, row: Any, staff: Principal, key: str) -> bool:  # noqa: ANN401
    reference = reservation_reference(performance, row.id)
    buyer = Buyer(user=row.user_id, staff=staff)
    step = f"{_steps(key)}:{performance}:{row.id}"
    return booking.settle(connection, "cancel", reference, buyer, step) is not None


def _steps(key: str) -> str:
    """Make the beginning of the keys of an operation's steps; no key is longer than it may be."""
    return hashlib.sha256(f"{key}:cancel performance".encode()).hexdigest()


def count_ended(connection: Connection, numbers: Sequence[int], *, key: str) -> dict[str, Any]:
    """Count what was given back under a key so far, and the money by its tender."""
    return _counted(connection, "cancelled_reservations", numbers, steps=_steps(key))


def count_open(connection: Connection, numbers: Sequence[int]) -> dict[str, Any]:
    """Count what there is to give back."""
    return _counted(connection, "open_reservations", numbers)


def _counted(
    connection: Connection, question: str, numbers: Sequence[int], **parameters: str
) -> dict[str, Any]:
    rows = connection.exec_driver_sql(
        statement(question), {"performances": list(numbers), **parameters}
    ).all()
    refunds = [row for row in rows if row.refunded]
    return {
        "released": sum(row.count for row in rows if not row.refunded),
        "refunded": sum(row.count for row in refunds),
        "refunds": [
            {
                "by": row.tender,
                "reservations": row.count,
                "amount": {"amount": row.total, "currency": row.currency},
            }
            for row in refunds
        ],
    }


def finish(connection: Connection, key: str, result: dict[str, Any]) -> None:
    """Write the whole answer of an operation over the one that it began with."""
    connection.execute(update(operations).where(operations.c.key == key).values(result=result))
