"""How fast ended holds are swept, next to the plain UPDATEs that change the same rows.

    python benchmarks/release.py [--holds 5000 100000]

Holds of one seat each are written as a set, ended a minute ago. One work frees them by the
project's sweep, which looks again at every seat under its lock; the other by one UPDATE a table, by
performance as well, which would free a seat that somebody is just paying for: the raw limit.
Counted: every hold is expired, no seat is held, and `verify` finds nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness import Comparison, Findings, Turn, parser_of, servers, take_turns
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

HALL_SEATS = 50_000  # 100,000 holds are of two performances
GOAL = ">=0.5"
HOLD = (
    """
    INSERT INTO reservations (performance_id, id, user_id, state, seat_count, total, currency,
                              held_until, created_at)
    SELECT %(performance)s, s.seat_no + 1, %(user)s, 'held', 1, 1000, 'KRW',
           now() - interval '1 minute', now() - interval '6 minutes'
    FROM performance_seats s
    WHERE s.performance_id = %(performance)s AND s.seat_no < %(holds)s
    """,
    """
    UPDATE performance_seats s
    SET status = 'held', reservation_id = seat_no + 1, held_until = r.held_until,
        version = version + 1
    FROM reservations r
    WHERE r.performance_id = %(performance)s AND r.id = s.seat_no + 1
      AND s.performance_id = %(performance)s AND s.seat_no < %(holds)s
    """,
    """
    INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price)
    SELECT %(performance)s, seat_no + 1, seat_no, 1000
    FROM performance_seats WHERE performance_id = %(performance)s AND seat_no < %(holds)s
    """,
    """
    INSERT INTO payments (performance_id, reservation_id, state)
    SELECT %(performance)s, seat_no + 1, 'waiting'
    FROM performance_seats WHERE performance_id = %(performance)s AND seat_no < %(holds)s
    """,
)
FREE = (
    (
        "UPDATE reservations SET state = 'expired'"
        " WHERE performance_id = ANY(%(at)s) AND state = 'held'"
    ),
    (
        "UPDATE performance_seats SET status = 'free', reservation_id = NULL, held_until = NULL,"
        " version = version + 1 WHERE performance_id = ANY(%(at)s) AND status = 'held'"
    ),
    "UPDATE reservation_seats SET live = false WHERE performance_id = ANY(%(at)s) AND live",
    (
        "UPDATE payments SET state = 'cancelled', settled_at = now()"
        " WHERE performance_id = ANY(%(at)s) AND state = 'waiting'"
    ),
)
OUTCOME = """
SELECT (SELECT count(*) FROM reservations WHERE state = 'expired'),
       (SELECT count(*) FROM performance_seats WHERE status = 'held')
"""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--holds", type=int, nargs="+", default=[5_000, 100_000])
    options = parser.parse_args()
    with servers(options) as settings:
        stage = Stage(settings, seats=HALL_SEATS, users=1)
        works: dict[str, Callable[[int], Turn]] = {}
        for holds in options.holds:
            works[f"{holds:,} by UPDATEs"] = release(stage, holds, by_updates)
            works[f"{holds:,} by the sweep"] = release(stage, holds, by_sweep)
        figures = take_turns(options.rounds, works)
        ((expired, held),) = stage.ask(OUTCOME)
        counted = {"expired": expired, "still held": held, "violations": stage.violations()}
        stage.close()
    wanted = 2 * options.rounds * sum(options.holds)
    assert counted == {"expired": wanted, "still held": 0, "violations": 0}, counted
    comparisons = [
        Comparison(
            ours=f"{holds:,} by the sweep: holds a second",
            beside=f"{holds:,} by UPDATEs: holds a second",
            goal=GOAL,
        )
        for holds in options.holds
    ]
    title = "Ended holds, swept"
    Findings(title=title, figures=figures, comparisons=comparisons, counted=counted).tell(options)


def release(
    stage: Stage, holds: int, free: Callable[[Stage, list[int]], int]
) -> Callable[[int], Turn]:
    """Return the work of a round: let holds end, and measure how they are freed."""

    def work(_: int) -> Turn:
        performances = make_ended_holds(stage, holds)
        began = time.perf_counter()
        freed = free(stage, performances)
        seconds = time.perf_counter() - began
        assert freed == holds, freed
        return {"seconds": seconds, "holds a second": holds / seconds}

    return work


def make_ended_holds(stage: Stage, holds: int) -> list[int]:
    """Write ended holds of one seat each, and return the performances that they need."""
    performances = [stage.performance() for _ in range(0, holds, HALL_SEATS)]
    for number, performance in enumerate(performances):
        given = {
            "performance": performance,
            "holds": min(HALL_SEATS, holds - number * HALL_SEATS),
            "user": stage.users[0],
        }
        with stage.office.stores.transaction() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            for statement in HOLD:
                connection.exec_driver_sql(statement, given)
    with stage.office.stores.database() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM ANALYZE")
    return performances


def by_updates(stage: Stage, performances: list[int]) -> int:
    given = {"at": performances}
    with stage.office.stores.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        freed, *_ = [connection.exec_driver_sql(statement, given).rowcount for statement in FREE]
    return freed


def by_sweep(stage: Stage, _: list[int]) -> int:
    return sum(iter(stage.office.sweep, 0))


if __name__ == "__main__":
    main()
