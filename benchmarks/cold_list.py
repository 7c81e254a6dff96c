"""What `list-concerts` and `enqueue` cost as processes, most of which is imports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import raw
from looking import CACHED, COMMITTED, PLAIN

from boxoffice.core import directory, embedded
from boxoffice.core.concert_cache import BUILDER_KEY, CACHE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness import Turn
    from stage import Stage

    from boxoffice.core.config import Settings

COMMAND = ("boxoffice", "list-concerts", "--json")
LIST = (sys.executable, "-m", *COMMAND)
# The same command, and nothing in it ever asks for a copy or keeps one.
WITHOUT = f"""
import sys
from boxoffice.core import concert_cache
from boxoffice.commands import main
concert_cache.read = lambda stores, build: build()
sys.argv = {list(COMMAND)}
main()
"""
COPY, NO_COPY = "a copy there", "no copy there"
ONE_BY_ONE = (COPY, NO_COPY, PLAIN)
JOIN_KNOWN, JOIN_UNKNOWN = "joining, names kept", "joining, no names kept"
JOINS = (JOIN_KNOWN, JOIN_UNKNOWN)
TOGETHER = 8


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a command, both servers named."""
    given: dict[str, str | None] = {
        "BOXOFFICE_HOME": str(settings.data_dir),
        "BOXOFFICE_DATABASE_URL": settings.database_url,
        "BOXOFFICE_REDIS_URL": settings.redis_url,
        "BOXOFFICE_ROLE": settings.role,
    }
    if not settings.database_url:
        started = embedded.start(settings)
        given |= {
            "BOXOFFICE_DATABASE_URL": started.database_url,
            "BOXOFFICE_REDIS_URL": started.redis_url,
        }
    return os.environ | {name: value for name, value in given.items() if value}


class Commands:
    """Commands as processes: one alone, or eight at once."""

    def __init__(self, stage: Stage) -> None:
        self._settings, self._office = stage.settings, stage.office
        self._environment = environment(stage.settings)
        self._concert, self._user = str(stage.concert), stage.users[0]
        self._words = dict.fromkeys((COPY, NO_COPY, CACHED), LIST)
        self._words[PLAIN] = (sys.executable, "-c", WITHOUT)
        join = (sys.executable, "-m", "boxoffice", "enqueue", self._concert, "--user", self._user)
        self._words |= dict.fromkeys(JOINS, (*join, "--take-over", "--json"))

    def alone(self, way: str) -> Callable[[int], Turn]:
        """Return a turn of one process, that finds a copy, finds none, or never looks for one."""

        def turn(_round: int) -> Turn:
            self._forget()
            if way == COPY:
                self._office.list_concerts()
                with self._office.stores.redis() as redis:
                    redis.persist(CACHE_KEY)
            return self._run(way, 1)

        return turn

    def at_once(self, way: str) -> Callable[[int], Turn]:
        """Return a turn of eight processes that start at once, and there is no copy."""

        def turn(_round: int) -> Turn:
            self._forget()
            return self._run(way, TOGETHER)

        return turn

    def join(self, way: str) -> Callable[[int], Turn]:
        """Return a turn of a process that joins a queue, its names kept in Redis or not."""

        def turn(_round: int) -> Turn:
            self._office.enqueue(self._concert, self._user, take_over=True)
            if way == JOIN_UNKNOWN:
                with self._office.stores.redis() as redis:
                    directory.forget_user(redis, [self._user])
            return self._run(way, 1)

        return turn

    def _run(self, way: str, processes: int) -> Turn:
        with raw.connect(self._settings) as looking:
            before, began = looking.execute(COMMITTED).fetchone()[0], time.perf_counter()
            started = [
                subprocess.Popen(self._words[way], env=self._environment, stdout=subprocess.DEVNULL)
                for _ in range(processes)
            ]
            cpu = sum(_cpu_seconds(process) for process in started)
            seconds = time.perf_counter() - began
            after = looking.execute(COMMITTED).fetchone()[0]
        self._forget()
        return {
            "CPU ms": cpu / processes * 1e3, "ms until all ended": seconds * 1e3,
            "commits": after - before,
        }  # fmt: skip

    def _forget(self) -> None:
        with self._office.stores.redis() as redis:
            redis.delete(CACHE_KEY)
            redis.delete(BUILDER_KEY)


def _cpu_seconds(process: subprocess.Popen) -> float:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.args
    return usage.ru_utime + usage.ru_stime
