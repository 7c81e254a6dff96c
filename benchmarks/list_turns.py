"""The turns of concert_list.py: looks, sales meanwhile, what is stale, and 64 at once."""

from __future__ import annotations

import itertools
import signal
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

import raw
from cold_list import LIST, environment
from looking import (
    CACHED,
    COMMITTED,
    FLUSH,
    GET,
    PLAIN,
    do,
    hold,
    look,
    question,
    sell,
    staleness,
    watch,
)
from programme import CLUB, PERFORMANCES, Programme

from boxoffice.core.concert_cache import BUILDER_KEY, BUILDER_MILLISECONDS, CACHE_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crowd import Crowd
    from harness import Turn
    from stage import Stage

SELLERS, WATCHERS, AT_ONCE = 2, 4, 64
SEATS_A_TURN = 100  # more than anybody sells or holds in a turn
WATCH_SECONDS, HOLD_SECONDS = 6.0, 5.0
WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
SWITCHES = ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan", "statement_timeout")
DEADLINE_SECONDS, PAUSE_SECONDS = 30, 0.01
CONCERT_OF = "SELECT concert_id FROM performances WHERE id = %(performance)s"


class ListTurns:
    """A programme, and a crowd that looks at it."""

    def __init__(self, stage: Stage, crowd: Crowd, seconds: float) -> None:
        self.stage, self.crowd, self.seconds = stage, crowd, seconds
        self.programme = Programme(stage)
        self._places: Iterator[int] = itertools.count()
        self._sold = self._held = 0
        self._sizes: dict[str, int] = {}

    def grow(self, concerts: int) -> None:
        """Bring the programme to so many concerts."""
        self.programme.grow(concerts)
        clubs = len(self.programme.performances[CLUB])
        self._watched = iter(range(clubs - 1, 0, -PERFORMANCES))  # none that was held before
        self._sizes[f"seats at {concerts} concerts"] = self.programme.seats

    def outcomes(self) -> dict[str, int]:
        """Count what was sold and held, and say what was told to be."""
        clubs = self.programme.performances[CLUB]
        told = {"told to be sold": self._sold, "told to be held": self._held}
        return self._sizes | self.stage.counted(*clubs) | told

    def looks(
        self, way: str, clients: int, *about: object, selling: bool = False
    ) -> Callable[[int], Turn]:
        """Return a turn of clients that look in one way, while two sell or nobody does."""

        def turn(_round: int) -> Turn:
            self._fill(way)
            before = self._committed()
            work: list[tuple] = [(look, way, self.seconds, *about)] * clients
            if selling:
                work += [(sell, user, self._seats(), self.seconds) for user in self.stage.users]
            rush = self.crowd.rush(do, work)
            # Who looked or sold ended with one commit more, which may not have been told yet.
            committed = max(self._committed() - before - len(work), 0)
            self._forget()
            answers = [answer.outcome for answer in rush.answers]
            found = looked(answers, rush.seconds)
            sold = sum(each[1] for each in answers if each[0] == "sold")
            self._sold += sold
            built = {name: found.pop(name) for name in ("looks", "built", "hits %", "max ms")}
            if way not in (CACHED, PLAIN):
                return found
            found |= {"readings": built["built"], "hits %": built["hits %"]}
            if selling:
                return found | {"sales/s": sold / rush.seconds}
            return found | {"commits a look": committed / built["looks"]}

        return turn

    def stale(self) -> Callable[[int], Turn]:
        """Return a turn in which holds are made, and looked for."""

        def turn(_round: int) -> Turn:
            performance = self.programme.performances[CLUB][next(self._watched)]
            ((concert,),) = self.stage.ask(CONCERT_OF, performance=performance)
            listed = self.stage.office._read_concerts()  # noqa: SLF001 - none that was kept
            free = next(each.free_seats for each in listed if each.id == concert)
            seats = [(performance, self.stage.seat(place)) for place in range(SEATS_A_TURN)]
            work: list[tuple] = [(hold, self.stage.users[0], seats, HOLD_SECONDS)]
            work += [(watch, concert, WATCH_SECONDS)] * WATCHERS
            answers = [answer.outcome for answer in self.crowd.rush(do, work).answers]
            (answered,) = (found for what, found in answers if what == "held")
            seen = [each for what, found in answers if what == "watched" for each in found]
            ages = sorted(staleness(free, answered, seen))
            self._held += len(ages)
            parts = statistics.quantiles(ages, n=20, method="inclusive")
            return {
                "holds": len(ages), "p50 ms": parts[9] * 1e3, "p95 ms": parts[18] * 1e3,
                "max ms": ages[-1] * 1e3,
            }  # fmt: skip

        return turn

    def stampede(self, way: str) -> Callable[[int], Turn]:
        """Return a turn in which 64 look at once, and there is no copy."""

        def turn(_round: int) -> Turn:
            self._forget()
            return self._all_at_once(way)

        return turn

    def builder_killed(self) -> Callable[[int], Turn]:
        """Return a turn in which the one who reads dies of SIGKILL, and then 64 look at once."""

        def turn(_round: int) -> Turn:
            self._forget()
            with raw.connect(self.stage.settings) as gate, gate.transaction():
                gate.execute("LOCK TABLE performance_seats IN ACCESS EXCLUSIVE MODE")
                given = environment(self.stage.settings)
                with subprocess.Popen(LIST, env=given, stdout=subprocess.DEVNULL) as builder:
                    _until(lambda: gate.execute(WAITS).fetchone()[0])
                    builder.send_signal(signal.SIGKILL)
            with self.stage.office.stores.redis() as redis:  # as if it had only just begun
                redis.set(BUILDER_KEY, 1, px=BUILDER_MILLISECONDS)
            return self._all_at_once(CACHED)

        return turn

    def without_index(self) -> Callable[[int], Turn]:
        """Return a turn that asks the statement again, and Postgres may use no index."""

        def turn(_round: int) -> Turn:
            with raw.connect(self.stage.settings) as connection:
                for switch in SWITCHES:
                    connection.execute(f"SET {switch} = 0")
                asked = question(self.stage.office)
                assert connection.execute(*asked).fetchall()  # as the others were asked before
                began = time.perf_counter()
                assert connection.execute(*asked).fetchall()
                return {"ms": (time.perf_counter() - began) * 1e3}

        return turn

    def _all_at_once(self, way: str) -> Turn:
        rush = self.crowd.rush(do, [(look, way, 0.0)] * AT_ONCE)
        found = looked([answer.outcome for answer in rush.answers], rush.seconds)
        return {"slowest ms": found["max ms"], "readings": found["built"]}

    def _committed(self) -> int:
        self.stage.ask(FLUSH)
        ((commits,),) = self.stage.ask(COMMITTED)
        return commits

    def _seats(self) -> list[tuple[int, str]]:
        return [self.programme.club_seat(next(self._places)) for _ in range(SEATS_A_TURN)]

    def _fill(self, way: str) -> None:
        """Let there be a copy that does not end, for who only gets it."""
        self._forget()
        if way == GET:
            self.stage.office.list_concerts()
            with self.stage.office.stores.redis() as redis:
                redis.persist(CACHE_KEY)

    def _forget(self) -> None:
        with self.stage.office.stores.redis() as redis:
            redis.delete(CACHE_KEY)
            redis.delete(BUILDER_KEY)


def looked(answers: list[tuple], seconds: float) -> Turn:
    """Return the rate and the times of looks, and how many of them read the list."""
    mine = [each for each in answers if each[0] == "looked"]
    times = [took for _, each, _ in mine for took in each]
    built = sum(builds for *_, builds in mine)
    parts = statistics.quantiles(times, n=20, method="inclusive") if times[1:] else times * 19
    return {
        "looks": len(times), "looks/s": len(times) / seconds, "p50 ms": parts[9] * 1e3,
        "p95 ms": parts[18] * 1e3, "max ms": max(times) * 1e3,
        "built": built, "hits %": 100 * (1 - built / len(times)),
    }  # fmt: skip


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(PAUSE_SECONDS)
