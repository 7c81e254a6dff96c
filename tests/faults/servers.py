"""A pair of servers of the campaign's own, to be killed, cut and started again."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from boxoffice.core import embedded
from boxoffice.core.config import load
from boxoffice.core.stores import Stores
from tests.conftest import Servers, folder_of_servers, plain

TEMPLATE = "boxoffice_template"
GONE_SECONDS = 10.0
LOOK_SECONDS = 0.01
KEPT_OF_LOG = 0.6
FILL_BYTES = 4096


class Pair:
    """An embedded Postgres and Valkey in a folder of their own."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or folder_of_servers("boxoffice-faults-")
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o755)
        self.ballast = self.home / "ballast"
        self.settings = load({"BOXOFFICE_HOME": str(self.home)})
        started = embedded.start(self.settings)
        self.servers = Servers(database_url=started.database_url, redis_url=started.redis_url)
        stores = Stores(self.settings, connections=1)
        stores.migrate()
        stores.close()
        self.servers.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE boxoffice")
        self._made = 0
        self._kept: dict[Path, int] = {}

    @property
    def socket(self) -> str:
        """The path of Postgres's socket."""
        folder = embedded.status(self.settings).socket_folder
        return f"{folder}/.s.PGSQL.5432"

    def new_database(self) -> str:
        """Make a database with the schema in it, and forget the queue of the one before."""
        self._made += 1
        name = f"campaign_{self._made}"
        self.servers.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        stores = Stores(self.settings, connections=1)
        with stores.redis() as redis:
            redis.flushall()
        stores.close()
        self._kept = {log: log.stat().st_size for log in self._logs()}
        return name

    def drop_database(self, name: str) -> None:
        self.servers.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def connect(self, name: str) -> psycopg.Connection:
        """Connect to a database beside all proxies."""
        return psycopg.connect(plain(self.servers.named(name)), autocommit=True)

    def kill_postgres(self) -> None:
        """Kill the postmaster; its children see that and go."""
        self._end(embedded.status(self.settings).postgres.pid, signal.SIGKILL)

    def stop_postgres_at_once(self) -> None:
        """Stop Postgres without a checkpoint: all sessions are cut, and it must recover."""
        self._end(embedded.status(self.settings).postgres.pid, signal.SIGQUIT)

    def kill_valkey(self) -> None:
        self._end(embedded.status(self.settings).valkey.pid, signal.SIGKILL)

    def lose_end_of_valkey(self) -> None:
        """Kill Valkey and cut the end of its log, as a lost disk cache would."""
        self.kill_valkey()
        for log in self._logs():
            kept = self._kept.get(log, 0)  # what was before is none of this campaign's
            os.truncate(log, kept + int((log.stat().st_size - kept) * KEPT_OF_LOG))

    def _logs(self) -> list[Path]:
        folder = Path(embedded.status(self.settings).data_folder, "valkey", "appendonlydir")
        return list(folder.glob("*.incr.aof"))

    def fill_disk(self) -> None:
        """Leave no room on the disk of both."""
        with suppress(OSError), self.ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(FILL_BYTES))

    def start(self) -> None:
        """Start what is missing, and wait until both servers take work."""
        embedded.start(self.settings)

    def close(self) -> None:
        """Stop both, in no order that would take time: nothing of them is wanted any more."""
        self.stop_postgres_at_once()
        embedded.stop(self.settings)
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self, pid: int | None, how: signal.Signals) -> None:
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + GONE_SECONDS
        while _lives(pid) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)


def _lives(pid: int) -> bool:
    """Tell whether a process still has anything open; one that nobody has buried has not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
