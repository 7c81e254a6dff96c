"""The threads of one process, which play many buyers: each takes the step that is due next.

A step is timed from when it was due and not from when a thread came to it. Otherwise a server
that hesitates would keep the threads busy, the steps that should have begun meanwhile would begin
later, and the wait that they stand for would be in no figure: coordinated omission (Gil Tene, "How
NOT to Measure Latency", 2013; his wrk2 measures from the intended start, too).
"""

from __future__ import annotations

import heapq
import threading
import time
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.load.tally import Tally
from boxoffice.core.load.visit import FAILED, Visitor

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from boxoffice.core.load.house import House
    from boxoffice.core.office import Office

THREADS = 8  # and as many connections: of a role that may have twenty, for two processes
UNDER_WAY_MAX = 50_000  # buyers of one process: who comes later is turned away, and counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One buyer to come: when, in seconds from the start, and to do what."""

    number: int
    seconds: float
    kind: str


class Crew:
    """Buyers of one process, played by threads until all have ended or `stop` is called."""

    def __init__(self, office: Office, house: House, seed: int) -> None:
        self._visitor = Visitor(office, house, self._took)
        self._seed = seed
        self._tally = Tally()
        self._turn = threading.Condition()
        # When a step is due, whose it is, and the visit: the earliest first.
        self._due: list[tuple[float, int, Generator[float, float, str] | Arrival]] = []
        self._stopped = False
        self._threads: list[threading.Thread] = []

    def start(self, arrivals: Sequence[Arrival], began: float) -> None:
        """Begin: buyers come by the clock, whatever becomes of those before them."""
        self._due = [(began + each.seconds, each.number, each) for each in arrivals]
        heapq.heapify(self._due)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no step any more; those in hand go on."""
        with self._turn:
            self._stopped = True
            self._turn.notify_all()

    def is_done(self) -> bool:
        """Tell whether no thread works any more."""
        return not any(thread.is_alive() for thread in self._threads)

    def tally(self) -> Tally:
        """Return what was counted so far."""
        with self._turn:
            return deepcopy(self._tally)

    def _work(self) -> None:
        while (step := self._next()) is not None:
            self._do(*step)

    def _next(self) -> tuple[float, int, Generator[float, float, str]] | None:
        """Wait for the next step that is due; None where there is none any more."""
        with self._turn:
            while not self._stopped and (self._due or self._tally.under_way):
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    due, number, what = heapq.heappop(self._due)
                    visit = self._welcome(what) if isinstance(what, Arrival) else what
                    if visit is not None:
                        return due, number, visit
                else:
                    self._turn.wait(wait)
            self._turn.notify_all()  # the others are done, too
            return None

    def _welcome(self, arrival: Arrival) -> Generator[float, float, str] | None:
        """Let a buyer begin, or turn him away where too many are under way."""
        self._tally.arrived += 1
        if self._tally.under_way > UNDER_WAY_MAX:
            self._tally.turned_away += 1
            return None
        chance = Random(f"{self._seed}-{arrival.number}")  # noqa: S311 - the same choices again
        visit = self._visitor.visit(arrival.number, arrival.kind, chance)
        next(visit)
        return visit

    def _do(self, due: float, number: int, visit: Generator[float, float, str]) -> None:
        try:
            pause = visit.send(due)
        except StopIteration as end:
            self._ended(str(end.value))
        except BoxOfficeError as error:
            self._ended(FAILED, error.code)
        except Exception as error:  # noqa: BLE001 - a bug ends a buyer and not the test
            self._ended(FAILED, f"bug: {type(error).__name__}")
        else:
            with self._turn:
                heapq.heappush(self._due, (time.monotonic() + pause, number, visit))
                self._turn.notify()

    def _ended(self, how: str, code: str | None = None) -> None:
        with self._turn:
            self._tally.ended[how] += 1
            self._tally.last_end = time.monotonic()
            if code is not None:
                self._tally.failures[code] += 1

    def _took(self, step: str, seconds: float) -> None:
        with self._turn:
            self._tally.took(step, seconds)
