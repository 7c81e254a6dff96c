"""How close `batch` comes to the `Office` methods that it calls, and what memory it takes.

    python benchmarks/batch.py [--lines 10000] [--rounds 3] [--memory-lines 100000] [--json]

As many processes reserve and pay through `Office` as `batch` has jobs, in turn with it, on one
server; each round sells its own performance, and the outcome is counted in the database. The time
of `batch` is that of the whole process, its start included. Memory is the largest resident set of
the process and its jobs, at a thousand lines and at many.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from boxoffice.core import embedded, plans
from boxoffice.core.config import Settings, load
from boxoffice.core.model import Caller, Plan, PlanRow, PlanSeat
from boxoffice.core.office import Office

PRICE = 1_000
USERS = 50
JOBS = (1, 2)
SHARE_MIN, GROWTH_MAX = 0.6, 1.1
FEW_LINES = 1_000
FORK = multiprocessing.get_context("fork")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-lines", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)
        settings = replace(load({"BOXOFFICE_HOME": home}), charge_max=10**12)
        embedded.start(settings)
        try:
            results = measure(Sale(settings, Path(home), options.lines // 2), options)
        finally:
            embedded.stop(settings)
    report(results, as_json=options.json)


class Sale:
    """A hall, its users with money, and a performance whenever one is asked for."""

    def __init__(self, settings: Settings, home: Path, pairs: int) -> None:
        self.settings, self.home, self.pairs = settings, home, pairs
        self.office = Office(settings)
        file = BytesIO()
        plans.write_plan(hall(pairs), file)
        file.seek(0)
        self.office.import_venue(file, key="hall")
        self.concert = self.office.create_concert("Concert", "Hall", key="concert").id
        self.users = [self._user(number) for number in range(USERS)]
        self.performances = 0

    def _user(self, number: int) -> str:
        user = str(self.office.add_user(f"user-{number}", key=f"add-{number}").user)
        self.office.charge(10**11, user, key=f"charge-{number}")
        return user

    def rows(self, statement: str) -> list[tuple]:
        with self.office.stores.database() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def performance(self) -> int:
        """Create one more, every seat free."""
        self.performances += 1
        date = datetime(2099, 1, 1) + timedelta(days=self.performances)  # noqa: DTZ001
        return self.office.create_performance(
            str(self.concert), date, prices={"Any": PRICE}, key=f"show-{self.performances}"
        ).performance

    def sold(self, performance: int) -> int:
        ((sold,),) = self.rows(
            "SELECT count(*) FROM performance_seats"
            f" WHERE performance_id = {performance} AND status = 'sold'"
        )
        return int(sold)


def hall(seats: int) -> Plan:
    return Plan(
        name="Hall",
        time_zone="Asia/Seoul",
        focal=(0.0, -5.0),
        categories=("Any",),
        sections=("All",),
        rows=(PlanRow(section=0, name="A"),),
        seats=tuple(
            PlanSeat(label=f"A-{n}", section=0, row=0, number=str(n), category=0, x=float(n), y=0.0)
            for n in range(1, seats + 1)
        ),
    )


# --- speed ---


def measure(sale: Sale, options: argparse.Namespace) -> dict[str, float]:
    times: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for jobs in JOBS:
            times.setdefault(f"office {jobs}", []).append(through_office(sale, jobs))
            times.setdefault(f"batch {jobs}", []).append(through_batch(sale, jobs))
    results = {
        f"{name}: lines a second": 2 * sale.pairs / statistics.median(each)
        for name, each in times.items()
    }
    for jobs in JOBS:
        shares = [
            o / b for o, b in zip(times[f"office {jobs}"], times[f"batch {jobs}"], strict=True)
        ]
        results[f"share {jobs}"] = statistics.median(shares)
    few, many = (memory_mb(sale, lines) for lines in (FEW_LINES, options.memory_lines))
    return results | {"MB, few lines": few, "MB, many lines": many}


def through_office(sale: Sale, processes: int) -> float:
    """Sell a performance by the methods alone; return the seconds it took."""
    performance = sale.performance()
    began = time.perf_counter()
    sellers = [
        FORK.Process(target=sell, args=(sale, performance, number, processes))
        for number in range(processes)
    ]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()
    seconds = time.perf_counter() - began
    assert sale.sold(performance) == sale.pairs
    return seconds


def sell(sale: Sale, performance: int, number: int, processes: int) -> None:
    office = Office(sale.settings)
    for seat in range(1 + number, sale.pairs + 1, processes):
        caller = Caller(staff=True, user=sale.users[seat % USERS])
        key = f"{performance}-{seat}"
        held = office.reserve(performance, caller, seats=[f"A-{seat}"], key=f"{key}-r")
        office.pay(held.reservation, caller, key=f"{key}-p")
    office.close()


def through_batch(sale: Sale, jobs: int) -> float:
    """Sell a performance by lines; return the seconds it took."""
    performance = sale.performance()
    path = sale.home / "lines.jsonl"
    with path.open("w") as file:
        for seat in range(1, sale.pairs + 1):
            user, key = sale.users[seat % USERS], f"{performance}-{seat}"
            who = {"user": user, "performance": performance}
            seats = {"seats": [f"A-{seat}"], "key": key}
            print(json.dumps({"command": "reserve", **who, **seats}), file=file)
            pay = {"command": "pay", "user": user, "reservation": f"@{key}"}
            print(json.dumps(pay), file=file)
    began = time.perf_counter()
    run(sale, path, "--jobs", str(jobs))
    seconds = time.perf_counter() - began
    assert sale.sold(performance) == sale.pairs
    return seconds


def run(sale: Sale, path: Path, *options: str) -> int:
    """Run a batch; return the largest resident set of it and its jobs, in kilobytes."""
    with (sale.home / "results.jsonl").open("w") as results:
        process = subprocess.Popen(
            [sys.executable, "-m", "boxoffice", "batch", str(path), "--staff", *options],
            stdout=results,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"BOXOFFICE_HOME": str(sale.home)},
        )
        _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return usage.ru_maxrss


# --- memory ---


def memory_mb(sale: Sale, lines: int) -> float:
    """Return what a run of charges takes."""
    path = sale.home / "charges.jsonl"
    with path.open("w") as file:
        for number in range(lines):
            line = {"command": "charge", "user": sale.users[number % USERS], "amount": 1}
            print(json.dumps(line | {"key": f"m-{lines}-{number}"}), file=file)
    return run(sale, path) / 1_024


def report(results: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(results))
        return
    for name, value in results.items():
        print(f"{name:<28}{value:>10,.2f}")
    for jobs in JOBS:
        verdict = "yes" if results[f"share {jobs}"] >= SHARE_MIN else "NO"
        print(f"{jobs} of the methods at least {SHARE_MIN}: {verdict}")
    growth = results["MB, many lines"] / results["MB, few lines"]
    print(f"memory flat ({growth:.2f} times): {'yes' if growth <= GROWTH_MAX else 'NO'}")


if __name__ == "__main__":
    main()
