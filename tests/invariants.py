"""What must hold in the database at any moment: what `verify` asks, as an assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from boxoffice.core import verify
from tests.conftest import plain

if TYPE_CHECKING:
    from psycopg import Connection

    from tests.conftest import Box


def violations(connection: Connection) -> list[str]:
    """Ask every check inside the transaction of a connection; each violation is a line."""
    return [
        f"{found.check}: {found.keys}: {found.detail}"
        for found in verify.find_violations(connection)
    ]


def assert_consistent(box: Box) -> None:
    """Fail with every violation there is."""
    with psycopg.connect(plain(box.settings.database_url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        found = violations(connection)
    assert not found, "\n".join(found)
