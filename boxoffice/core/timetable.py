"""When concerts are performed and on sale: as staff see it, and as they change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, select, update

from boxoffice.core import errors
from boxoffice.core.catalogue import concert_id
from boxoffice.core.model import ListedConcert, ListedPerformance
from boxoffice.core.programme import in_zone
from boxoffice.core.references import ID_MAX
from boxoffice.core.tables import concerts, outbox, performance_seats, performances, venues

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.sql import ColumnElement

CONCERTS_LISTED_MAX = 10_000


def list_concerts(connection: Connection) -> list[ListedConcert]:
    """Return every concert, the newest first, at most CONCERTS_LISTED_MAX."""
    live = performances.c.cancelled_at.is_(None)
    rows = connection.execute(
        select(
            concerts,
            venues.c.name.label("venue"),
            venues.c.time_zone,
            func.count(performances.c.id).filter(live).label("performances"),
            func.count(performances.c.id).filter(~live).label("cancelled"),
            func.min(performances.c.starts_at).filter(live).label("first_date"),
            func.max(performances.c.starts_at).filter(live).label("last_date"),
            func.coalesce(func.bool_or(_state() == "open"), False).label("on_sale"),
        )
        .join(venues, venues.c.id == concerts.c.venue_id)
        .outerjoin(performances, performances.c.concert_id == concerts.c.id)
        .group_by(concerts.c.id, venues.c.id)
        .order_by(concerts.c.id.desc())
        .limit(CONCERTS_LISTED_MAX)
    )
    return [
        ListedConcert(
            id=row.id,
            name=row.name,
            venue=row.venue,
            currency=row.currency,
            performances=row.performances,
            cancelled=row.cancelled,
            first_date=_local(row.first_date, row.time_zone),
            last_date=_local(row.last_date, row.time_zone),
            on_sale=row.on_sale,
        )
        for row in rows
    ]


def list_performances(connection: Connection, concert: str) -> list[ListedPerformance]:
    """Return every performance of a concert by its date; raises ConcertNotFound."""
    number = concert_id(connection, concert)
    seats = performance_seats.c
    ended = (seats.status == "held") & (seats.held_until <= func.now())
    counted = (
        select(
            seats.performance_id,
            func.count().filter((seats.status == "free") | ended).label("free"),
            func.count().filter((seats.status == "held") & ~ended).label("held"),
            func.count().filter(seats.status == "sold").label("sold"),
            func.count().filter(seats.status == "blocked").label("blocked"),
        )
        .join(performances, performances.c.id == seats.performance_id)
        .where(performances.c.concert_id == number)
        .group_by(seats.performance_id)
        .subquery()
    )
    rows = connection.execute(
        select(performances, counted, _state().label("state"))
        .join(counted, counted.c.performance_id == performances.c.id)
        .where(performances.c.concert_id == number)
        .order_by(performances.c.starts_at, performances.c.id)
    )
    return [_listed(row) for row in rows]


def _state() -> ColumnElement[str]:
    """Say how the sale of a performance stands."""
    return case(
        (performances.c.cancelled_at.is_not(None), "cancelled"),
        (performances.c.sale_closes <= func.now(), "closed"),
        (performances.c.sale_opens > func.now(), "announced"),
        (performances.c.id.is_not(None), "open"),  # a concert may have none
    )


def _listed(row: Any) -> ListedPerformance:  # noqa: ANN401 - a row has no static type
    zone = ZoneInfo(row.time_zone)
    return ListedPerformance(
        performance=row.id,
        state=row.state,
        date=row.starts_at.astimezone(zone),
        sale_opens=row.sale_opens.astimezone(zone),
        sale_closes=row.sale_closes.astimezone(zone),
        total_seats=row.seat_count,
        free_seats=row.free,
        held_seats=row.held,
        sold_seats=row.sold,
        blocked_seats=row.blocked,
        cancelled_at=row.cancelled_at and row.cancelled_at.astimezone(zone),
    )


def _local(time: datetime | None, zone: str) -> datetime | None:
    return time and time.astimezone(ZoneInfo(zone))


def standing(connection: Connection, performance: int) -> Any:  # noqa: ANN401
    """Lock a performance and return its row.

    Raises PerformanceNotFound, PerformanceCancelled.
    """
    row = None
    if 0 < performance <= ID_MAX:
        query = select(performances).where(performances.c.id == performance)
        row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise errors.PerformanceNotFound(
            "there is no performance {performance}", performance=performance
        )
    if row.cancelled_at is not None:
        raise errors.PerformanceCancelled
    return row


def told(row: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write the times of a performance as the audit and the answers keep them."""
    zone = ZoneInfo(row.time_zone)
    names = (("date", "starts_at"), ("sale_opens", "sale_opens"), ("sale_closes", "sale_closes"))
    times = {name: getattr(row, column).astimezone(zone).isoformat() for name, column in names}
    return {"performance": row.id, "concert": row.concert_id, **times}


def reschedule(
    connection: Connection,
    performance: int,
    *,
    date: datetime,
    sale_closes: datetime | None,
    event: str,
) -> dict[str, Any]:
    """Move a performance; what is held or sold stays so, and `event` tells others.

    A sale that closed at the start closes at the new one, unless `sale_closes` says when.
    Raises PerformanceNotFound, PerformanceCancelled, InputInvalid.
    """
    former = standing(connection, performance)
    zone = ZoneInfo(former.time_zone)
    starts_at = in_zone(date, zone)
    closes = former.sale_closes
    if sale_closes is not None:
        closes = in_zone(sale_closes, zone)
    elif closes == former.starts_at:
        closes = starts_at
    answer = _change(connection, performance, starts_at=starts_at, sale_closes=closes)
    if starts_at != former.starts_at:
        payload = answer | {"former_date": told(former)["date"]}
        announce(connection, performance, "performance.rescheduled", event, payload)
    return answer


def set_sale(
    connection: Connection,
    performance: int,
    *,
    opens: datetime | None,
    closes: datetime | None,
) -> dict[str, Any]:
    """Set when the sale of a performance opens or closes, or both.

    Raises PerformanceNotFound, PerformanceCancelled, InputInvalid.
    """
    zone = ZoneInfo(standing(connection, performance).time_zone)
    given = {"sale_opens": opens, "sale_closes": closes}
    times = {name: in_zone(time, zone) for name, time in given.items() if time}
    return _change(connection, performance, **times)


def _change(connection: Connection, performance: int, **times: datetime) -> dict[str, Any]:
    row = connection.execute(
        update(performances)
        .where(performances.c.id == performance)
        .values(**times)
        .returning(performances)
    ).one()
    return told(row)


def announce(
    connection: Connection, performance: int, kind: str, event: str, payload: dict[str, Any]
) -> None:
    """Write an event about a performance, once; `event` is its command and operation key."""
    connection.execute(
        insert(outbox).values(
            performance_id=performance, dedupe_key=event, type=kind, payload=payload
        )
    )
