"""What the same servers can do without us: pgbench running the project's own statements."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from boxoffice.core import embedded
from boxoffice.core.database import SESSION, statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boxoffice.core.config import Settings

THREADS = 2
# pgbench takes any colon for a variable, even in a literal.
CAST = re.compile(r"::")
PARAMETER = re.compile(r"%\((\w+)\)s")
TPS = re.compile(r"tps = ([\d.]+)")


def sql(name: str, values: Mapping[str, str]) -> str:
    """Return core/sql/NAME.sql as a line of a pgbench script, its parameters filled in."""
    text = re.sub(r"--.*", "", statement(name))
    return PARAMETER.sub(lambda match: values[match[1]], text) + ";\n"


def pgbench(
    settings: Settings,
    script: str,
    *,
    clients: int,
    transactions: int | None = None,
    seconds: int | None = None,
    variables: Mapping[str, object] | None = None,
) -> float:
    """Run a script by prepared statements from so many clients; return transactions a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        words = [binary(settings, "pgbench"), "-n", "-M", "prepared", "-c", str(clients)]
        words += ["-j", str(min(clients, THREADS)), "-f", file.name]
        words += ["-t", str(transactions)] if transactions else ["-T", str(seconds)]
        for name, value in (variables or {}).items():
            words += ["-D", f"{name}={value}"]
        session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        ran = subprocess.run(
            [*words, conninfo(settings)],
            env=os.environ | {"PGOPTIONS": session},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return float(TPS.search(ran.stdout)[1])


def conninfo(settings: Settings) -> str:
    """Return the address of the database as libpq takes it."""
    return address(settings).replace("postgresql+psycopg://", "postgresql://")


def address(settings: Settings) -> str:
    """Return the address of the database, given or embedded."""
    return settings.database_url or embedded.start(settings).database_url


def connect(settings: Settings) -> psycopg.Connection:
    """Open a bare connection, in autocommit, that prepares and is set as the project's are."""
    threshold = settings.prepare_threshold or None
    connection = psycopg.connect(conninfo(settings), autocommit=True, prepare_threshold=threshold)
    for name, value in SESSION.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
    return connection


def binary(settings: Settings, name: str) -> Path | str:
    """Return a program of Postgres: the one beside the embedded server, or that of the PATH."""
    if settings.database_url:
        return name
    return Path(embedded.status(settings).postgres.binary).with_name(name)
