"""The mark of a database in which load may be made: its identity begins with a word.

The identity is what every queue and token is bound to, and nobody changes it. It is given once,
before anything was sold, so no shop gets the mark by mistake, and what is marked stays so.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from boxoffice.core.errors import AlreadyInUse, NotMarked
from boxoffice.core.queue.memory import IDENTITY_BYTES, STUB_KEY_BYTES, database_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

MARK = "bench-"


def is_marked(connection: Connection) -> bool:
    """Tell whether a database is marked for load tests."""
    return (database_of(connection) or "").startswith(MARK)


def require_mark(connection: Connection) -> None:
    """Raise NotMarked for a database that may be a shop's."""
    if not is_marked(connection):
        raise NotMarked


def give_mark(connection: Connection) -> bool:
    """Mark a database; say whether it was marked just now. Raises AlreadyInUse."""
    from boxoffice.core.database import statement

    made = {
        "database": MARK + secrets.token_hex(IDENTITY_BYTES),
        "stub_key": secrets.token_hex(STUB_KEY_BYTES),
    }
    given = connection.exec_driver_sql(statement("load/mark"), made).scalar() is not None
    if not given and not is_marked(connection):
        raise AlreadyInUse
    return given
