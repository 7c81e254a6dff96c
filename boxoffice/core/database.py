"""The connection to Postgres: how it is made, and what its refusals mean."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from boxoffice.core import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from boxoffice.core.config import Settings

CONNECT_SECONDS = 5
POOL_WAIT_SECONDS = 5
# A plan lives as long as its connection; made for tables of a page, it is slow for large ones.
PLAN_SECONDS_MAX = 60
# An option of a connection whose transaction will be rolled back.
REHEARSED = "rehearsed"
# Sent with the connection, so that no statement depends on what a former one set.
# A generic plan: the array of seat numbers would otherwise be planned anew on every call.
SESSION = {
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "5s",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "timezone": "UTC",
}

# What is said in quotes stays as it is; elsewhere no space is needed around these.
LITERAL, SPACED = re.compile(r"('[^']*')"), re.compile(r" ?([(),=]) ?")

# A pooler drops what is sent with the connection: then these are for the database to set.
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
GREETING = f"SELECT pg_backend_pid(), {', '.join(f'current_setting({name!r})' for name in LIMITS)}"

CONSTRAINTS: dict[str, type[errors.BoxOfficeError]] = {
    "accounts_balance_not_negative": errors.InsufficientBalance,
    "accounts_user_fkey": errors.UserNotFound,
    "accounts_walk_in_is_empty": errors.WalkInHasNoBalance,
    "audit_is_of_staff": errors.Forbidden,
    "reservations_user_fkey": errors.UserNotFound,
    "reservations_has_seats": errors.SeatTaken,
    "users_name_key": errors.NameTaken,
    "venues_name_key": errors.NameTaken,
    "concerts_name_key": errors.NameTaken,
    "performances_date_key": errors.DateTaken,
    "performances_sale_window": errors.SaleWindowInvalid,
}
LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
BUSY = {QUERY_CANCELED, LOCK_NOT_AVAILABLE, "40P01", "40001", "53200", "53300"}
SCHEMA = {"42P01", "42703", "3F000"}
LOST = {"57P01", "57P02", "57P03", "57P04", "57P05", "25P03"}


def make_engine(settings: Settings, url: str, connections: int) -> Engine:
    """Make an engine whose connections commit each statement unless a transaction is begun.

    Raises InputInvalid for a URL that names no Postgres.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise errors.InputInvalid("the database URL is not a URL") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise errors.InputInvalid("the database URL must begin with postgresql://")
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=PLAN_SECONDS_MAX,
        pool_reset_on_return=None,  # an autocommitted statement leaves nothing to reset
        hide_parameters=True,
        use_native_hstore=False,  # saves a question at every connect
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "boxoffice",
            "prepare_threshold": settings.prepare_threshold or None,
            "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
        },
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkin", _forget_allowance)
    if not settings.embedded:
        event.listen(engine, "connect", _heed_pooler)
    return engine


def _connect(_dialect: object, _record: object, given: list[str], options: dict[str, Any]) -> Any:  # noqa: ANN401 - psycopg's connection
    from boxoffice.core.patience import PatientConnection

    return PatientConnection.connect(*given, **options)


def allow(connection: Connection, seconds: int) -> None:
    """Let each statement of this transaction take so many seconds, in the server and here."""
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{seconds}s'")
    driver: Any = connection.connection.driver_connection
    driver.statement_seconds = float(seconds)  # until it goes back to the pool


def _forget_allowance(driver: Any, _record: object) -> None:  # noqa: ANN401 - psycopg's connection
    """Wait for whatever comes next no longer than for anything, as the server does."""
    from boxoffice.core.patience import STATEMENT_SECONDS

    if driver is not None:  # it is None where the connection was lost
        driver.statement_seconds = STATEMENT_SECONDS


def _heed_pooler(driver: Any, _record: object) -> None:  # noqa: ANN401 - psycopg's connection
    """Prepare nothing where another server answers than the one that was greeted.

    Its next transaction may be another server's, where the name of what was prepared means
    another client's statement. Raises DatabaseUnavailable where the limits did not arrive.
    """
    pid, *limits = driver.execute(GREETING).fetchone()
    if pid != driver.info.backend_pid:
        driver.prepare_threshold = None
    for name, limit in zip(LIMITS, limits, strict=True):
        if limit == "0":
            raise errors.DatabaseUnavailable(
                "a pooler keeps {name} from the database",
                hint="set it to {limit} for the role or the database; see docs/operations.md",
                name=name,
                limit=SESSION[name],
            )


@cache
def statement(name: str) -> str:
    """Return core/sql/NAME.sql without its comments, line breaks and needless spaces.

    psycopg remembers how a statement translates only up to 4,096 characters; a longer one
    would be parsed anew on every call.
    """
    return compact((Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8"))


def compact(text: str) -> str:
    """Return SQL without its comments, line breaks and needless spaces."""
    parts = LITERAL.split(" ".join(re.sub(r"--.*", "", text).split()))
    return "".join(part if LITERAL.match(part) else SPACED.sub(r"\1", part) for part in parts)


def decide(
    connection: Connection, name: str, parameters: Mapping[str, Any]
) -> tuple[Any, ...] | None:
    """Run a statement that decides a race, core/sql/NAME.sql, and return its one row, if any.

    It goes to the driver itself: SQLAlchemy's bookkeeping of an execution costs a client as
    much as psycopg's whole work. Raises DBAPIError as SQLAlchemy would.
    """
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        row: tuple[Any, ...] | None = driver.execute(statement(name), parameters).fetchone()
    except psycopg.Error as error:
        raise of_driver(connection, error) from None
    return row


def decide_all(
    connection: Connection, name: str, many: Sequence[Mapping[str, Any]]
) -> list[tuple[Any, ...] | None]:
    """Run core/sql/NAME.sql once for each parameters, all in one way to the server.

    To be called in a transaction, which is lost where one of them fails. Returns a row for each,
    or None. Raises DBAPIError.
    """
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor:
            cursor.executemany(statement(name), many, returning=True)
            return [each.fetchone() for each in cursor.results()]
    except psycopg.Error as error:
        raise of_driver(connection, error) from None


def of_driver(connection: Connection, error: Exception) -> DBAPIError:
    """Return an error of the driver as SQLAlchemy would, and give a lost connection up."""
    import psycopg

    told = DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True)
    assert isinstance(told, DBAPIError)
    if was_cut(told):
        with suppress(DBAPIError):  # SQLAlchemy sees it, too, and distrusts its whole pool
            connection.exec_driver_sql("SELECT")
        connection.invalidate()
    return told


def constraint_of(error: DBAPIError) -> str | None:
    """Return the name of the constraint that refused, if one did."""
    diagnosis: Any = getattr(error.orig, "diag", None)
    return diagnosis.constraint_name if diagnosis else None


def met_a_lock(error: DBAPIError) -> bool:
    """Tell whether NOWAIT met a locked row; a lock that was waited for in vain is another thing."""
    diagnosis: Any = getattr(error.orig, "diag", None)
    return bool(
        diagnosis
        and diagnosis.sqlstate == LOCK_NOT_AVAILABLE
        and diagnosis.source_function != "ProcessInterrupts"
    )


def waited_in_vain(error: DBAPIError) -> bool:
    """Tell whether a lock was waited for until a timeout ended that."""
    return getattr(error.orig, "sqlstate", None) in (LOCK_NOT_AVAILABLE, QUERY_CANCELED)


def lost_a_seat(error: DBAPIError) -> bool:
    """Tell whether others were faster at a seat, in this very moment: a new look will tell.

    The ticket of a hold that has just ended may be younger than this statement's look at it.
    """
    return met_a_lock(error) or constraint_of(error) in (
        "reservations_has_seats",
        "reservation_seats_one_live",
    )


def was_cut(error: DBAPIError) -> bool:
    """Tell whether the connection was lost, so that nobody knows how the statement ended."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return type(error.orig).__name__ in ("OperationalError", "InterfaceError")
    return bool(state.startswith("08")) or state in LOST


def translate(error: DBAPIError) -> errors.BoxOfficeError | None:
    """Return what a database error means to a person, or None for a bug.

    The database's own words stay inside: they carry keys and rows of other people.
    """
    refused = CONSTRAINTS.get(constraint_of(error) or "")
    if refused:
        return refused()
    state = getattr(error.orig, "sqlstate", None)
    if was_cut(error):
        return errors.DatabaseUnavailable()
    if state in BUSY:
        return errors.DatabaseUnavailable("the database is too busy", hint="try again")
    if state in SCHEMA:
        return errors.SchemaOutdated("the database has another schema than this version needs")
    return _less_common(error, state)


def _less_common(error: DBAPIError, state: str | None) -> errors.BoxOfficeError | None:
    if state == "42501":
        return errors.Forbidden("the database role does not allow it")
    if state == "25006":
        return errors.DatabaseUnavailable("the database is read-only now", hint="try again")
    if state == "53100":
        return errors.DatabaseUnavailable("the database's disk is full", hint="make room")
    if state == "22003":
        return errors.AmountInvalid()
    if state in ("22021", "22P05") or (state is None and type(error.orig).__name__ == "DataError"):
        return errors.InputInvalid("the text has characters that cannot be stored")
    return None
