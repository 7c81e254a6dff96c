"""How long reports of a sold-out hall of 60,000 seats take, and how much memory an export.

    python benchmarks/reports.py [--entries 1000000]

The sale is written by SQL: reservations of three seats, half of them by clerks, all paid, and a
year of other entries beside them. Each report is asked for through `Office`, in turn with a bare
sequential read of the same rows: tickets, entries and audit. Then `export ledger` runs as a
process of its own over few and over many entries.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
import raw
from harness import Comparison, Findings, Turn, parser_of, servers, take_turns, with_peak

from boxoffice.core import examples, plans
from boxoffice.core.model import OCCUPANCY_BY, SALES_BY
from boxoffice.core.office import Office

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.config import Settings

LIMIT = "<=2"
MEMORY_GROWTH = "<=1.15"
FEW_ENTRIES = 10_000
SECONDS, BARE, ONE_SECOND = "seconds", "bare read", "one second"
# One reservation of three seats each; every other one by one of four clerks.
SALE = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE sale AS
        SELECT seat_no, seat_no / 3 + 1 AS id, category_no, seat_no / 3 %% 4 AS clerk,
               (seat_no / 3) %% 2 = 0 AS staffed,
               ('{balance,cash,card,complimentary}'::text[])[seat_no / 3 %% 4 + 1] AS tender,
               now() - seat_no / 3 * interval '1 minute' AS at
        FROM performance_seats WHERE performance_id = %(performance)s;
    CREATE TEMP TABLE sold AS
        SELECT id, count(*) AS seats, sum(p.amount) AS total, min(clerk) AS clerk,
               bool_and(staffed) AS staffed, min(tender) AS tender, min(at) AS at
        FROM sale JOIN prices p ON p.performance_id = %(performance)s
                               AND p.category_no = sale.category_no
        GROUP BY id;
    INSERT INTO accounts VALUES (1, 'KRW', 0) ON CONFLICT DO NOTHING;
    INSERT INTO reservations (performance_id, id, user_id, state, seat_count, total, currency,
                              held_until, created_at, paid_at)
        SELECT %(performance)s, id, 1, 'paid', seats, total, 'KRW', at, at, at FROM sold;
    INSERT INTO reservation_seats (performance_id, reservation_id, seat_no, price, price_type)
        SELECT %(performance)s, id, seat_no, p.amount,
               CASE seat_no %% 5 WHEN 0 THEN 'child' ELSE 'adult' END
        FROM sale JOIN prices p ON p.performance_id = %(performance)s
                               AND p.category_no = sale.category_no;
    UPDATE performance_seats s SET status = 'sold', reservation_id = sale.id
        FROM sale WHERE s.performance_id = %(performance)s AND s.seat_no = sale.seat_no;
    INSERT INTO payments (performance_id, reservation_id, state, settled_at, tender, received, note)
        SELECT %(performance)s, id, 'paid', at, tender,
               CASE tender WHEN 'cash' THEN total END,
               CASE WHEN tender IN ('card', 'complimentary') THEN 'T' END
        FROM sold;
    INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                                performance_id, reservation_id, operation_key, created_at, tender)
        SELECT 1, 'KRW', 'use', 'sales', total, 0, %(performance)s, id, 'pay-' || id, at, tender
        FROM sold;
    INSERT INTO audit (action, principal, user_id, operation_key, detail)
        SELECT 'pay', 'clerk:clerk' || clerk, 1, 'pay-' || id, '{}' FROM sold WHERE staffed;
"""
OTHERS = """
    SET session_replication_role = replica;
    INSERT INTO ledger_entries (user_id, currency, type, house_account, amount, balance_after,
                                operation_key, created_at)
        SELECT 1, 'KRW', 'charge', 'deposits', 1000, 1000, 'charge-' || n,
               now() - n * interval '30 seconds'
        FROM generate_series(1, %s) n
"""
READ = """
    SELECT (SELECT sum(price) FROM reservation_seats), (SELECT sum(amount) FROM ledger_entries),
           (SELECT sum(length(operation_key)) FROM audit),
           (SELECT sum(seat_no) FROM performance_seats)
"""


def main() -> None:
    parser = parser_of(__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the ledger, exported")
    options = parser.parse_args()
    with servers(options) as settings, raw.connect(settings) as connection:
        connection.execute("SET statement_timeout = 0")
        office = Office(settings)
        performance = sell_out(office, connection)
        execute(connection, OTHERS, FEW_ENTRIES)
        exports = {"export of few": exported(settings)}
        execute(connection, OTHERS, options.entries)
        connection.execute("VACUUM ANALYZE")
        works = {BARE: timed(lambda: connection.execute(READ))} | {
            name: timed(ask) for name, ask in reports_of(office, performance).items()
        }
        figures = take_turns(options.rounds, works)
        office.close()
        exports["export of many"] = exported(settings)
        (entries,) = connection.execute("SELECT count(*) FROM ledger_entries").fetchone()
    counted = {"entries": entries, "exported": int(exports["export of many"]["lines"])}
    assert counted["entries"] == counted["exported"], counted
    for name, found in exports.items():
        figures |= {f"{name}: {what}": [value] for what, value in found.items()}
    figures[f"{ONE_SECOND}: {SECONDS}"] = [1.0] * options.rounds
    comparisons = [
        Comparison(ours=f"{name}: {SECONDS}", beside=f"{beside}: {SECONDS}", goal=goal)
        for beside, goal in ((BARE, ""), (ONE_SECOND, LIMIT))
        for name in works
        if name != BARE
    ]
    comparisons.append(
        Comparison(ours="export of many: MB", beside="export of few: MB", goal=MEMORY_GROWTH)
    )
    Findings(
        title="Reports of a sold-out hall of 60,000 seats",
        figures=figures,
        comparisons=comparisons,
        counted=counted,
    ).tell(options)


def reports_of(office: Office, performance: int) -> dict[str, Callable[[], object]]:
    """Return what is asked for, by name."""
    asked = {"map": lambda: office.report_map(performance)}
    for by in SALES_BY:
        asked[f"sales by {by}"] = lambda by=by: office.report_sales(performance=performance, by=by)
    for by in OCCUPANCY_BY:
        asked[f"occupancy by {by}"] = lambda by=by: office.report_occupancy(
            performance=performance, by=by
        )
    asked["sales of all, by clerk"] = lambda: office.report_sales(by="clerk")
    asked["cash-up of today"] = lambda: office.report_cash_up(days_ago=0)
    asked["cash-up of ever"] = office.report_cash_up
    return asked


def sell_out(office: Office, connection: psycopg.Connection) -> int:
    """Sell every seat of a stadium, and return the performance."""
    plan = examples.EXAMPLES["stadium"]()
    file = io.BytesIO()
    plans.write_plan(plan, file)
    file.seek(0)
    office.import_venue(file, key="venue")
    office.create_concert("Concert", plan.name, key="concert")
    office.add_user("user", key="user")
    prices = {name: 50_000 + 1_000 * at for at, name in enumerate(plan.categories)}
    date = datetime(2099, 12, 24, 19, 30)  # noqa: DTZ001 - the venue's zone is added by the core
    made = office.create_performance("1", date, prices=prices, key="performance")
    execute(connection, SALE, {"performance": made.performance})
    connection.execute("VACUUM ANALYZE")
    return made.performance


def execute(connection: psycopg.Connection, statements: str, given: dict | int) -> None:
    """Run several statements at once, which only a client that fills in the values can."""
    cursor = psycopg.ClientCursor(connection)
    cursor.execute(statements, given if isinstance(given, dict) else (given,))


def timed(act: Callable[[], object]) -> Callable[[int], Turn]:
    """Return a work that does something once."""

    def work(_: int) -> Turn:
        began = time.perf_counter()
        act()
        return {SECONDS: time.perf_counter() - began}

    return work


def exported(settings: Settings) -> dict[str, float]:
    """Run `export ledger` as a process; tell its seconds, lines and largest memory in MB."""
    named = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    environment = os.environ | {"BOXOFFICE_HOME": str(settings.data_dir)}
    environment |= {f"BOXOFFICE_{name}": url for name, url in named.items() if url}
    command = with_peak(sys.executable, "-m", "boxoffice", "export", "ledger")
    began = time.perf_counter()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))
        kilobytes = int(process.stderr.read().split()[-1])
    assert process.returncode == 0
    seconds = time.perf_counter() - began
    return {SECONDS: seconds, "lines": lines - 1, "MB": kilobytes / 1024}


if __name__ == "__main__":
    main()
