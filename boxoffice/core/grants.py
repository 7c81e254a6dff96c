"""The database roles and their rights, and Redis's: printed for who reads first, or applied."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core import errors

if TYPE_CHECKING:
    from sqlalchemy import Connection

SCRIPT = Path(__file__).parent / "sql" / "roles" / "grants.sql"
NOT_PRIVILEGED = "42501"


def script() -> str:
    """Return the SQL that makes the roles and gives them their rights."""
    return SCRIPT.read_text(encoding="utf-8")


def apply(connection: Connection) -> None:
    """Make the roles and give them their rights, in the transaction of `connection`.

    Again, it changes nothing. Raises Forbidden for a role of the database that may not.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        connection.execution_options(no_parameters=True).exec_driver_sql(script())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != NOT_PRIVILEGED:
            raise
        raise errors.Forbidden(
            "this role of the database may not make roles",
            hint="BOXOFFICE_DATABASE_URL must name a superuser of Postgres for this once",
        ) from None
