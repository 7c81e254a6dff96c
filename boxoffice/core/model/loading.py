"""The nouns of load tests: what is to come, what came of it, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - docs/cli.md is made from these annotations
from dataclasses import dataclass

from boxoffice.core.model.booking import Money  # noqa: TC001 - as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Of a hundred buyers, how many do what; any numbers, their sum is the whole."""

    buy: float = 0
    browse: float = 0  # look and leave
    fail: float = 0  # pay without any balance
    abandon: float = 0  # hold seats and leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who comes: ``rate`` buyers a second for ``seconds``, or ``buyers`` at once.

    ``seats`` is the size of the hall, None for a seat each; ``admitted`` how many the queue lets
    in at once. The same ``seed`` makes the same arrivals, mix and choices.
    """

    mix: Mix
    rate: float | None = None
    seconds: float = 30
    buyers: int | None = None
    seats: int | None = None
    admitted: int = 1_000
    processes: int = 2
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLatency:
    """How long one step took, in milliseconds from when it was to begin."""

    step: str
    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyBar:
    """How many of a step took at most so many milliseconds, and more than the bar before."""

    step: str
    to_ms: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadProgress:
    """How far a load test is: buyers who came, are under way, and how the others ended."""

    seconds: float
    buyers: int
    arrived: int
    under_way: int
    ended: Mapping[str, int]
    p95_ms: float  # of all steps so far


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOutcome:
    """What the database says came of a load test."""

    seats: int
    sold: int
    held: int
    paid: int
    taken: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """A load test: ``ended`` is what the buyers say, ``outcome`` what the database says.

    ``model`` is ``open`` (by arrival rate) or ``closed``; ``seconds`` go from the first arrival
    to the last end. ``agrees`` says whether as many paid as were told so and `verify` found
    nothing; ``failures`` are by error code, ``turned_away`` came when too many were under way.
    """

    run: str
    model: str
    rate: float | None
    buyers: int
    arrived: int
    seconds: float
    seed: int
    mix: Mapping[str, float]
    processes: int
    admitted: int
    interrupted: bool
    ended: Mapping[str, int]
    failures: Mapping[str, int]
    turned_away: int
    paid_per_second: float
    concert: int
    performance: int
    outcome: LoadOutcome
    violations: int
    agrees: bool
    latencies: tuple[StepLatency, ...]
    histogram: tuple[LatencyBar, ...]
