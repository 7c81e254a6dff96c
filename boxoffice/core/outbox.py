"""What is to be told and to whom: looked at, tried again, let go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, cast, delete, func, select, tuple_, update

from boxoffice.core import errors
from boxoffice.core.database import statement
from boxoffice.core.model import Delivery
from boxoffice.core.tables import deliveries, outbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

LISTED_MAX = 1_000
STATES = ("waiting", "retrying", "dead", "sent")


def list_events(connection: Connection, state: str | None, zone: str) -> list[Delivery]:
    """Return events and open deliveries of a state, or of all but `sent`, at most LISTED_MAX."""
    parameters = {"state": state, "rows_max": LISTED_MAX}
    rows = connection.exec_driver_sql(statement("list_outbox"), parameters)
    return [_delivery(row, ZoneInfo(zone)) for row in rows]


def _delivery(row: Any, zone: ZoneInfo) -> Delivery:  # noqa: ANN401 - a row
    return Delivery(
        event=row.dedupe_key,
        type=row.type,
        performance=row.performance_id,
        sink=row.sink,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at.astimezone(zone),
        next_at=row.next_at and row.next_at.astimezone(zone),
        error=row.error,
    )


def retry(connection: Connection, events: Sequence[str] | None) -> dict[str, Any]:
    """Make deliveries due at once, as if they were never tried: of these events, or all dead ones.

    Raises EventNotFound where nothing of an event is open.
    """
    found = _find(connection, events)
    connection.execute(
        update(deliveries)
        .where(_among(found))
        .values(state="waiting", attempts=0, next_at=func.now())
    )
    return _answer(found)


def discard(connection: Connection, events: Sequence[str]) -> dict[str, Any]:
    """Let deliveries go that were given up; raises EventNotFound where there is none."""
    found = _find(connection, events, dead=True)
    connection.execute(delete(deliveries).where(_among(found)))
    return _answer(found)


def _find(connection: Connection, events: Sequence[str] | None, *, dead: bool = False) -> list[Any]:
    """Lock the deliveries that are meant."""
    query = (
        select(deliveries.c.performance_id, deliveries.c.event_id, deliveries.c.sink,
               outbox.c.dedupe_key)
        .join(outbox, (outbox.c.performance_id == deliveries.c.performance_id)
              & (outbox.c.id == deliveries.c.event_id))
        .order_by(deliveries.c.performance_id, deliveries.c.event_id, deliveries.c.sink)
        .with_for_update(of=deliveries)
    )  # fmt: skip
    if dead or events is None:
        query = query.where(deliveries.c.state == "dead")
    if events is not None:
        query = query.where(outbox.c.dedupe_key.in_(events))
    found = list(connection.execute(query))
    for event in sorted(set(events or ()) - {row.dedupe_key for row in found}):
        raise errors.EventNotFound("nothing is open of the event {event}", event=event)
    return found


def _among(found: list[Any]) -> Any:  # noqa: ANN401 - a condition
    columns: tuple[Any, ...] = tuple(deliveries.primary_key)
    # An array a column: a statement takes 65,535 parameters, and of these there may be more.
    given = (cast([row[at] for row in found], ARRAY(one.type)) for at, one in enumerate(columns))
    return tuple_(*columns).in_(select(*map(func.unnest, given)))


def _answer(found: list[Any]) -> dict[str, Any]:
    return {"deliveries": len(found), "events": sorted({row.dedupe_key for row in found})}
