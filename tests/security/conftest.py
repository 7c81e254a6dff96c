"""Servers of one's own: a Postgres whose roles have passwords, and certificates of an authority."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from boxoffice.core import grants
from boxoffice.core.config import load
from boxoffice.core.embedded.binaries import find_postgres
from boxoffice.core.office import Office
from tests.portability.daemons import Daemons
from tests.security.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boxoffice.core.config import Settings

ROLES = ("app", "clerk", "admin", "reader", "migrator")
OWNER = "postgres"
DATABASES = itertools.count(1)
CONFIG = """\
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 100
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
jit = off
"""
ACCESS = "local all postgres trust\nlocal all all scram-sha-256\n"


@dataclass(frozen=True)
class Guarded:
    """A Postgres that asks everybody but its superuser for a password."""

    folder: Path

    def url(self, database: str, role: str, password: str | None = None) -> str:
        login = role if password is None else f"{role}:{password}"
        return f"postgresql+psycopg://{login}@/{database}?host={self.folder}"

    def connect(self, database: str, role: str, password: str | None = None) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), dbname=database, user=role, password=password, autocommit=True
        )

    def execute(self, database: str, statement: str) -> None:
        with self.connect(database, OWNER) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def guarded() -> Iterator[Guarded]:
    daemons = Daemons()
    try:
        folder = daemons.make_folder("sockets")
        data = daemons.make_folder("data")
        bindir = find_postgres(embedded_settings(), daemons.user).path.parent
        daemons.run(bindir / "initdb", "-D", data, "-U", OWNER, "--auth=trust",
                    "--encoding=UTF8", "--locale=C", "-N")  # fmt: skip
        (data / "postgresql.conf").write_text(CONFIG.format(folder=folder))
        (data / "pg_hba.conf").write_text(ACCESS)
        server = Guarded(folder=folder)
        daemons.start("postgres", [bindir / "postgres", "-D", data], lambda: is_up(server))
        yield server
    finally:
        daemons.close()


def is_up(server: Guarded) -> bool:
    try:
        server.connect("postgres", OWNER).close()
    except psycopg.OperationalError:
        return False
    return True


def embedded_settings() -> Settings:
    return load({"BOXOFFICE_HOME": "/nonexistent"})


@dataclass(frozen=True)
class House:
    """A box office in the guarded Postgres, with its roles, and how each of them logs in."""

    server: Guarded
    database: str
    settings: Settings
    opened: list[Office]

    def office(self, login: str, **changes) -> Office:
        """Open an office that logs in as a role of the database."""
        office = Office(replace(self.settings, database_url=self.url(login), **changes))
        self.opened.append(office)
        return office

    def url(self, role: str) -> str:
        return self.server.url(self.database, f"boxoffice_{role}", role)

    def connect(self, role: str) -> psycopg.Connection:
        return self.server.connect(self.database, f"boxoffice_{role}", role)

    def rows(self, statement: str, *parameters) -> list[tuple]:
        with self.server.connect(self.database, OWNER) as connection:
            return connection.execute(statement, parameters or None).fetchall()


PATTERN = "pattern"


@pytest.fixture(scope="session")
def roles(guarded) -> Guarded:
    """The guarded Postgres with an empty box office, its roles, and a password for each."""
    guarded.execute("postgres", f"CREATE DATABASE {PATTERN}")
    office = Office(replace(embedded_settings(), database_url=guarded.url(PATTERN, OWNER),
                            redis_url="unix:///nonexistent", role="admin"))  # fmt: skip
    office.stores.migrate()
    office.apply_grants()
    office.close()
    for role in ROLES:
        guarded.execute(PATTERN, f"ALTER ROLE boxoffice_{role} PASSWORD '{role}'")
    return guarded


@pytest.fixture
def house(box, roles) -> Iterator[House]:
    """An empty box office whose roles were made by `store grants --apply`."""
    database = f"house{next(DATABASES)}"
    roles.execute("postgres", f"CREATE DATABASE {database} TEMPLATE {PATTERN} STRATEGY wal_log")
    roles.execute(database, grants.script())  # who may connect is not copied
    settings = replace(box.settings, database_url=roles.url(database, OWNER))
    made = House(server=roles, database=database, settings=settings, opened=[])
    yield made
    for office in made.opened:
        office.close()
    roles.execute("postgres", f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
