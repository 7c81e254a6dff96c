"""A pair of servers for these tests alone: they are stopped, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from boxoffice.core import embedded
from boxoffice.core.config import Settings, load
from boxoffice.core.stores import Stores
from tests.conftest import DATABASES, Box, Servers, World, folder_of_servers, make_world
from tests.waiting import wait_until


@dataclass(frozen=True)
class Pair:
    """Servers that are known to the counter by URLs, so that it starts none by itself."""

    settings: Settings
    servers: Servers

    def lose_redis(self) -> None:
        _kill(embedded.status(self.settings).valkey.pid, signal.SIGKILL)

    def stop_postgres(self) -> None:
        """Stop Postgres in order, connections and all."""
        _kill(embedded.status(self.settings).postgres.pid, signal.SIGINT)

    def lose_postgres(self) -> None:
        """Kill Postgres with everything that runs in it."""
        _kill(embedded.status(self.settings).postgres.pid, signal.SIGKILL)

    def start(self) -> None:
        """Start what is missing, and wait until it has recovered."""
        embedded.start(self.settings)
        wait_until(self._answers, "Postgres answers")

    def _answers(self) -> bool:
        try:
            self.servers.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _kill(process: int, number: int) -> None:
    os.kill(process, number)
    wait_until(lambda: not _is_there(process), f"{process} has ended")


def _is_there(process: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture(scope="module")
def own_servers():
    home = folder_of_servers("boxoffice-live-")
    settings = load({"BOXOFFICE_HOME": str(home)})
    started = embedded.start(settings)
    stores = Stores(settings, connections=1)
    stores.migrate()
    stores.close()
    pair = Servers(database_url=started.database_url, redis_url=started.redis_url)
    pair.execute("CREATE DATABASE template TEMPLATE boxoffice")
    yield Pair(settings, pair)
    embedded.reset(settings)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def pair(own_servers) -> Pair:
    """The servers, both of them running."""
    own_servers.start()
    return own_servers


@pytest.fixture
def sale(pair, tmp_path) -> World:
    """A small sale on these servers."""
    name = f"live{next(DATABASES)}"
    pair.servers.execute(f"CREATE DATABASE {name} TEMPLATE template STRATEGY file_copy")
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "BOXOFFICE_HOME": str(tmp_path),
        "BOXOFFICE_DATABASE_URL": pair.servers.named(name),
        "BOXOFFICE_REDIS_URL": pair.servers.redis_url,
        "BOXOFFICE_ROLE": "admin",
    }
    box = Box(environment=environment, settings=load(environment), home=tmp_path)
    yield make_world(box)
    for office in box.opened:
        office.close()
