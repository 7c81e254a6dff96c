"""Client processes that begin together: many attempts at once, through as many connections.

A crowd lives for the whole run. Its clients connect before the first turn and stay connected, as
those of a server do, an office's with new connections once a minute; their first statements of a
kind, which Postgres has to plan, are part of the turns in which they come.
"""

from __future__ import annotations

import multiprocessing
import queue
import statistics
import sys
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import raw

from boxoffice.core import embedded
from boxoffice.core.office import Office
from boxoffice.core.queue import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from threading import Barrier

    from boxoffice.core.config import Settings

# Forked processes would share what the parent has connected.
SPAWN = multiprocessing.get_context("spawn")
STACK_BYTES = 512 * 1024  # a thread an attempt, a thousand in a process
DEADLINE_SECONDS = 300


class Client:
    """One connection's worth of a client: an office, or bare drivers, made when first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def office(self) -> Office:
        """An office with a connection of its own."""
        office = Office(self.settings, connections=1)
        office.list_concerts()  # connects it to Redis, and where no list is kept to Postgres
        with office.stores.database():
            return office

    @cached_property
    def bare(self) -> Any:
        """A connection of bare psycopg, in autocommit, with the session of the project."""
        return raw.connect(self.settings)

    @cached_property
    def redis(self) -> Any:
        """A bare client of Redis."""
        return connect(self.settings.redis_url or embedded.start(self.settings).redis_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an attempt came to; seconds from the start of all, and of those, being served."""

    outcome: Any
    seconds: float
    served_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """What became of all attempts that began together."""

    answers: list[Answer]
    cpu_seconds: float  # of the clients' processes

    @property
    def seconds(self) -> float:
        """How long all of it took."""
        return max(answer.seconds for answer in self.answers)

    @property
    def rate(self) -> float:
        """Attempts answered a second."""
        return len(self.answers) / self.seconds

    def count(self, outcome: object) -> int:
        """Count the attempts that came to this."""
        return sum(answer.outcome == outcome for answer in self.answers)

    def times(self) -> dict[str, float]:
        """Return the rate, and how long answers took from the start of all."""
        return {"attempts/s": self.rate, **spread([each.seconds for each in self.answers])}


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and the longest, in milliseconds."""
    parts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50 ms": parts[49] * 1e3, "p99 ms": parts[98] * 1e3, "max ms": max(seconds) * 1e3}


class Crowd:
    """So many processes with so many clients each; as a context, they end with it."""

    def __init__(self, settings: Settings, *, processes: int, clients: int = 1) -> None:
        self.clients = processes * clients
        self._together = SPAWN.Barrier(processes)
        self._members: list[tuple[Any, Connection]] = []
        for _ in range(processes):
            ours, theirs = SPAWN.Pipe()
            given = (settings, clients, self._together, theirs)
            process = SPAWN.Process(target=_live, args=given, daemon=True)
            process.start()
            theirs.close()
            self._members.append((process, ours))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process, wire in self._members:
            wire.send(None)
            process.join()

    def rush(self, work: Callable[..., Any], given: Sequence[tuple]) -> Rush:
        """Make each attempt, `work(client, *arguments)`, in a thread of its own, all at once.

        An attempt waits for a free client of its process, in the order of coming.
        """
        shares = [given[n :: len(self._members)] for n in range(len(self._members))]
        for (_, wire), share in zip(self._members, shares, strict=True):
            wire.send((work, share))
        found = [wire.recv() for _, wire in self._members]
        # The clock is one for all processes, and some wake up later than others.
        start = min(began for began, *_ in found)
        return Rush(
            answers=[
                Answer(outcome=outcome, seconds=ended - start, served_seconds=ended - served)
                for _, answers, _ in found
                for outcome, served, ended in answers
            ],
            cpu_seconds=sum(cpu for *_, cpu in found),
        )


def _live(settings: Settings, clients: int, together: Barrier, wire: Connection) -> None:
    threading.stack_size(STACK_BYTES)
    free: queue.SimpleQueue[Client] = queue.SimpleQueue()
    for _ in range(clients):
        client = Client(settings)
        assert client.office
        assert client.bare
        free.put(client)
    while (task := wire.recv()) is not None:
        work, share = task
        wire.send(_attempt_all(work, share, free, together))


def _attempt_all(
    work: Callable[..., Any], share: Sequence[tuple], free: queue.SimpleQueue, together: Barrier
) -> tuple[float, list[tuple[Any, float, float]], float]:
    """Make the attempts of this process.

    Returns when they began, of each what came of it and when it was served and ended, and the
    CPU seconds that they took.
    """
    start, answers = threading.Event(), []

    def attempt(arguments: tuple) -> None:
        start.wait()
        client = free.get()
        served = time.perf_counter()
        outcome = work(client, *arguments)
        answers.append((outcome, served, time.perf_counter()))
        free.put(client)

    threads = [threading.Thread(target=attempt, args=(arguments,)) for arguments in share]
    for thread in threads:
        thread.start()
    together.wait(DEADLINE_SECONDS)
    used, began = time.process_time(), time.perf_counter()
    start.set()
    for thread in threads:
        thread.join()
    if len(answers) < len(share):
        sys.exit("an attempt failed: see above")
    return began, answers, time.process_time() - used
