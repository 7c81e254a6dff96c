"""Waits on locks, counted in two ways: by Postgres's own log, and by looking all the time.

Postgres tells of every wait that lasted `deadlock_timeout`, here its least, 1 ms; between its
lines the list of locks that are not granted is read again and again. A wait that is shorter
than both can be missed, so whoever counts must make any wait long: see one_seat.py, where the
winner keeps its transaction open until everybody else has been answered.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import raw

from boxoffice.core import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boxoffice.core.config import Settings

WAITING = """
SELECT l.locktype, count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database() GROUP BY 1
"""
LOGGED = re.compile(" still waiting for \\w+ on (\\w+)")
PAUSE_SECONDS = 0.002
SETTLE_SECONDS = 0.3  # for the log to be written and the settings to reach every connection


@dataclass(slots=True)
class Waits:
    """What was found: lines of the log and waiters seen by looks, both by kind of lock."""

    logged: Counter[str] = field(default_factory=Counter)
    looks: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    most: int = 0  # waiters at one time

    def on(self, *kinds: str) -> int:
        """Count those on locks of these kinds."""
        return sum(found[kind] for found in (self.logged, self.seen) for kind in kinds)

    def __str__(self) -> str:
        return f"{_told(self.logged)} logged, {_told(self.seen)} seen in {self.looks} looks"


@contextmanager
def told(settings: Settings) -> Iterator[None]:
    """Let the server tell of waits while this lasts; only for servers of our own."""
    with raw.connect(settings) as connection:
        for name, value in (("log_lock_waits", "on"), ("deadlock_timeout", "1ms")):
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf(), pg_sleep(%s)", (SETTLE_SECONDS,))
        try:
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET log_lock_waits")
            connection.execute("ALTER SYSTEM RESET deadlock_timeout")
            connection.execute("SELECT pg_reload_conf()")


@contextmanager
def counted(settings: Settings) -> Iterator[Waits]:
    """Count the waits on locks of the database while this lasts; read them afterwards."""
    waits, done = Waits(), threading.Event()
    log = None if settings.database_url else Path(embedded.status(settings).postgres.log_file)
    offset = log.stat().st_size if log else 0
    looking = threading.Thread(target=_look, args=(settings, waits, done))
    looking.start()
    try:
        yield waits
    finally:
        done.wait(SETTLE_SECONDS)
        done.set()
        looking.join()
        if log:
            waits.logged = _lines(log, offset)


def _look(settings: Settings, waits: Waits, done: threading.Event) -> None:
    with raw.connect(settings) as connection:
        while not done.wait(PAUSE_SECONDS):
            found = Counter(dict(connection.execute(WAITING).fetchall()))
            waits.looks += 1
            waits.seen += found
            waits.most = max(waits.most, found.total())


def _lines(log: Path, offset: int) -> Counter[str]:
    with log.open(encoding="utf-8", errors="replace") as lines:
        lines.seek(offset)
        return Counter(LOGGED.findall(lines.read()))


def _told(waits: Counter[str]) -> str:
    return ", ".join(f"{count} on {kind}" for kind, count in waits.items()) or "none"
