"""A worker on duty: each job in a thread of its own, taken when it is due, until told to stop."""

from __future__ import annotations

import os
import random
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core import errors, jobs
from boxoffice.core.delivery import make_sinks
from boxoffice.core.delivery.postman import Postman
from boxoffice.core.model import Note
from boxoffice.core.oversight import RELAYED_EVENTS_MAX, SWEPT_HOLDS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.office import Office

SWEEP_SECONDS, RELAY_SECONDS, DELIVERY_SECONDS = 10.0, 1.0, 1.0
RELEASE_SECONDS, RETENTION_SECONDS = 60.0, 3_600.0
# A worker that dies keeps a job from the others for so long.
LEASE_SECONDS = 60.0
# Where something fails, it is tried again after a time between nothing and the doubled limit.
TROUBLE_BASE_SECONDS, TROUBLE_CAP_SECONDS = 0.5, 30.0
DOUBLINGS_MAX = 10
JITTER_SECONDS = 0.1
# The system may hand a second signal to another thread while the first is on its way: Python
# minds it only when the main thread looks up from its wait.
LOOK_SECONDS = 1.0
# The server that a job needs fails, or nobody is there at its sink.
FAILING, AWAY = "failing", "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of a job did, and whether there is more to do at once."""

    done: int = 0
    more: bool = False
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A job as a worker does it; ``run`` returns None where there was nothing to try."""

    name: str
    every_seconds: float
    lease_seconds: float
    run: Callable[[], Run | None]
    sink: bool = False


class Worker:
    """Does the jobs of the house beside any number of other workers.

    Survives whatever happens to the servers: it waits, says so once, and goes on.
    """

    def __init__(self, office: Office, tell: Callable[[Note], None]) -> None:
        """Make ready; raises InputInvalid for a sink that cannot be meant, DatabaseUnavailable."""
        self._office = office
        self._tell = tell
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._reviving = threading.Lock()
        self._troubles: dict[tuple[str, str], str] = {}
        # Jobs that are written down as being well, by this worker.
        self._clean: set[str] = set()
        seconds = office.settings.delivery_seconds
        sinks = make_sinks(office.settings)
        self._postmen = [Postman(office.stores, sink, self._stop, seconds) for sink in sinks]
        self._tasks = self._house_tasks() + [self._sink_task(p) for p in self._postmen]
        self._register()

    def stop(self) -> None:
        """Ask for the end: what is in hand is finished."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped."""
        threads = [threading.Thread(target=self._serve, args=(task,)) for task in self._tasks]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(LOOK_SECONDS)
        self._close()

    def once(self) -> None:
        """Do what is due now and return; raises the first failure after all have had their turn."""
        failures = []
        for task in self._tasks:
            try:
                while not self._stop.is_set() and self._turn(task) == 0:
                    pass
            except errors.BoxOfficeError as error:
                failures.append(error)
        self._close()
        if failures:
            raise failures[0]

    def _close(self) -> None:
        for postman in self._postmen:
            postman.close()

    def _register(self) -> None:
        with self._office.stores.database() as connection:
            jobs.register(connection, {task.name: task.sink for task in self._tasks})

    # --- the jobs ---

    def _house_tasks(self) -> list[Task]:
        return [
            Task(name="sweep", every_seconds=SWEEP_SECONDS, lease_seconds=LEASE_SECONDS,
                 run=self._sweep),
            Task(name="releases", every_seconds=RELEASE_SECONDS, lease_seconds=LEASE_SECONDS,
                 run=lambda: Run(done=self._office.release_blocks())),
            Task(name="relay", every_seconds=RELAY_SECONDS, lease_seconds=RELAY_SECONDS,
                 run=self._relay),
            Task(name="retention", every_seconds=RETENTION_SECONDS, lease_seconds=LEASE_SECONDS,
                 run=self._forget),
        ]  # fmt: skip

    def _sweep(self) -> Run:
        ended = self._office.sweep()
        return Run(done=ended, more=ended >= SWEPT_HOLDS_MAX)

    def _relay(self) -> Run:
        sent = self._office.relay_events()
        return Run(done=sent, more=sent >= RELAYED_EVENTS_MAX)

    def _forget(self) -> Run:
        gone, more = self._office.forget_old()
        return Run(done=gone, more=more)

    def _sink_task(self, postman: Postman) -> Task:
        def run() -> Run | None:
            round_ = postman.go()
            if round_ is None:
                return None
            if round_.failed:
                self._tell(
                    Note(what="failed", job=postman.sink.name, count=round_.failed,
                         message=round_.reason)
                )  # fmt: skip
            if round_.dead:
                self._tell(Note(what="dead", job=postman.sink.name, count=round_.dead))
            return Run(done=round_.delivered, more=round_.more, trouble=round_.away)

        return Task(
            name=postman.sink.name,
            every_seconds=DELIVERY_SECONDS,
            lease_seconds=DELIVERY_SECONDS,
            run=run,
            sink=True,
        )

    # --- taking turns ---

    def _serve(self, task: Task) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                wait = self._turn(task)
                failures = 0
            except Exception as error:  # noqa: BLE001 - what goes wrong in a job ends no worker
                limit = TROUBLE_BASE_SECONDS * 2 ** min(failures, DOUBLINGS_MAX)
                wait = random.uniform(0, min(limit, TROUBLE_CAP_SECONDS))  # noqa: S311 - no secret
                failures += 1
                self._trouble(task.name, FAILING, _reason(error))
                self._revive(error)
            else:
                self._over(task.name, FAILING)
            self._stop.wait(wait)

    def _turn(self, task: Task) -> float:
        """Do a job once if it is due; return in how many seconds to look again."""
        with self._office.stores.database() as connection:
            taken, seconds = jobs.take(
                connection, task.name, self._name, lease_seconds=task.lease_seconds
            )
        if not taken:
            return min(seconds, task.every_seconds) + random.uniform(0, JITTER_SECONDS)  # noqa: S311
        try:
            ran = task.run()
        except Exception as error:
            with suppress(errors.BoxOfficeError):
                self._end(task, Run(trouble=_reason(error)), TROUBLE_BASE_SECONDS)
            raise
        return task.every_seconds if ran is None else self._ended(task, ran)

    def _ended(self, task: Task, ran: Run) -> float:
        if ran.done:
            self._tell(Note(what="done", job=task.name, count=ran.done))
        if ran.trouble:
            self._trouble(task.name, AWAY, ran.trouble)
        else:
            self._over(task.name, AWAY)
        wait = 0.0 if ran.more else task.every_seconds
        # What looks every second and finds nothing writes no more than that it looked.
        news = ran.done or ran.trouble or task.name not in self._clean
        if news or task.lease_seconds > task.every_seconds:
            self._end(task, ran, wait)
        return wait

    def _end(self, task: Task, ran: Run, wait: float) -> None:
        (self._clean.discard if ran.trouble else self._clean.add)(task.name)
        with self._office.stores.database() as connection:
            jobs.end(
                connection,
                task.name,
                self._name,
                done=ran.done,
                error=ran.trouble,
                next_seconds=wait,
            )

    # --- trouble: said once, by whoever meets it first, and once that it is over ---

    def _trouble(self, job: str, kind: str, reason: str) -> None:
        with self._lock:
            new = reason not in self._troubles.values()
            self._troubles[job, kind] = reason
        if new:
            self._tell(Note(what="trouble", job=job, message=reason))

    def _over(self, job: str, kind: str) -> None:
        with self._lock:
            reason = self._troubles.pop((job, kind), None)
            last = reason is not None and reason not in self._troubles.values()
        if last:
            self._tell(Note(what="over", job=job, message=reason or ""))

    def _revive(self, error: Exception) -> None:
        """Look for the embedded servers where they were restarted, or stopped."""
        if isinstance(error, errors.Unavailable) and not self._stop.is_set():
            with self._reviving, suppress(errors.BoxOfficeError):
                self._office.stores.revive()


def _reason(error: Exception) -> str:
    """Say what failed; of a bug its kind alone, for its values may be anybody's."""
    if isinstance(error, errors.BoxOfficeError):
        return str(error.message)
    return f"a bug: {type(error).__name__}"
