"""What each index of the schema is worth, and what those would answer that it does without.

    python benchmarks/indexes.py [--rows 10000000]

The large tables are filled with so many rows each. Every index is asked for by the access path that
the project's own statements have, in turn with it and, in a transaction that drops it and is rolled
back, without it. Those that were rejected are made once, and asked before and after. What they
would cost, `rejected.py` measures. On servers of its own, as indexes are dropped and made; ten
million rows take a quarter of an hour.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import many_rows
import raw
from harness import Comparison, Findings, parser_of, servers
from indexed import PROBES, REJECTED, SMALL, Probe
from stage import Stage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    import psycopg


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with servers(options) as settings:
        stage = Stage(settings, seats=1, users=1)  # makes the schema
        began = time.perf_counter()
        with raw.connect(settings) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET idle_in_transaction_session_timeout = 0")
            many_rows.fill(connection, options.rows)
            connection.execute("VACUUM ANALYZE")
            filled = time.perf_counter() - began
            require_all(connection)
            findings = measure(connection, options)
        findings.counted["seconds to fill"] = round(filled)
        stage.close()
    findings.tell(options)


def require_all(connection: psycopg.Connection) -> None:
    """Refuse to leave out an index: each has its probe, or is of a table that stays small."""
    rows = connection.execute(
        "SELECT indexname, tablename FROM pg_indexes WHERE schemaname = 'public'"
    )
    known = {probe.index for probe in PROBES}
    missing = [index for index, table in rows if index not in known and table not in SMALL]
    assert not missing, missing


def measure(connection: psycopg.Connection, options: argparse.Namespace) -> Findings:
    figures: dict[str, list[float]] = {}
    comparisons, plans = [], {}
    for probe in PROBES:
        with_it, without = f"{probe.name}: ms", f"{probe.name}: ms without"
        figures |= {with_it: [], without: []}
        for _ in range(options.rounds):
            (milliseconds,), plan = asked(connection, probe.query, 1)
            figures[with_it].append(milliseconds)
            with dropped(connection, probe):
                (milliseconds,), plan_without = asked(connection, probe.query, 1)
            figures[without].append(milliseconds)
        plans[probe.name] = f"`{probe.query}`<br>{plan}<br>without it: {plan_without}"
        comparisons.append(Comparison(ours=without, beside=with_it))
    for rejected in REJECTED:
        before, plan_before = asked(connection, rejected.query, options.rounds)
        connection.execute(rejected.create)
        after, plan = asked(connection, rejected.query, options.rounds)
        size = connection.execute("SELECT pg_relation_size(%s::regclass)", (rejected.index,))
        connection.execute(f"DROP INDEX {rejected.index}")
        name = f"{rejected.index} (rejected)"
        megabytes = size.fetchone()[0] / 2**20
        plans[f"{name}, {megabytes:.1f} MB"] = (
            f"`{rejected.query}`<br>{plan}<br>without it: {plan_before}"
        )
        figures |= {f"{name}: ms": after, f"{name}: ms without": before}
        comparisons.append(Comparison(ours=f"{name}: ms without", beside=f"{name}: ms"))
    title = f"Each index at {options.rows:,} rows a table"
    return Findings(title=title, figures=figures, comparisons=comparisons, notes=plans)


def asked(connection: psycopg.Connection, query: str, rounds: int) -> tuple[list[float], str]:
    """Return the milliseconds of each round, and how the planner went about it."""
    times = []
    question = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}"
    for _ in range(rounds):
        (document,) = connection.execute(question).fetchone()
        times.append(document[0]["Execution Time"])
    return times, _told(document[0]["Plan"])


def _told(plan: dict) -> str:
    """Tell what a plan did to a table, how many rows it answered, and the pages that it took."""
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return f"{_scan(plan)}: {plan['Actual Rows'] * plan['Actual Loops']:,.0f} rows, {pages:,} pages"


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


if __name__ == "__main__":
    main()
