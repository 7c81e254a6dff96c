"""How long reports of a sold-out hall of 60,000 seats take, and how much memory an export.

The sale is written by SQL: reservations of three seats, half of them by clerks, all paid, and a
year of other entries beside them. Each report is asked for through `Office`, some rounds, and
stands beside a bare sequential read of the same rows: tickets, entries and audit. Then `export
ledger` runs as a process of its own over few and over many entries.

    python benchmarks/reports.py [--rounds 3] [--entries 1000000] [--json]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import psycopg

from boxoffice.core import embedded, examples, plans
from boxoffice.core.config import load
from boxoffice.core.model import OCCUPANCY_BY, SALES_BY
from boxoffice.core.office import Office

LIMIT_SECONDS = 2.0
MEMORY_GROWTH_MAX = 1.15
FEW_ENTRIES = 10_000
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
BARE = """
    SELECT (SELECT sum(price) FROM reservation_seats), (SELECT sum(amount) FROM ledger_entries),
           (SELECT sum(length(operation_key)) FROM audit),
           (SELECT sum(seat_no) FROM performance_seats)
"""


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)
        settings = load({"BOXOFFICE_HOME": home})
        servers = embedded.start(settings)
        try:
            office = Office(settings)
            results = _measure(office, servers.database_url, home, options)
            office.close()
        finally:
            embedded.stop(settings)
    _report(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the ledger, exported")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(office: Office, url: str, home: str, options: argparse.Namespace) -> dict:
    performance = _sell_out(office, url)
    _execute(url, OTHERS, FEW_ENTRIES)
    few = _export(home)
    _execute(url, OTHERS, options.entries)
    bare = min(_timed(lambda: _execute(url, BARE)) for _ in range(options.rounds))
    reports = {
        **{f"sales by {by}": (office.report_sales, {"by": by}) for by in SALES_BY},
        **{f"occupancy by {by}": (office.report_occupancy, {"by": by}) for by in OCCUPANCY_BY},
    }
    seconds = {
        name: min(
            _timed(lambda ask=ask, by=by: ask(performance=performance, **by))
            for _ in range(options.rounds)
        )
        for name, (ask, by) in reports.items()
    }
    seconds["map"] = _timed(lambda: office.report_map(performance))
    whole = {
        "sales of all, by clerk": _timed(lambda: office.report_sales(by="clerk")),
        "cash-up of today": _timed(lambda: office.report_cash_up(days_ago=0)),
        "cash-up of ever": _timed(office.report_cash_up),
    }
    return {"bare": bare, "seconds": seconds, "whole": whole, "few": few, "many": _export(home)}


def _sell_out(office: Office, url: str) -> int:
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
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = psycopg.ClientCursor(connection)
        cursor.execute(SALE, {"performance": made.performance})
        connection.execute("VACUUM ANALYZE")
    return made.performance


def _execute(url: str, statement: str, *parameters: int) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        psycopg.ClientCursor(connection).execute(statement, parameters or None)


def _timed(act) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _export(home: str) -> dict[str, float]:
    """Run `export ledger` as a process; tell its seconds, lines and largest memory in MB."""
    environment = os.environ | {"BOXOFFICE_HOME": home}
    command = [sys.executable, "-m", "boxoffice", "export", "ledger"]
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: process.stdout.read(1 << 20), b""))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "lines": lines - 1, "mb": usage.ru_maxrss / 1024}


def _report(results: dict, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(results))
        return
    bare = results["bare"]
    print(f"{'bare sequential read':28} {bare:6.2f} s")
    for name, seconds in (results["seconds"] | results["whole"]).items():
        print(f"{name:28} {seconds:6.2f} s  {seconds / bare:5.1f} x the bare read")
    for name in ("few", "many"):
        export = results[name]
        print(
            f"export of {export['lines']:>9,} entries {export['seconds']:6.2f} s"
            f"  {export['mb']:5.0f} MB"
        )
    growth = results["many"]["mb"] / results["few"]["mb"]
    slowest = max(results["seconds"].values())
    print(f"slowest {slowest:.2f} s (limit {LIMIT_SECONDS}), memory grew {growth:.2f} x")
    if slowest > LIMIT_SECONDS or growth > MEMORY_GROWTH_MAX:
        sys.exit(1)


if __name__ == "__main__":
    main()
