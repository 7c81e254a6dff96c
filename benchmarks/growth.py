"""How costs grow, by doubling what there is: seats, performances, users, entries, people waiting.

    python benchmarks/growth.py [--doublings 6]

The same operations through `Office`, and calls of the queue, from one process, are timed at sizes
that double, in turn.
The exponent of a growth is the slope of a straight line through the logarithms of size and time
(least squares): 0 is constant, 1 is linear. What is timed is checked: seats held are counted.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from harness import MS, Comparison, Findings, Turn, parser_of, servers, take_turns, timed
from lines import STILL, lines_of
from queue_calls import Calls
from stage import BALANCE, CURRENCY, Stage

from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from lines import Line

    from boxoffice.core.config import Settings

HOLDS, LOOKS, CALLS = 30, 5, 100
WAITING = "waiting"
SMALLEST = {
    "seats": 1_000, "performances": 10, "users": 1_000, "entries": 1_000, WAITING: 1_000,
}  # fmt: skip
FLAT, LINEAR = "<=0.1", "<=1.1"
ENTRIES = """
INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                            operation_key)
SELECT %(user)s, %(currency)s, 'charge', 'deposits', 1, %(balance)s + n, %(run)s || n
FROM generate_series(1, %(entries)s) n
"""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--doublings", type=int, default=6)
    options = parser.parse_args()
    growing = [2**n for n in range(options.doublings + 1)]
    with (
        servers(options, **STILL) as settings,
        lines_of(settings, [settings] * len(growing)) as lines,
    ):
        stages = stages_of(settings, growing)
        waiting = {
            (WAITING, SMALLEST[WAITING] * times): calls_of(line, SMALLEST[WAITING] * times)
            for line, times in zip(lines, growing, strict=True)
        }
        figures = take_turns(options.rounds, works(stages | waiting))
        held = sum(stage.counted(*stage.all)["held"] for stage in stages.values())
        counts = [line.counted() for line in lines]
        came = sum(each["waiting"] + each["admitted"] for each in counts)
        joined = came - sum(line.length for line in lines)
        for stage in stages.values():
            stage.close()
    holding = sum(work is holds for _, _, work in KINDS.values()) * len(growing) * options.rounds
    assert held == holding * HOLDS, (held, holding)
    assert joined == len(growing) * options.rounds * CALLS, joined
    slopes = {
        f"{name}: exponent": exponents(figures, name, kind) for name, (kind, *_) in KINDS.items()
    }
    linear = {"linear growth": [1.0] * options.rounds}
    Findings(
        title="How costs grow",
        figures=figures | slopes | linear,
        comparisons=[
            Comparison(ours=f"{name}: exponent", beside="linear growth", goal=goal)
            for name, (_, goal, _) in KINDS.items()
        ],
        counted={"seats held": held, "people who joined": joined},
    ).tell(options)


def stages_of(settings: Settings, growing: list[int]) -> dict[tuple[str, int], Stage]:
    """Make all stages, by what is large there and how large it is."""
    return {
        (kind, smallest * times): make(settings, kind, smallest * times)
        for kind, smallest in SMALLEST.items()
        if kind != WAITING
        for times in growing
    }


def works(made: dict[tuple[str, int], Any]) -> dict[str, Callable[[int], Turn]]:
    """Return each work at each size that it is for."""
    return {
        f"{name}, {size:,} {kind}": work(of)
        for name, (kind, _, work) in KINDS.items()
        for (made_of, size), of in made.items()
        if made_of == kind
    }


def make(settings: Settings, kind: str, size: int) -> Stage:
    """Make a stage that is large in one respect."""
    stage = Stage(
        settings,
        seats=size if kind == "seats" else HOLDS * 20,
        users=size if kind == "users" else 1,
    )
    stage.all = [stage.performance() for _ in range(size if kind == "performances" else 1)]
    if kind == "entries":
        given = {"user": stage.users[0], "currency": CURRENCY, "balance": BALANCE}
        with stage.office.stores.transaction() as connection:
            connection.exec_driver_sql(ENTRIES, given | {"run": stage.run, "entries": size})
    return stage


def calls_of(line: Line, length: int) -> Calls:
    """Let so many people wait, and return the calls that may be made to their queue."""
    line.fill(length)
    line.give_tokens()
    return Calls(line)


def holds(stage: Stage) -> Callable[[int], Turn]:
    """Hold seats of the last performance, one by one."""
    caller = Caller(staff=True, user=stage.users[-1])
    seats = map(stage.seat, itertools.count())

    def hold() -> None:
        seat = next(seats)
        stage.office.reserve(stage.all[-1], caller, seats=[seat], key=f"{stage.run}-hold-{seat}")

    return timed(hold, HOLDS)


def looks(look: Callable[[Stage], object]) -> Callable[[Stage], Callable[[int], Turn]]:
    """Return a work that looks some times."""
    return lambda stage: timed(lambda: look(stage), LOOKS)


def calls(call: Callable[[Calls, int], Turn]) -> Callable[[Calls], Callable[[int], Turn]]:
    """Return a work that makes some calls of the queue."""
    return lambda made: lambda _: {MS: 1_000 / call(made, CALLS)["calls/s"]}


def exponents(figures: dict[str, list[float]], name: str, kind: str) -> list[float]:
    """Return the exponent of growth in each round."""
    sizes = [
        (int(figure.split(", ")[1].split()[0].replace(",", "")), values)
        for figure, values in figures.items()
        if figure.startswith(f"{name}, ") and figure.endswith(f" {kind}: {MS}")
    ]
    rounds = range(len(sizes[0][1]))
    return [
        slope([(math.log(n), math.log(values[turn])) for n, values in sizes]) for turn in rounds
    ]


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line through points that is nearest by least squares."""
    x, y = (sum(part) / len(points) for part in zip(*points, strict=True))
    above = sum((a - x) * (b - y) for a, b in points)
    return above / sum((a - x) ** 2 for a, _ in points)


STAFF = Caller(staff=True)
# What is timed: the kind of size, the growth that is stated of it, and the work.
KINDS = {
    "hold": ("seats", FLAT, holds),
    "hold among": ("performances", FLAT, holds),
    "hold by one of": ("users", FLAT, holds),
    "list seats": (
        "seats",
        LINEAR,
        looks(lambda stage: stage.office.list_seats(stage.all[-1], STAFF)),
    ),
    "seat map": ("seats", LINEAR, looks(lambda stage: stage.office.seat_map(stage.all[-1]))),
    "list dates": (
        "performances",
        LINEAR,
        looks(lambda stage: stage.office.list_dates(str(stage.concert), STAFF)),
    ),
    "balance of one with": (
        "entries",
        FLAT,
        looks(lambda stage: stage.office.balance(stage.users[0])),
    ),
    "poll among": (WAITING, FLAT, calls(Calls.poll)),
    "join behind": (WAITING, FLAT, calls(Calls.join)),
}

if __name__ == "__main__":
    main()
