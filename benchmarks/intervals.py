"""How many polls a second a waiting line makes, by the interval that each answer tells.

    python benchmarks/intervals.py [--waiting 10000 1000000] [--seconds 10] [--rounds 5] [--json]

Whoever stands near the front is to come back soon, whoever stands far back late, at the latest
half way to his turn. "computed" sums that rule up over all places: place.lua is run on the server
for each of them. "simulated" is the queue itself, under a clock put forward step by step: who
waits polls by `queue.poll` exactly when he was told to, is admitted at 600 a minute, buys at once,
and somebody new comes in his place. Of the million only the first thousands are played one by one,
and of those behind every hundredth, who counts for a hundred. Beside: a fixed interval for
everybody, as short as that of the first hundred. A place that is lost by doing as told would
stop the run; who waits and who is admitted is counted on the server.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from harness import Comparison, Findings, parser_of, servers, take_turns
from lines import lines_of

from boxoffice.core import queue
from boxoffice.core.queue import scripts

if TYPE_CHECKING:
    import argparse

    from harness import Turn
    from lines import Line

    from boxoffice.core.config import Settings

RATE = 600  # admissions a minute
CAPACITY = 10_000  # so that the rate alone decides
ALONE, EVERY = 4_000, 100
SAMPLED_FROM = 100_000
STEP_SECONDS = 0.25
AHEAD_SECONDS = 86_400  # whoever is not played has been seen, all the time
# What an operator would set for a long line: see docs/reports/load-test.md.
PATIENT = {"poll_far_seconds": 60.0, "absence_seconds": 180.0, "claim_seconds": 180.0}
NEEDED = """
local last, rate, limit, needed = tonumber(ARGV[OWN]), tonumber(ARGV[OWN + 1]), tonumber(ARGV[OWN + 2]), 0
for position = 1, last do
  needed = needed + 1 / math.min(poll_seconds(position, math.ceil((position - 1) * 60 / rate)), limit)
end
return tostring(needed)
"""  # noqa: E501


@dataclass(order=True, slots=True)
class Waiter:
    """Somebody who is to poll at a time, in seconds of the simulation."""

    due: float
    token: str = field(compare=False)
    counts_for: int = field(compare=False)


class Simulation:
    """A line and its people, under a clock of its own."""

    def __init__(self, line: Line) -> None:
        self.line, self.settings = line, line.settings
        self.seconds, self.next_user = 0.0, line.length + 1
        self.waiters: list[Waiter] = []
        self.admitted = 0
        self._zero = self._server_seconds()
        for user in range(1, line.length + 1):
            alone = line.length < SAMPLED_FROM or user <= ALONE
            if alone or user % EVERY == 0:
                place = line.take(user)
                first = random.uniform(0, place.poll_seconds)
                self._wait(first, place.token, 1 if alone else EVERY)

    def _server_seconds(self) -> float:
        seconds, microseconds = self.line.redis.time()
        return seconds + microseconds / 1e6

    def _wait(self, seconds: float, token: str, counts_for: int) -> None:
        due = self.seconds + seconds
        heapq.heappush(self.waiters, Waiter(due=due, token=token, counts_for=counts_for))

    def run(self, seconds: float) -> Turn:
        """Let time pass; return how many polls a second that took."""
        polls, until = 0, self.seconds + seconds
        while self.seconds < until:
            self.seconds += STEP_SECONDS
            self._put_clock()
            while self.waiters[0].due <= self.seconds:
                polls += self._poll(heapq.heappop(self.waiters))
        return {"polls/s": polls / seconds}

    def _put_clock(self) -> None:
        """Put the clock of the line to that of the simulation."""
        passed = self._server_seconds() - self._zero
        ahead_ms = round((self.seconds - passed) * 1_000)
        self.line.redis.hset(self.line.key("line"), "ahead", ahead_ms)

    def _poll(self, waiter: Waiter) -> int:
        """Poll; who is admitted buys and goes, and somebody new comes. Return for how many."""
        redis = self.line.redis
        place = queue.poll(redis, waiter.token, self.settings)
        if place.state == "admitted":
            self.admitted += 1
            assert queue.finish(redis, waiter.token, self.settings)
            place = queue.join(redis, self.line.concert, self.next_user, self.settings)
            self.next_user += 1
            self._wait(place.poll_seconds, place.token, 1)
        else:
            self._wait(place.poll_seconds, waiter.token, waiter.counts_for)
        return waiter.counts_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A line of so many people, and the settings it is waited in by."""

    name: str
    length: int
    settings: Settings

    def fixed(self) -> float:
        """Return the polls a second of people who all come as often as the first of them."""
        return self.length / self.settings.poll_near_seconds

    def computed(self, line: Line) -> float:
        """Let the server sum up what all places of the line need."""
        parts = [(queue.LUA / f"{name}.lua").read_text() for name in ("prelude", "place")]
        keys = [line.key(name) for name in scripts.KEYS]
        words = [getattr(self.settings, name) for name in scripts.SETTINGS.values()]
        limit = min(self.settings.absence_seconds, self.settings.claim_seconds) / 2
        given = (*keys, *words, self.length, RATE, limit)
        return float(line.redis.eval("\n".join([*parts, NEEDED]), len(keys), *given))


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="simulated in a round")
    parser.add_argument("--waiting", type=int, nargs="+", default=[10_000, 1_000_000])
    options = parser.parse_args()
    with servers(options, queue_capacity=CAPACITY, queue_rate_per_minute=RATE) as settings:
        cases = cases_of(settings, options.waiting)
        with lines_of(settings, [case.settings for case in cases]) as lines:
            findings = measured(cases, lines, options)
    findings.tell(options)


def cases_of(settings: Settings, lengths: list[int]) -> list[Case]:
    """Return what is simulated: each length by the defaults, and by an operator's patience."""
    patient = replace(settings, **PATIENT)
    ways = {"": settings, ", patient": patient}
    return [
        Case(name=f"{length:,} waiting{way}", length=length, settings=given)
        for length in lengths
        for way, given in ways.items()
    ]


def measured(cases: list[Case], lines: list[Line], options: argparse.Namespace) -> Findings:
    """Fill the lines and let time pass in each in turn."""
    simulations = {}
    for case, line in zip(cases, lines, strict=True):
        line.fill(case.length, seen_in_seconds=AHEAD_SECONDS)
        simulations[case.name] = Simulation(line)
    works = {
        name: partial(lambda simulation, _: simulation.run(options.seconds), simulation)
        for name, simulation in simulations.items()
    }
    figures = take_turns(options.rounds, works)
    for case, line in zip(cases, lines, strict=True):
        figures[f"{case.name}, computed: polls/s"] = [case.computed(line)] * options.rounds
        figures[f"{case.name}, fixed: polls/s"] = [case.fixed()] * options.rounds
    return Findings(
        title="Polls of a waiting line",
        figures=figures,
        comparisons=[
            Comparison(ours=f"{case.name}: polls/s", beside=f"{case.name}, {other}: polls/s")
            for case in cases
            for other in ("computed", "fixed")
        ],
        counted=counted(cases, lines, simulations),
        notes={"patient": ", ".join(f"{name} {value:g}" for name, value in PATIENT.items())},
    )


def counted(
    cases: list[Case], lines: list[Line], simulations: dict[str, Simulation]
) -> dict[str, int]:
    """Count who is in the lines; raises AssertionError where somebody is lost or in twice."""
    found: dict[str, int] = {"bought and gone": 0}
    for case, line in zip(cases, lines, strict=True):
        counts = line.counted()
        assert not counts["in both"] + counts["without a record"], counts
        assert counts["waiting"] + counts["admitted"] == case.length, counts
        found["bought and gone"] += simulations[case.name].admitted
        for what, count in counts.items():
            found[what] = found.get(what, 0) + count
    return found


if __name__ == "__main__":
    main()
