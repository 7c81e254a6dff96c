"""A sell-out with a queue in front: more buyers at once than there are seats.

    python benchmarks/sellout.py [--buyers 1500] [--seats 1000] [--admitted 200] [--rounds 5]
    python benchmarks/sellout.py --buyers 30000 --seats 20000 --rounds 1   (four minutes)

Virtual buyers, as those of `boxoffice bench`, all come in the same moment, wait in the queue and
poll as they are told, and whoever is admitted looks, holds a seat and pays it. Far back in the line
they poll once a minute, as one sets it for a line of tens of thousands: by the default of twenty
seconds 30,000 make 1,500 polls a second, for which the two processes that play them have no time
left. The right answer is that every seat is sold, once, that everybody else is told so, and that
nobody's visit fails. Beside it pgbench holds and pays with the same statements and nothing else.
Outcomes are counted in the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import Comparison, Findings, parser_of, servers, take_turns
from pairs import hold_and_pay
from stage import Stage

from boxoffice.core.load.populations import MIXES
from boxoffice.core.model import Load

if TYPE_CHECKING:
    import argparse

    from harness import Turn

CLIENTS, PAIRS = 8, 100
PROCESSES = 2
POLL = {"poll_far_seconds": 60.0, "absence_seconds": 180.0, "claim_seconds": 180.0}


def main() -> None:
    options = _options()
    with servers(options, **POLL) as settings:
        stage = Stage.marked(settings, seats=CLIENTS * PAIRS, users=CLIENTS)
        counted: dict[str, int] = {}
        works = {
            "pgbench, hold and pay": lambda _: {"pairs/s": hold_and_pay(stage, CLIENTS, PAIRS)},
            "sell-out": lambda number: sell_out(stage, options, number, counted),
        }
        figures = take_turns(options.rounds, works)
        stage.close()
    Findings(
        title=f"A sell-out: {options.buyers} buyers, {options.seats} seats",
        figures=figures,
        comparisons=[
            Comparison(ours="sell-out: seats/s", beside="pgbench, hold and pay: pairs/s"),
        ],
        counted=counted,
    ).tell(options)


def sell_out(
    stage: Stage, options: argparse.Namespace, number: int, counted: dict[str, int]
) -> Turn:
    """Sell one hall out, and refuse every other outcome."""
    load = Load(
        mix=MIXES["buyers"],
        buyers=options.buyers,
        seats=options.seats,
        admitted=options.admitted,
        processes=PROCESSES,
        seed=number,
    )
    found = stage.office.run_load(load, lambda _: None)
    wanted = {"paid": options.seats, "sold_out": options.buyers - options.seats}
    told = (found.ended, found.failures, found.outcome, found.violations)
    assert found.ended == {how: count for how, count in wanted.items() if count}, told
    assert found.agrees, told
    assert found.outcome.sold == found.outcome.paid == options.seats, told
    sums = wanted | {"sold": found.outcome.sold, "violations": found.violations}
    for what, count in sums.items():
        counted[what] = counted.get(what, 0) + count
    steps = {step.step: step for step in found.latencies}
    return {
        "seats/s": found.paid_per_second,
        "whole sale s": found.seconds,
        "polls a buyer": steps["poll"].count / options.buyers if "poll" in steps else 0.0,
        **{
            f"{name} {part} ms": getattr(steps[name], f"{part}_ms")
            for name in ("join", "poll", "pay")
            if name in steps
            for part in ("p50", "p99")
        },
    }


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--buyers", type=int, default=1_500)
    parser.add_argument("--seats", type=int, default=1_000)
    parser.add_argument("--admitted", type=int, default=200, help="at once, by the queue")
    return parser.parse_args()


if __name__ == "__main__":
    main()
