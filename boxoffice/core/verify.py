"""Whether all that must hold does hold: one question a rule, one row of its answer a violation.

The questions are core/sql/verify/*.sql, each named as its check. They are asked in one snapshot
and take no lock, so they may be asked in the middle of a sale. The columns of a row are the keys
of what is wrong, the last one says what is there.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxoffice.core.config import RESULTS_KEPT_DAYS
from boxoffice.core.database import of_driver, statement
from boxoffice.core.model import Correction, Violation
from boxoffice.core.references import reservation_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection as Driver
    from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "sql" / "verify"
# So long after its end a hold may stay where a sweep runs, and an event wait where a relay does.
# Keys, and later events, are deleted when they are old; what is as old is asked for neither.
PARAMETERS = {"sweep_seconds": 60.0, "relay_seconds": 300.0, "kept_days": RESULTS_KEPT_DAYS}
STATEMENT_SECONDS = 120
VIOLATIONS_MAX = 1_000  # of one check: whoever has more has them all from the same cause
# Whole tables are read, so the plan is made for them as they are, with room to sort and hash.
SESSION = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{STATEMENT_SECONDS}s",
    "plan_cache_mode": "force_custom_plan",
    "work_mem": "64MB",
    "parallel_tuple_cost": "0",  # a plan expects many violations, and workers to hand them over
}
# The audit's own question, in the words of a check.
AUDIT_CHAIN = "SELECT number AS link, audit_id AS entry, fault AS detail FROM ({question}) chain"


@cache
def checks() -> dict[str, str]:
    """Return the question of every check by its name, in a fixed order."""
    found = {p.stem: statement(f"verify/{p.stem}") for p in sorted(FOLDER.glob("*.sql"))}
    return found | {"audit_chain": AUDIT_CHAIN.format(question=statement("audit_chain"))}


@contextmanager
def snapshot(connection: Connection) -> Iterator[Driver]:
    """Lend the driver of a connection inside one snapshot, which can change nothing.

    Raises DBAPIError for what the driver raises, so that it is said what it means.
    """
    import psycopg

    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with connection.begin():
        connection.exec_driver_sql("SELECT")  # begins: SQLAlchemy leaves it to the driver
        driver: Any = connection.connection.driver_connection
        driver.statement_seconds = STATEMENT_SECONDS
        try:
            yield driver
        except psycopg.Error as error:
            raise of_driver(connection, error) from None


def find_violations(driver: Driver) -> list[Violation]:
    """Ask every question inside the transaction of `driver`, which should be one snapshot."""
    for name, value in SESSION.items():
        driver.execute("SELECT set_config(%s, %s, true)", (name, value))
    found = [(name, row) for name, question in checks().items() for row in _ask(driver, question)]
    labels = _labels(driver, [row for _, row in found])
    return [_violation(name, row, labels) for name, row in found]


def find_corrections(driver: Driver) -> list[Correction]:
    """Return, for each balance that is not its ledger's sum, the entry between the two."""
    rows = driver.execute(statement("corrections").encode()).fetchall()
    return [
        Correction(
            user=user,
            currency=currency,
            balance=balance,
            ledger=ledger,
            entry=balance - ledger,
            against="house:corrections",
        )
        for user, currency, balance, ledger in rows
    ]


def _ask(driver: Driver, question: str) -> list[dict[str, Any]]:
    """Ask for at most VIOLATIONS_MAX rows, by a plan that is made for all of them."""
    cut = f"WITH found AS MATERIALIZED ({question}) TABLE found LIMIT {VIOLATIONS_MAX}"
    cursor = driver.execute(cut.encode(), PARAMETERS)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _labels(driver: Driver, rows: list[dict[str, Any]]) -> dict[tuple[int, int], str]:
    """Read the labels of the seats that are told about."""
    seats = {(row["performance"], row["seat_no"]) for row in rows if "seat_no" in row}
    if not seats:
        return {}
    performances, numbers = zip(*seats, strict=True)
    parameters = {"performances": list(performances), "seats": list(numbers)}
    answer = driver.execute(statement("seat_labels").encode(), parameters)
    return {(performance, number): label for performance, number, label in answer}


def _violation(check: str, row: dict[str, Any], labels: dict[tuple[int, int], str]) -> Violation:
    """Name what is wrong as everybody names it: a reservation by reference, a seat by label."""
    detail = row.pop("detail")
    keys = {name: value for name, value in row.items() if value is not None}
    if "seat_no" in keys:
        number = keys.pop("seat_no")
        keys["seat"] = labels.get((row["performance"], number), f"seat {number}")
    if "reservation" in keys:
        keys["reservation"] = reservation_reference(row["performance"], keys["reservation"])
    return Violation(check=check, keys=keys, detail=detail)
