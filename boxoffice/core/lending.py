"""Connections to Postgres lent to whoever works, and what their errors mean.

SQLAlchemy's pool keeps them, and makes a `Connection` anew for each who asks: a sixth of all the
work a sale is for its client. So what comes back clean is lent again as it is, for a moment.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from boxoffice.core import errors
from boxoffice.core.database import POOL_WAIT_SECONDS, translate, was_cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Transaction

# So long is it lent without the pool, which replaces connections that are too old.
KEPT_SECONDS = 1.0


class Lender:
    """Lends an office's connections, never more at once than the pool of its engine has."""

    def __init__(self, engine: Engine, connections: int) -> None:
        self._engine = engine
        self._closed = False
        self._broken_at = 0.0  # what ended one may have ended all that were made before
        # Made in C: what interrupts it cannot leave it locked, as it can a Semaphore.
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(connections):
            self._free.put(None)
        # Each with the moment when it came from the pool; appended and popped at the end by any
        # thread. Never more than `_free` counts, so whoever may take one never waits for it.
        self._kept: list[tuple[float, Connection]] = []

    @contextmanager
    def lend(self, *, changing: bool = False) -> Iterator[Connection]:
        """Lend a connection that commits each statement, and say what its errors mean.

        Raises DatabaseUnavailable, also where all stay lent for POOL_WAIT_SECONDS;
        OutcomeUnknown when it was `changing` something and the connection broke.
        """
        try:
            self._free.get(timeout=POOL_WAIT_SECONDS)
        except Empty:
            raise errors.DatabaseUnavailable("every database connection is busy") from None
        try:
            since, connection = self._take()
            try:
                yield connection
            except (DBAPIError, UnicodeEncodeError) as error:
                raise _told(error, changing=changing) from None
            finally:
                self._give_back(since, connection)
        finally:
            self._free.put(None)

    def close(self) -> None:
        """Close what is not lent; what still is will not be kept."""
        self._closed = True
        self._drop()
        self._engine.dispose()

    def _take(self) -> tuple[float, Connection]:
        with suppress(IndexError):
            while True:
                since, connection = self._kept.pop()
                if since <= self._broken_at:
                    connection.invalidate()
                elif monotonic() < since + KEPT_SECONDS:
                    return since, connection
                connection.close()
        return monotonic(), _connect(self._engine)

    def _give_back(self, since: float, connection: Connection) -> None:
        if connection.invalidated:
            self._broken_at = monotonic()
        if self._closed:
            connection.invalidate()
        if _is_as_made(connection):
            self._kept.append((since, connection))
        else:
            connection.close()
        if self._closed:  # meanwhile, by another thread
            self._drop()

    def _drop(self) -> None:
        with suppress(IndexError):
            while True:
                _, connection = self._kept.pop()
                connection.invalidate()
                connection.close()


def commit(transaction: Transaction) -> None:
    """Commit; raises OutcomeUnknown where the connection breaks, for then nobody knows."""
    try:
        transaction.commit()
    except DBAPIError as error:
        if was_cut(error):
            raise errors.OutcomeUnknown from None
        raise


def _told(error: Exception, *, changing: bool) -> Exception:
    """Return what an error means to a person, or itself where it is a bug."""
    if not isinstance(error, DBAPIError):
        from boxoffice.core.text import not_text

        return not_text()
    if changing and was_cut(error):
        return errors.OutcomeUnknown()
    return translate(error) or error


def _is_as_made(connection: Connection) -> bool:
    """Tell whether it has no options and nothing begun; end it where something still is."""
    from psycopg.pq import TransactionStatus

    if connection.closed or connection.invalidated:
        return False
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status != TransactionStatus.IDLE:
        connection.invalidate()
        return False
    connection.rollback()  # what SQLAlchemy alone takes for begun, at each execution
    return not connection.get_execution_options()


def _connect(engine: Engine) -> Connection:
    """Connect, where a failure means that nothing was sent yet, so nothing is unknown."""
    try:
        return engine.connect()
    except PoolTimeout:  # whoever was interrupted with one has not let go of it yet
        raise errors.DatabaseUnavailable("every database connection is busy") from None
    except DBAPIError as error:
        from boxoffice.core import transport

        failed = transport.database_away(error.orig)
        raise failed or translate(error) or errors.DatabaseUnavailable() from None
