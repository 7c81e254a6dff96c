"""PgBouncer in transaction mode before the database of a test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from boxoffice.core.database import SESSION
from tests.portability.daemons import Daemons, require_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Box

PORT = 6432  # the name of the socket; nobody listens on the network
SERVER_CONNECTIONS = 8
CONFIG = """\
[databases]
* = host={sockets} user=boxoffice

[pgbouncer]
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 500
ignore_startup_parameters = {ignored}
"""


def keep_limits_in_database(box: Box) -> None:
    """Set in the database what a pooler does not pass on, as docs/operations.md says."""
    name = make_url(box.settings.database_url).database
    for setting, value in SESSION.items():
        box.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")


def start_pooler(
    daemons: Daemons,
    box: Box,
    *,
    connections: int = SERVER_CONNECTIONS,
    ignored: str = "options",
) -> Box:
    """Start PgBouncer before the database of a box, and return the box behind it."""
    program = require_program("pgbouncer", "pgbouncer")
    url = make_url(box.settings.database_url)
    config = CONFIG.format(
        sockets=url.query["host"],
        port=PORT,
        folder=daemons.folder,
        connections=connections,
        ignored=ignored,
    )
    socket: Path = daemons.folder / f".s.PGSQL.{PORT}"
    daemons.start("pgbouncer", [program, daemons.write("pgbouncer.ini", config)], socket.exists)
    pooled = url.set(query={"host": str(daemons.folder), "port": str(PORT)})
    address = pooled.render_as_string(hide_password=False)
    return replace(
        box,
        environment=box.environment | {"BOXOFFICE_DATABASE_URL": address},
        settings=replace(box.settings, database_url=address),
    )
