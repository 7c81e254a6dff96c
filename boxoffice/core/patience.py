"""A connection to Postgres that does not wait for ever.

The server ends every statement within its own limits and says so; where it says nothing for
longer, it is frozen, or the wire is open at one end only. Then the connection is given up, and
whatever was sent has an unknown outcome.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from psycopg.abc import PQGen

T = TypeVar("T")

# Beyond the server's own limit: for the way there and back, and a commit that waits for a standby.
SILENCE_SECONDS = 10.0
STATEMENT_SECONDS = 5.0

# What is wrong is told by errors: a warning beside them would stand in the words for people.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class PatientConnection(psycopg.Connection[Any]):
    """Waits for an answer as long as a statement may take in the server, and some seconds more."""

    statement_seconds = STATEMENT_SECONDS

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the server; raises OperationalError, and closes, when it says nothing."""
        limit = self.statement_seconds + SILENCE_SECONDS if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError("no answer came") from None
