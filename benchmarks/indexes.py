"""What each index of the schema is worth, and what those would cost that it does without.

    python benchmarks/indexes.py [--rows 10000000] [--pairs 400]

The large tables are filled with so many rows each. Every index is asked for by the access path
that the project's own statements have, with it and, in a transaction that drops it and is rolled
back, without it. Those that were rejected are made, asked, and hold+pay by pgbench is measured
with and without them, in turn: an index on a column that every sale changes is paid for by every
sale. All on servers of its own, as indexes are dropped and made.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import many_rows
import raw
from harness import Comparison, Findings, parser_of, servers, take_turns
from indexed import PROBES, REJECTED, SMALL, Probe
from pairs import hold_and_pay
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

CLIENTS = 4


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=200, help="hold+pay pairs a client and round")
    options = parser.parse_args()
    with servers(options) as settings:
        stage = Stage(settings, seats=CLIENTS * options.pairs, users=CLIENTS)
        began = time.perf_counter()
        with raw.connect(settings) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            many_rows.fill(connection, options.rows)
            connection.execute("VACUUM ANALYZE")
            filled = time.perf_counter() - began
            require_all(connection)
            findings = measure(stage, connection, options)
        findings.counted["seconds to fill"] = round(filled)
        findings.counted["seats sold meanwhile"] = sold(stage)
        stage.close()
    findings.tell(options)


def sold(stage: Stage) -> int:
    """Count what was sold through pgbench."""
    ((count,),) = stage.ask(
        "SELECT count(*) FROM performance_seats"
        " WHERE status = 'sold' AND performance_id < %(first)s",
        first=many_rows.FIRST,
    )
    return count


def require_all(connection: psycopg.Connection) -> None:
    """Refuse to leave out an index: each has its probe, or is of a table that stays small."""
    rows = connection.execute(
        "SELECT indexname, tablename FROM pg_indexes WHERE schemaname = 'public'"
    )
    known = {probe.index for probe in PROBES}
    missing = [index for index, table in rows if index not in known and table not in SMALL]
    assert not missing, missing


def measure(stage: Stage, connection: psycopg.Connection, options: Any) -> Findings:
    figures: dict[str, list[float]] = {}
    comparisons, plans = [], {}
    for probe in PROBES:
        with_it, without = f"{probe.index}: ms", f"{probe.index}: ms without"
        figures[with_it], plan = asked(connection, probe.query, options.rounds)
        with dropped(connection, probe):
            figures[without], plan_without = asked(connection, probe.query, options.rounds)
        plans[probe.index] = f"{plan}; without it: {plan_without}"
        comparisons.append(Comparison(ours=without, beside=with_it))
    for rejected in REJECTED:
        before, _ = asked(connection, rejected.query, options.rounds)
        turns = take_turns(options.rounds, writers(stage, connection, rejected, options))
        connection.execute(rejected.create)
        after, plan = asked(connection, rejected.query, options.rounds)
        size = connection.execute("SELECT pg_relation_size(%s::regclass)", (rejected.index,))
        plans[rejected.index] = f"rejected, {size.fetchone()[0] / 2**20:.0f} MB: {plan}"
        connection.execute(f"DROP INDEX {rejected.index}")
        name = f"{rejected.index} (rejected)"
        figures |= {f"{name}: ms": after, f"{name}: ms without": before}
        figures |= {f"{name}: {what}": values for what, values in turns.items()}
        comparisons.append(Comparison(ours=f"{name}: ms without", beside=f"{name}: ms"))
        comparisons.append(Comparison(
            ours=f"{name}: with it: pairs a second",
            beside=f"{name}: without it: pairs a second",
        ))  # fmt: skip
    title = f"Each index at {options.rows:,} rows a table"
    return Findings(title=title, figures=figures, comparisons=comparisons, notes=plans)


def asked(connection: psycopg.Connection, query: str, rounds: int) -> tuple[list[float], str]:
    """Return the milliseconds of each round, and how the planner went about it."""
    times = []
    for _ in range(rounds):
        (document,) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchone()
        times.append(document[0]["Execution Time"])
    return times, _scan(document[0]["Plan"])


def _scan(plan: dict) -> str:
    """Name the first plan that reads a table."""
    if "Relation Name" in plan and "Scan" in plan["Node Type"]:
        index = plan.get("Index Name") or next(
            (part["Index Name"] for part in plan.get("Plans", ()) if "Index Name" in part), ""
        )
        return f"{plan['Node Type']} {index or plan['Relation Name']}"
    found = (_scan(part) for part in plan.get("Plans", ()))
    return next((name for name in found if name), "")


@contextmanager
def dropped(connection: psycopg.Connection, probe: Probe) -> Iterator[None]:
    """Be without an index, or the constraint behind it, for a while."""
    with connection.transaction(force_rollback=True):
        found = connection.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE conname = %s", (probe.index,)
        ).fetchone()
        if found:
            connection.execute(f"ALTER TABLE {found[0]} DROP CONSTRAINT {probe.index} CASCADE")
        else:
            connection.execute(f"DROP INDEX {probe.index}")
        yield


def writers(stage: Stage, connection: psycopg.Connection, rejected: Any, options: Any) -> dict:
    """Return the two works of a round: hold+pay with and without an index."""

    def without(_: int) -> dict[str, float]:
        return {"pairs a second": hold_and_pay(stage, CLIENTS, options.pairs)}

    def with_it(_: int) -> dict[str, float]:
        connection.execute(rejected.create)
        try:
            return {"pairs a second": hold_and_pay(stage, CLIENTS, options.pairs)}
        finally:
            connection.execute(f"DROP INDEX {rejected.index}")

    return {"without it": without, "with it": with_it}


if __name__ == "__main__":
    main()
