"""Real servers for every test: one embedded pair a test process, a fresh database a test."""

from __future__ import annotations

import io
import itertools
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from boxoffice.core import embedded, examples, plans
from boxoffice.core.config import Settings, load
from boxoffice.core.model import Caller, Plan, PlanRow, PlanSeat
from boxoffice.core.office import Office
from boxoffice.core.stores import Stores

COMMAND_SECONDS = 60
DATABASES = itertools.count(1)
TEMPLATE = "boxoffice_template"
MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 4 * 2**30


@dataclass(frozen=True)
class Servers:
    """The embedded pair of this test process."""

    database_url: str
    redis_url: str

    def named(self, database: str) -> str:
        return self.database_url.replace("/boxoffice?", f"/{database}?")

    def execute(self, statement: str) -> None:
        with psycopg.connect(plain(self.database_url), autocommit=True) as connection:
            connection.execute(statement)


ROOMY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN
if ROOMY:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # where `tmp_path` is made


def folder_of_servers(prefix: str) -> Path:
    """Make a folder for servers: in memory where there is room, for there fsync costs nothing."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if ROOMY else None))
    folder.chmod(0o755)
    return folder


def plain(url: str) -> str:
    """Turn SQLAlchemy's address into one that libpq reads."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture(scope="session")
def servers():
    home = folder_of_servers("boxoffice-tests-")
    settings = load({"BOXOFFICE_HOME": str(home)})
    started = embedded.start(settings)
    pair = Servers(database_url=started.database_url, redis_url=started.redis_url)
    stores = Stores(settings, connections=1)
    stores.migrate()
    stores.close()
    pair.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE boxoffice")
    yield pair
    embedded.stop(settings)
    shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True)
class Box:
    """A box office of a test: its environment, its servers, and eyes on its database."""

    environment: dict[str, str]
    settings: Settings
    home: Path
    opened: list[Office] = field(default_factory=list)

    def office(self, connections: int = 1, **changes) -> Office:
        """Open an office with these settings changed."""
        office = Office(replace(self.settings, **changes), connections=connections)
        self.opened.append(office)
        return office

    def rows(self, statement: str, *parameters) -> list[tuple]:
        with psycopg.connect(plain(self.settings.database_url), autocommit=True) as connection:
            return connection.execute(statement, parameters or None).fetchall()

    def one(self, statement: str, *parameters):
        """Return the one value of a question to the database."""
        ((value,),) = self.rows(statement, *parameters)
        return value

    def execute(self, statement: str, *parameters) -> None:
        with psycopg.connect(plain(self.settings.database_url), autocommit=True) as connection:
            connection.execute(statement, parameters or None)

    def run(self, *arguments: str, stdin: str | bytes = "", **environment: str) -> Ran:
        """Run one command as a real process, without a terminal."""
        ran = subprocess.run(
            [sys.executable, "-m", "boxoffice", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            env=self.environment | environment,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def error(self):
        """The error as `--json` tells it: the last line of stderr."""
        return json.loads(self.err.splitlines()[-1])["error"]


def make_box(servers: Servers, name: str, home: Path) -> Box:
    """Describe the box office of a database, with an empty Redis, run by an admin."""
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "BOXOFFICE_HOME": str(home),
        "BOXOFFICE_DATABASE_URL": servers.named(name),
        "BOXOFFICE_REDIS_URL": servers.redis_url,
        "BOXOFFICE_ROLE": "admin",
    }
    made = Box(environment=environment, settings=load(environment), home=home)
    stores = Stores(made.settings, connections=1)
    with stores.redis() as redis:
        redis.flushall()
    stores.close()
    return made


@pytest.fixture
def box(servers, tmp_path, request):
    """A box office with an empty database (unless a `world` is asked for) and an empty Redis."""
    used = "world" in request.fixturenames
    template = request.getfixturevalue("built").database if used else TEMPLATE
    name = f"t{os.getpid()}_{next(DATABASES)}"
    servers.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    made = make_box(servers, name, tmp_path)
    yield made
    for office in made.opened:
        office.close()
    servers.execute(f"DROP DATABASE {name} WITH (FORCE)")


def key() -> str:
    """Return a new operation key."""
    return secrets.token_hex(16)


def staff(user: str) -> Caller:
    """Somebody, served at the counter."""
    return Caller(staff=True, user=user)


PRICE = 50_000
SHOW = datetime(2099, 12, 24, 19, 30)  # noqa: DTZ001 - the venue's zone is added by the core


def small_plan(name: str = "Room", rows: int = 5, seats: int = 10) -> Plan:
    """A room of rows A, B, ... of equally many seats and one category."""
    letters = [chr(ord("A") + row) for row in range(rows)]
    return Plan(
        name=name,
        time_zone="Asia/Seoul",
        focal=(seats / 2, -2.0),
        categories=("Standard",),
        sections=("Floor",),
        rows=tuple(PlanRow(section=0, name=letter) for letter in letters),
        seats=tuple(
            PlanSeat(
                label=f"{letter}-{number}",
                section=0,
                row=row,
                number=str(number),
                category=0,
                x=float(number),
                y=float(row),
            )
            for row, letter in enumerate(letters)
            for number in range(1, seats + 1)
        ),
    )


def import_plan(office: Office, plan: Plan, **options):
    """Import a plan through its file format, as a user would."""
    file = io.BytesIO()
    plans.write_plan(plan, file)
    file.seek(0)
    return office.import_venue(file, key=key(), **options)


@dataclass(frozen=True)
class World:
    """A concert with one performance of 50 seats (A-1 ... E-10), and users with no money."""

    box: Box
    office: Office
    concert: int
    performance: int
    users: tuple[int, ...]

    def balances(self) -> int:
        return self.box.one("SELECT coalesce(sum(balance), 0)::bigint FROM accounts")

    def seats(self, status: str) -> int:
        return self.box.one("SELECT count(*) FROM performance_seats WHERE status = %s", status)


def make_world(box: Box, *, rows: int = 5, seats: int = 10, users: int = 3) -> World:
    """Build a world in a box."""
    office = box.office()
    import_plan(office, small_plan(rows=rows, seats=seats))
    concert = office.create_concert("Concert", "Room", key=key()).id
    performance = office.create_performance(
        str(concert), SHOW, prices={"Standard": PRICE}, key=key()
    ).performance
    names = [f"user{number}" for number in range(1, users + 1)]
    return World(
        box=box,
        office=office,
        concert=concert,
        performance=performance,
        users=tuple(office.add_user(name, key=key()).user for name in names),
    )


@dataclass(frozen=True)
class Built:
    """The world that every `world` is a copy of."""

    database: str
    concert: int
    performance: int
    users: tuple[int, ...]


@pytest.fixture(scope="session")
def built(servers, tmp_path_factory):
    """Build one world a test process, by the commands that build any."""
    name = "world_template"
    servers.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    made = make_world(make_box(servers, name, tmp_path_factory.mktemp("world")))
    made.office.close()
    return Built(
        database=name, concert=made.concert, performance=made.performance, users=made.users
    )


@pytest.fixture
def world(box, built):
    return World(
        box=box,
        office=box.office(),
        concert=built.concert,
        performance=built.performance,
        users=built.users,
    )


@pytest.fixture(scope="session")
def theatre() -> Plan:
    return examples.EXAMPLES["theatre"]()
