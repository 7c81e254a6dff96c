"""What is sold in a benchmark: a hall of any size, its users with money, a performance when asked.

Everything is made through `Office`, under names of this run, so that a database that is kept can
be measured on again; only crowds of users are written by one statement a table.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from boxoffice.core import plans
from boxoffice.core.model import Plan, PlanRow, PlanSeat
from boxoffice.core.office import Office

if TYPE_CHECKING:
    from boxoffice.core.config import Settings

PRICE = 1_000  # minor units, of every seat
BALANCE = 10**9  # minor units, of every user
ROW_SEATS = 100
CURRENCY = "KRW"
CROWD = (
    """
    INSERT INTO users (name)
    SELECT %(run)s || '-user-' || n FROM generate_series(1, %(users)s) n
    """,
    """
    INSERT INTO accounts (user_id, currency, balance)
    SELECT id, %(currency)s, %(balance)s FROM users WHERE name LIKE %(run)s || '-user-%%'
    """,
    """
    INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                                operation_key)
    SELECT id, %(currency)s, 'charge', 'deposits', %(balance)s, %(balance)s,
           name || '-charge'
    FROM users WHERE name LIKE %(run)s || '-user-%%'
    """,
    """
    INSERT INTO operations (key, command, request, user_id, result)
    SELECT name || '-charge', 'charge', 'benchmark', id,
           jsonb_build_object(
               'user', id,
               'charged', jsonb_build_object('amount', %(balance)s, 'currency', %(currency)s::text),
               'balance', jsonb_build_object('amount', %(balance)s, 'currency', %(currency)s::text),
               'entry', (SELECT e.id FROM ledger_entries e WHERE e.user_id = users.id))
    FROM users WHERE name LIKE %(run)s || '-user-%%'
    """,
)


class Stage:
    """A hall of ``seats`` and ``users`` with money; performances of one concert in it."""

    def __init__(self, settings: Settings, *, seats: int, users: int) -> None:
        self.settings, self.seats = settings, seats
        self.run = uuid4().hex[:8]
        self.office = Office(settings)
        file = BytesIO()
        plans.write_plan(hall(f"Hall {self.run}", seats), file)
        file.seek(0)
        self.office.import_venue(file, key=f"{self.run}-hall")
        concert = self.office.create_concert(
            f"Concert {self.run}", f"Hall {self.run}", key=f"{self.run}-concert"
        )
        self.concert = concert.id
        self.users = self._crowd(users)
        self._performances = 0

    @classmethod
    def marked(cls, settings: Settings, *, seats: int, users: int) -> Self:
        """Set the stage in a database that is marked for `boxoffice bench`, too."""
        office = Office(settings)
        office.mark_for_load()
        office.close()
        return cls(settings, seats=seats, users=users)

    def _crowd(self, users: int) -> list[str]:
        """Write users who have charged once, and return their numbers."""
        given = {"run": self.run, "users": users, "balance": BALANCE, "currency": CURRENCY}
        with self.office.stores.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            for statement in CROWD:
                connection.exec_driver_sql(statement, given)
            rows = connection.exec_driver_sql(
                "SELECT id FROM users WHERE name LIKE %(run)s || '-user-%%' ORDER BY id", given
            )
            return [str(row.id) for row in rows]

    def performance(self) -> int:
        """Make one more performance, every seat free, and return its number."""
        self._performances += 1
        date = datetime(2099, 1, 1) + timedelta(hours=self._performances)  # noqa: DTZ001 - the venue's
        made = self.office.create_performance(
            str(self.concert), date, prices={"Any": PRICE}, key=f"{self.run}-{self._performances}"
        )
        return made.performance

    def seat(self, number: int) -> str:
        """Return the label of a seat by its place in the hall, from 0."""
        return f"{number // ROW_SEATS + 1}-{number % ROW_SEATS + 1}"

    def ask(self, statement: str, **given: object) -> list[Any]:
        """Return the rows of a statement."""
        with self.office.stores.database() as connection:
            return list(connection.exec_driver_sql(statement, given))

    def counted(self, *performances: int) -> dict[str, int]:
        """Count what came of performances: seats sold and held, payments, and money."""
        (row,) = self.ask(OUTCOMES, performances=list(performances))
        return dict(row._mapping)  # noqa: SLF001 - the public name of it in SQLAlchemy

    def violations(self) -> int:
        """Ask `verify`, and return how much it found to be wrong."""
        return len(self.office.verify())

    def close(self) -> None:
        """Close the connections."""
        self.office.close()


OUTCOMES = """
SELECT (SELECT count(*) FROM performance_seats
        WHERE performance_id = ANY(%(performances)s) AND status = 'sold') AS sold,
       (SELECT count(*) FROM performance_seats
        WHERE performance_id = ANY(%(performances)s) AND status = 'held') AS held,
       (SELECT count(*) FROM payments
        WHERE performance_id = ANY(%(performances)s) AND state = 'paid') AS paid,
       (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_entries
        WHERE performance_id = ANY(%(performances)s) AND type = 'use') AS taken
"""


def hall(name: str, seats: int) -> Plan:
    """Return the plan of a hall of one section, in rows of a hundred seats."""
    rows = -(-seats // ROW_SEATS)
    return Plan(
        name=name,
        time_zone="Asia/Seoul",
        focal=(ROW_SEATS / 2, -5.0),
        categories=("Any",),
        sections=("All",),
        rows=tuple(PlanRow(section=0, name=str(row + 1)) for row in range(rows)),
        seats=tuple(
            PlanSeat(
                label=f"{n // ROW_SEATS + 1}-{n % ROW_SEATS + 1}",
                section=0,
                row=n // ROW_SEATS,
                number=str(n % ROW_SEATS + 1),
                category=0,
                x=float(n % ROW_SEATS),
                y=float(n // ROW_SEATS),
            )
            for n in range(seats)
        ),
    )
