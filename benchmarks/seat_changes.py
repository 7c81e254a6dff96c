"""Seats that have changed: read by themselves, as a hint names them, beside reading all states.

Used by seat_list.py. A hint names the seats; what is read of each is its state and its version, and
the sum of the versions tells every two seconds whether a hint was missed (core/live.py).
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from harness import Comparison

from boxoffice.core import seat_maps
from boxoffice.core.database import statement
from boxoffice.core.live import HINTED_SEATS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg
    from harness import Turn
    from stage import Stage

COUNTS = (1, 100, 1_000)
# A prime step, so that the changed seats are all over the hall.
STEP = 7_919
CHANGE = """
    UPDATE performance_seats SET version = version + 1
    WHERE performance_id = %s AND seat_no = ANY (%s)
"""


def works(
    stage: Stage, performance: int, connection: psycopg.Connection
) -> dict[str, Callable[[int], Turn]]:
    """Change so many seats, then read them; and read all, and ask whether anything changed."""
    found = {
        f"{count:,} changes": _reading(stage, performance, connection, count)
        for count in COUNTS
        if count <= stage.seats
    }
    found["all states"] = _timed(
        stage, lambda one: seat_maps.read_states(one, performance), "seat_states", performance
    )
    found["sum of versions"] = _timed(
        stage, lambda one: seat_maps.read_totals(one, performance), "seat_totals", performance
    )
    return found


def compared(seats: int) -> list[Comparison]:
    """Return the figures, of a hall of so many seats, beside those of reading all states."""
    return [
        Comparison(ours=f"{count:,} changes: {what}", beside=f"all states: {what}", goal=goal)
        for count in COUNTS
        if count <= seats
        for what, goal in (
            ("ms", "<=1" if count <= HINTED_SEATS_MAX else ""),
            ("rows read", "<=1"),
            ("buffers", "<=1" if count <= HINTED_SEATS_MAX else ""),
        )
    ] + [Comparison(ours="sum of versions: ms", beside="all states: ms", goal="<=1")]


def notes(stage: Stage, performance: int, connection: psycopg.Connection) -> dict[str, str]:
    """Name the ways by which a hundred changed seats and all states are read."""
    labels = _labels(stage, 0, COUNTS[1])
    plans = {
        f"{len(labels)} changes are read by": _plan(
            connection, "seat_changes", performance, labels
        ),
        "all states are read by": _plan(connection, "seat_states", performance, []),
    }
    return {
        what: ", ".join(
            f"{node['Node Type']} {node.get('Index Name') or node['Relation Name']}"
            for node in _nodes(plan)
            if "Relation Name" in node or "Index Name" in node
        )
        for what, plan in plans.items()
    } | {"seats of a hint that are read by themselves": f"up to {HINTED_SEATS_MAX}"}


def _reading(
    stage: Stage, performance: int, connection: psycopg.Connection, count: int
) -> Callable[[int], Turn]:
    def work(number: int) -> Turn:
        numbers = _numbers(stage, number, count)
        connection.execute(CHANGE, (performance, numbers))
        labels = [stage.seat(each) for each in numbers]
        with stage.office.stores.database() as one:
            began = time.perf_counter()
            changes = seat_maps.read_changes(one, performance, labels)
            spent = (time.perf_counter() - began) * 1_000
        assert sorted(index for index, _, _ in changes) == sorted(numbers)
        return {"ms": spent, **_read(_plan(connection, "seat_changes", performance, labels))}

    return work


def _timed(
    stage: Stage, read: Callable[[object], object], name: str, performance: int
) -> Callable[[int], Turn]:
    def work(_: int) -> Turn:
        with stage.office.stores.database() as one:
            began = time.perf_counter()
            read(one)
            spent = (time.perf_counter() - began) * 1_000
            driver = one.connection.driver_connection
            return {"ms": spent, **_read(_plan(driver, name, performance, []))}

    return work


def _numbers(stage: Stage, turn: int, count: int) -> list[int]:
    return [(turn + 1 + at * STEP) % stage.seats for at in range(count)]


def _labels(stage: Stage, turn: int, count: int) -> list[str]:
    return [stage.seat(number) for number in _numbers(stage, turn, min(count, stage.seats))]


def _plan(connection: psycopg.Connection, name: str, performance: int, labels: list[str]) -> dict:
    """Return the plan of a statement with what it really read."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement(name)}"
    (found,) = connection.execute(
        explain, {"performance": performance, "labels": labels}
    ).fetchone()
    return (found if isinstance(found, list) else json.loads(found))[0]["Plan"]


def _read(plan: dict) -> Turn:
    """Tell how many rows of tables a plan read, and how many pages of 8 kB."""
    rows = sum(
        node["Actual Rows"] * node["Actual Loops"]
        for node in _nodes(plan)
        if "Relation Name" in node
    )
    buffers = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return {"rows read": rows, "buffers": buffers}


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
