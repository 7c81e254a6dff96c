"""The schema's version: which one this code needs, which one a database has, how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import ProgrammingError

from boxoffice.core.errors import SchemaOutdated

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The newest file in migrations/versions; a test keeps the two equal, so that no command has
# to import Alembic to know it.
REVISION = "0010"
UNDEFINED_TABLE = "42P01"


def revision_of(connection: Connection) -> str | None:
    """Return the schema version of a database, or None where it has no schema at all."""
    try:
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != UNDEFINED_TABLE:
            raise
        return None


def require_current(found: str | None) -> None:
    """Raise SchemaOutdated unless a database's version is exactly the one this code needs."""
    if found is None:
        raise SchemaOutdated("the database has no box office in it yet")
    if found > REVISION:
        raise SchemaOutdated(
            "the database has schema {found}, newer than this version's {needed}",
            hint="upgrade boxoffice",
            found=found,
            needed=REVISION,
        )
    if found < REVISION:
        raise SchemaOutdated(
            "the database has schema {found}, this version needs {needed}",
            found=found,
            needed=REVISION,
        )


def migrate(connection: Connection) -> str:
    """Bring a database up to REVISION and return that; a second migrator waits for the first."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option(
        "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
    )
    connection.execution_options(isolation_level="READ COMMITTED")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
    return REVISION
