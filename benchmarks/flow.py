"""The whole flow of a buyer: at once, and at arrival rates doubled up to the limit.

    python benchmarks/flow.py [--buyers 300] [--first-rate 10] [--seconds 3] [--sustained 60]

Virtual buyers, as those of `boxoffice bench`, join the queue, look at concerts, dates and the seats
of a section, hold one and pay it, each call through `Office` from two processes of eight threads.
First the rates are found: from the first one on each is twice the one before, until the last
buyers end more than a fifth of the time later than they came. Then the turns: 300 buyers at once (a
closed model), buyers at the last rates (an open model, in which nobody waits for others to come),
the usual mix of people at half of the last rate, buyers at a quarter of it for as long as a minute
(`--sustained`), and beside them pgbench with the same hold and pay and nothing else. Times are from
when a step was due. Outcomes are counted in the database; in every turn it holds as many payments
and sold seats as buyers were told of, and `verify` finds nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness import Comparison, Findings, parser_of, servers, take_turns
from pairs import hold_and_pay
from stage import Stage

from boxoffice.core.load.populations import MIXES
from boxoffice.core.model import Load

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from harness import Turn

    from boxoffice.core.model import LoadReport

CLIENTS, PAIRS = 8, 100
LATE = 1.2  # whoever comes within a time and has not ended by so much of it was kept waiting
RATE_MAX = 5_000
RATES_KEPT = 3  # of those that were tried, the last ones are measured in every round
PROCESSES = 2


class Flow:
    """Runs of load on one pair of servers; what they came to is summed up."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.counted: dict[str, int] = {}
        self.runs = 0

    def load(self, mix: str = "buyers", **load: float) -> LoadReport:
        """Let buyers come once; raises AssertionError where the database disagrees with them."""
        self.runs += 1
        given = Load(mix=MIXES[mix], processes=PROCESSES, seed=self.runs, **load)
        found = self.stage.office.run_load(given, lambda _: None)
        assert found.agrees, (found.ended, found.failures, found.outcome, found.violations)
        assert not found.failures, found.failures
        assert not found.turned_away, found.turned_away
        for what, count in (
            ("buyers", found.arrived),
            ("sold", found.outcome.sold),
            ("paid", found.outcome.paid),
            ("taken", found.outcome.taken.amount),
            ("violations", found.violations),
        ):
            self.counted[what] = self.counted.get(what, 0) + count
        return found

    def run(self, mix: str = "buyers", **load: float) -> Turn:
        """Let buyers come once, and return what is compared. Raises as `load` does."""
        found = self.load(mix, **load)
        flow = next(each for each in found.latencies if each.step == "flow")
        return {
            "flows/s": found.paid_per_second,
            "p50 ms": flow.p50_ms,
            "p95 ms": flow.p95_ms,
            "p99 ms": flow.p99_ms,
        }

    def rates(self, first: float, seconds: float) -> list[float]:
        """Double the rate until the last buyers end long after they came; return all rates."""
        tried = [first]
        while self.load(rate=tried[-1], seconds=seconds).seconds < LATE * seconds:
            assert tried[-1] < RATE_MAX, "no limit was found"
            tried.append(2 * tried[-1])
        print(f"rates tried: {tried}", file=sys.stderr)
        return tried


def main() -> None:
    options = _options()
    with servers(options) as settings:
        stage = Stage.marked(settings, seats=CLIENTS * PAIRS, users=CLIENTS)
        flow = Flow(stage)
        rates = flow.rates(options.first_rate, options.seconds)[-RATES_KEPT:]
        works = _works(flow, rates, options)
        figures = take_turns(options.rounds, works)
        stage.close()
    raw = "pgbench, hold and pay: pairs/s"
    Findings(
        title=f"The whole flow, saturated at {rates[-1]:g} buyers a second",
        figures=figures,
        comparisons=[
            Comparison(ours=f"{name}: flows/s", beside=raw)
            for name in (_at_once(options), _at(rates[-1]))
        ],
        counted={"runs": flow.runs} | flow.counted,
    ).tell(options)


def _works(
    flow: Flow, rates: list[float], options: argparse.Namespace
) -> dict[str, Callable[[int], Turn]]:
    seconds, half, quarter = options.seconds, rates[-1] / 2, rates[-1] / 4
    return {
        "pgbench, hold and pay": lambda _: {"pairs/s": hold_and_pay(flow.stage, CLIENTS, PAIRS)},
        _at_once(options): lambda _: flow.run(buyers=options.buyers),
        **{_at(rate): lambda _, rate=rate: flow.run(rate=rate, seconds=seconds) for rate in rates},
        f"{quarter:g} a second, sustained": lambda _: flow.run(
            rate=quarter, seconds=options.sustained
        ),
        f"usual mix, {half:g} a second": lambda _: flow.run("usual", rate=half, seconds=seconds),
    }


def _at_once(options: argparse.Namespace) -> str:
    return f"{options.buyers} at once"


def _at(rate: float) -> str:
    return f"{rate:g} a second"


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--buyers", type=int, default=300)
    parser.add_argument("--first-rate", type=float, default=10, help="buyers a second")
    parser.add_argument("--seconds", type=float, default=3, help="how long buyers come, by a rate")
    parser.add_argument("--sustained", type=float, default=60, help="seconds of the long turn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
