"""Reports: questions that read much and change nothing, each in one snapshot.

The questions are core/sql/reports/*.sql; what their columns mean stands in docs/reports.md.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from boxoffice.core import catalogue, errors
from boxoffice.core.database import allow, of_driver, statement
from boxoffice.core.model import (
    AuditEntry,
    CashLine,
    Money,
    OccupancyLine,
    SalesLine,
)
from boxoffice.core.tables import concerts, performances

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from psycopg import Connection as Driver
    from sqlalchemy import Connection

REPORT_SECONDS = 120
# How long whoever reads a report's rows may do something else before the snapshot is given up.
PAUSE_SECONDS = 600
# Whole tables are read, so the plan is made for them as they are, with room to sort and hash.
SESSION = {
    "idle_in_transaction_session_timeout": f"{PAUSE_SECONDS}s",
    "plan_cache_mode": "force_custom_plan",
    "work_mem": "64MB",
}
Period = dict[str, datetime | None]
PARTS = {"clerk": "by_clerk", "category": "by_seat", "price-type": "by_seat"}
CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a report is about: these performances (None: all), and times in ``zone``."""

    performances: list[int] | None
    zone: str

    def moment(self, time: datetime | None) -> datetime | None:
        """Return a time with its zone: one that was typed without has the scope's."""
        return time if time is None or time.tzinfo else time.replace(tzinfo=ZoneInfo(self.zone))

    def period(self, since: datetime | None, until: datetime | None) -> Period:
        """Return both ends with their zones; raises InputInvalid where nothing is between them."""
        first, end = self.moment(since), self.moment(until)
        if first is not None and end is not None and first >= end:
            raise errors.InputInvalid(
                "the period ends before it begins", hint="--to is the first moment after it"
            )
        return {"since": first, "until": end}


@contextmanager
def snapshot(connection: Connection, seconds: int = REPORT_SECONDS) -> Iterator[Driver]:
    """Lend the driver of a connection inside one snapshot, which can change nothing.

    Raises DBAPIError for what the driver raises, so that it is said what it means.
    """
    import psycopg

    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with connection.begin():
        allow(connection, seconds)
        driver: Any = connection.connection.driver_connection
        for name, value in SESSION.items():
            driver.execute("SELECT set_config(%s, %s, true)", (name, value))
        try:
            yield driver
        except psycopg.Error as error:
            raise of_driver(connection, error) from None


def find_scope(
    connection: Connection, performance: int | None, concert: str | None, zone: str
) -> Scope:
    """Find the performances meant; raises PerformanceNotFound, ConcertNotFound, InputInvalid."""
    if performance is not None and concert is not None:
        raise errors.InputInvalid("either a performance or a concert", hint="give one of them")
    if performance is None and concert is None:
        return Scope(performances=None, zone=zone)
    query = select(performances.c.id, performances.c.time_zone)
    if concert is not None:
        number = catalogue.concert_id(connection, concert)
        query = query.where(performances.c.concert_id == number)
    else:
        catalogue.concert_of(connection, performance or 0)
        query = query.where(performances.c.id == performance)
    found = connection.execute(query).all()
    return Scope(performances=[row.id for row in found], zone=found[0].time_zone if found else zone)


def sales(  # noqa: PLR0913 - what is summed up, how, and of which period
    connection: Connection,
    driver: Driver,
    scope: Scope,
    *,
    by: str,
    since: datetime | None,
    until: datetime | None,
) -> list[SalesLine]:
    """Sum up the ledger's sales of a scope, from ``since`` to before ``until``."""
    question = statement("reports/sales").format(
        entries=statement("reports/entries"),
        parts=statement(f"reports/{PARTS.get(by, 'by_entry')}"),
    )
    period = scope.period(since, until)
    rows = _ask(driver, question, {"by": by, "performances": scope.performances, **period})
    names = _names_of(connection, by, rows)
    lines = [_sales_line(row, by, names) for row in rows]
    return sorted(lines, key=lambda line: (_order(line.group, by), line.currency))


def _sales_line(row: dict[str, Any], by: str, names: Mapping[str, str]) -> SalesLine:
    currency, group = row["currency"], row["name"]
    if by == "hour":
        group = datetime.fromtimestamp(int(group), ZoneInfo(row["zone"])).isoformat()
    gross, refunds = int(row["gross"]), int(row["refunds"])
    sold, returned = int(row["sold"]), int(row["returned"])
    return SalesLine(
        group=group,
        group_name=names.get(group),
        currency=currency,
        sold=sold,
        returned=returned,
        tickets=sold - returned,
        complimentary=int(row["complimentary"]),
        gross=Money(amount=gross, currency=currency),
        refunds=Money(amount=refunds, currency=currency),
        net=Money(amount=gross - refunds, currency=currency),
        waived=Money(amount=int(row["waived"]), currency=currency),
    )


def sales_totals(lines: Sequence[SalesLine]) -> list[SalesLine]:
    """Add lines up, a total a currency: amounts of two currencies have no sum."""
    return [
        _sum([line for line in lines if line.currency == currency])
        for currency in sorted({line.currency for line in lines})
    ]


def _sum(lines: Sequence[SalesLine]) -> SalesLine:
    def count(name: str) -> int:
        return sum(getattr(line, name) for line in lines)

    def money(name: str) -> Money:
        amount = sum(getattr(line, name).amount for line in lines)
        return Money(amount=amount, currency=lines[0].currency)

    return SalesLine(
        group="total",
        group_name=None,
        currency=lines[0].currency,
        sold=count("sold"),
        returned=count("returned"),
        tickets=count("tickets"),
        complimentary=count("complimentary"),
        gross=money("gross"),
        refunds=money("refunds"),
        net=money("net"),
        waived=money("waived"),
    )


def occupancy(
    connection: Connection, driver: Driver, scope: Scope, *, by: str
) -> list[OccupancyLine]:
    """Count the seats of a scope by how they stand."""
    parameters = {"by": by, "performances": scope.performances}
    rows = _ask(driver, statement("reports/occupancy"), parameters)
    names = _names_of(connection, by, rows)
    has_venues = len({row["venue"] for row in rows}) > 1
    lines = [
        OccupancyLine(
            group=row["name"],
            group_name=f"{row['venue']}: {row['name']}" if has_venues else names.get(row["name"]),
            venue=row["venue"],
            percent=round(100 * row["sold"] / row["seats"], 1),
            **{name: row[name] for name in ("seats", "sold", "held", "blocked", "free")},
            checked_in=row["checked_in"],
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.venue or "", _order(line.group, by)))


def cash_up(driver: Driver, *, clerk: str | None, day: date | None, zone: str) -> list[CashLine]:
    """Sum up what was taken and given back on a day (None: ever), by clerk and tender."""
    parameters = {"clerk": clerk, "day": day, "zone": zone}
    return [_cash_line(row) for row in _ask(driver, statement("reports/cash_up"), parameters)]


def _cash_line(row: dict[str, Any]) -> CashLine:
    def money(amount: int) -> Money:
        return Money(amount=int(amount), currency=row["currency"])

    net = money(row["takings"] - row["refunds"])
    is_cash = row["tender"] == CASH
    return CashLine(
        clerk=row["clerk"],
        tender=row["tender"],
        currency=row["currency"],
        sales=row["sales"],
        takings=money(row["takings"]),
        returns=row["returns"],
        refunds=money(row["refunds"]),
        net=net,
        change=money(row["change"]) if is_cash else None,
        drawer=net if is_cash else None,
    )


def audit(driver: Driver, parameters: Mapping[str, Any], zone: str) -> list[AuditEntry]:
    """Return the newest lines of the audit that match, newest first."""
    clock = ZoneInfo(zone)
    return [
        AuditEntry(
            entry=row["id"],
            at=row["at"].astimezone(clock),
            action=row["action"],
            clerk=row["principal"],
            user=row["user_id"],
            user_name=row["user_name"],
            terminal=row["terminal"],
            key=row["operation_key"],
            before=row["before"],
            detail=row["detail"],
        )
        for row in _ask(driver, statement("reports/audit"), parameters)
    ]


def seats_of_concert(driver: Driver, concert: int) -> dict[str, Any]:
    """Count the seats of a concert's performances to come, beside its name."""
    (row,) = _ask(driver, statement("reports/queue_seats"), {"concert": concert})
    return row


def day_before(driver: Driver, days: int, zone: str) -> date:
    """Return the day so many days before today in a zone, by the database's clock."""
    question = "SELECT (now() AT TIME ZONE %(zone)s)::date - %(days)s::integer AS day"
    (row,) = _ask(driver, question, {"zone": zone, "days": days})
    day: date = row["day"]
    return day


def _ask(driver: Driver, question: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    cursor = driver.execute(question.encode(), parameters)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _order(group: str, by: str) -> tuple[int, str]:
    return (int(group), "") if by == "performance" else (0, group)


def _names_of(connection: Connection, by: str, rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Name performances as people do: the concert, and the start on the venue's clock."""
    if by != "performance":
        return {}
    found = connection.execute(
        select(performances, concerts.c.name)
        .join(concerts, concerts.c.id == performances.c.concert_id)
        .where(performances.c.id.in_([int(row["name"]) for row in rows]))
    )
    return {str(row.id): f"{row.name} {_start(row):%Y-%m-%d %H:%M}" for row in found}


def _start(performance: Any) -> datetime:  # noqa: ANN401 - a row has no static type
    start: datetime = performance.starts_at.astimezone(ZoneInfo(performance.time_zone))
    return start
