"""What the indexes that were rejected would cost every sale.

    python benchmarks/rejected.py [--pairs 200]

pgbench holds and pays with the project's own statements, with each index and without it, in turn.
Beside the pairs a second, which a busy machine blurs, it counts how many changes of rows stayed on
their page without touching an index (HOT), which is the same on every machine.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import raw
from harness import Comparison, Findings, Turn, parser_of, servers, take_turns
from indexed import REJECTED
from pairs import hold_and_pay
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

CLIENTS = 4
WITHOUT = "none of them"
PAIRS, HOT = "pairs a second", "changes without an index, percent"
WRITTEN = """
SELECT sum(n_tup_upd), sum(n_tup_hot_upd) FROM pg_stat_user_tables
"""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="hold+pay pairs a client and turn")
    options = parser.parse_args()
    with servers(options) as settings, raw.connect(settings) as connection:
        stage = Stage(settings, seats=CLIENTS * options.pairs, users=CLIENTS)
        works = {WITHOUT: selling(stage, connection, options.pairs, None)}
        for rejected in REJECTED:
            works[rejected.index] = selling(stage, connection, options.pairs, rejected.create)
        figures = take_turns(options.rounds, works)
        stage.close()
    comparisons = [
        Comparison(ours=f"{index}: {what}", beside=f"{WITHOUT}: {what}")
        for what in (PAIRS, HOT)
        for index in works
        if index != WITHOUT
    ]
    counted = {"seats sold": options.rounds * len(works) * CLIENTS * options.pairs}
    title = "What rejected indexes would cost a sale"
    Findings(title=title, figures=figures, comparisons=comparisons, counted=counted).tell(options)


def selling(
    stage: Stage, connection: psycopg.Connection, pairs: int, create: str | None
) -> Callable[[int], Turn]:
    """Return the work that sells a performance, with an index that is there meanwhile."""

    def work(_: int) -> Turn:
        with made(connection, create):
            before = written(connection)
            rate = hold_and_pay(stage, CLIENTS, pairs)
            changes, hot = (
                after - former for after, former in zip(written(connection), before, strict=True)
            )
        return {PAIRS: rate, HOT: float(100 * hot / changes)}

    return work


@contextmanager
def made(connection: psycopg.Connection, create: str | None) -> Iterator[None]:
    """Have an index for a while, or none."""
    if create is None:
        yield
        return
    connection.execute(create)
    try:
        yield
    finally:
        connection.execute(f"DROP INDEX {create.split()[2]}")


def written(connection: psycopg.Connection) -> tuple[int, int]:
    """Return how many rows were changed so far, and how many of them on their page."""
    connection.execute("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()")
    return connection.execute(WRITTEN).fetchone()


if __name__ == "__main__":
    main()
