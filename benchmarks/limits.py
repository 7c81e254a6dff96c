"""How close hold and pay through `Office` come to what the same Postgres can do.

pgbench (of the same server package) runs the project's own hold and pay statements, prepared;
then as many client processes do the same through `Office`. Both in turn, on one server, several
rounds; each round sells its own performance. Outcomes are counted in the database.

    python benchmarks/limits.py [--clients 8] [--pairs 400] [--rounds 5] [--json]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import statistics
import subprocess
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from boxoffice.core import embedded, plans
from boxoffice.core.config import Settings, load
from boxoffice.core.database import SESSION, statement
from boxoffice.core.model import Caller, Plan, PlanRow, PlanSeat
from boxoffice.core.office import Office

PRICE = 1_000
WARM_PAIRS = 5
# What pgbench fills in for each parameter of the statements. It takes any colon for a variable,
# even in a literal.
SETS = (
    "\\set i :i + 1\n"
    "\\set seat :client_id * :pairs + :i\n"
    "\\set number :client_id * 1000000 + :i\n"
    "\\set user :client_id + 1\n"
)
PARAMETERS = {
    "performance": ":performance::bigint",
    "concert": "NULL",
    "labels": "ARRAY['A-' || :seat::text]",
    "reservation": ":number::bigint",
    "reference": "'R-' || :number::text",
    "payment_reference": "'P-' || :number::text",
    "event": "'pay-R-' || :number::text",
    "user": ":user::bigint",
    "hold_seconds": "300",
    "request": "'benchmark'",
    "staff": "'benchmark'",
    "terminal": "NULL",
}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)
        settings = replace(load({"BOXOFFICE_HOME": home}), charge_max=10**12)
        embedded.start(settings)
        try:
            results = _measure(settings, options)
        finally:
            embedded.stop(settings)
    _report(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=400, help="hold+pay pairs a client")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(settings: Settings, options: argparse.Namespace) -> list[dict[str, float]]:
    office = Office(settings)
    _make_hall(office, options)
    results = []
    for number in range(options.rounds):
        raw_on, office_on, warm_on = (_make_performance(office, 3 * number + n) for n in range(3))
        raw = _pgbench(settings, raw_on, options)
        pairs, cpu = _clients(settings, (warm_on, office_on), options)
        for performance in (raw_on, office_on):
            _count_outcomes(office, performance, options)
        results.append({"pgbench": raw, "office": pairs, "cpu_us": cpu})
    office.close()
    return results


def _make_hall(office: Office, options: argparse.Namespace) -> None:
    seats = options.clients * options.pairs + 1
    plan = Plan(
        name="Hall",
        time_zone="UTC",
        focal=(0.0, 0.0),
        categories=("Standard",),
        sections=("Floor",),
        rows=(PlanRow(section=0, name="A"),),
        seats=tuple(
            PlanSeat(label=f"A-{n}", section=0, row=0, number=str(n), category=0, x=n, y=0)
            for n in range(1, seats)
        ),
    )
    file = BytesIO()
    plans.write_plan(plan, file)
    file.seek(0)
    office.import_venue(file, key="venue")
    office.create_concert("Concert", "Hall", key="concert")
    for number in range(1, options.clients + 1):
        user = office.add_user(f"client{number}", key=f"user{number}").user
        office.charge(10**9, str(user), key=f"charge{number}")


def _make_performance(office: Office, number: int) -> int:
    date = datetime(2099, 1, 1, 19, 30) + timedelta(days=number)  # noqa: DTZ001 - the venue's
    made = office.create_performance("Concert", date, prices={"Standard": PRICE}, key=f"p{number}")
    return made.performance


def _pgbench(settings: Settings, performance: int, options: argparse.Namespace) -> float:
    """Return hold+pay pairs a second of pgbench."""
    url = embedded.start(settings).database_url
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SETS)
        for name, suffix in (("hold", "h"), ("pay", "p")):
            keyed = PARAMETERS | {
                "key": f"'{suffix}-' || :performance::text || '-' || :number::text"
            }
            text = re.sub(r"--.*", "", statement(name))
            script.write(re.sub(r"%\((\w+)\)s", lambda m, k=keyed: k[m[1]], text) + ";\n")
        script.flush()
        binary = Path(embedded.status(settings).postgres.binary).with_name("pgbench")
        words = [binary, "-h", url.partition("host=")[2], "-U", "boxoffice", "-n", "-M", "prepared"]
        words += ["-c", str(options.clients), "-j", "2", "-t", str(options.pairs)]
        words += ["-D", "i=0", "-D", f"performance={performance}", "-D", f"pairs={options.pairs}"]
        session = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
        ran = subprocess.run(
            [*words, "-f", script.name, "boxoffice"],
            env=os.environ | {"PGOPTIONS": session},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
    return float(re.search(r"tps = ([\d.]+)", ran.stdout)[1])


def _clients(
    settings: Settings, performances: tuple[int, int], options: argparse.Namespace
) -> tuple[float, float]:
    """Return hold+pay pairs a second of all clients, and CPU microseconds an operation."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(options.clients + 1)
    used, ended = (context.Array("d", options.clients) for _ in range(2))
    clients = [
        context.Process(
            target=_client,
            args=(settings.data_dir, performances, number, options.pairs, barrier, used, ended),
        )
        for number in range(options.clients)
    ]
    for client in clients:
        client.start()
    barrier.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    seconds = max(ended) - began  # like pgbench, without the ending of processes
    operations = 2 * options.clients * options.pairs
    return options.clients * options.pairs / seconds, sum(used) / operations * 1e6


def _client(home, performances, number, pairs, barrier, used, ended) -> None:
    """Sell seats one by one, after a few of another performance, as its modules are loaded then."""
    office = Office(load({"BOXOFFICE_HOME": str(home)}))
    warm, performance = performances
    for n in range(WARM_PAIRS):
        _sell(office, warm, number, number * WARM_PAIRS + n + 1)
    barrier.wait()
    before = _cpu_seconds()
    for n in range(pairs):
        _sell(office, performance, number, number * pairs + n + 1)
    used[number] = _cpu_seconds() - before
    ended[number] = time.perf_counter()
    office.close()


def _sell(office: Office, performance: int, number: int, seat: int) -> None:
    caller = Caller(staff=True, user=str(number + 1))
    key = f"{performance}-{seat}"
    held = office.reserve(performance, caller, seats=[f"A-{seat}"], key=f"{key}-hold")
    office.pay(held.reservation, caller, key=f"{key}-pay")


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _count_outcomes(office: Office, performance: int, options: argparse.Namespace) -> None:
    """Refuse figures of work that was not done: every seat sold, every price in the ledger."""
    with office.stores.database() as connection:
        sold, paid = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM performance_seats WHERE status = 'sold'"
            "        AND performance_id = %(p)s),"
            "       (SELECT coalesce(sum(amount), 0) FROM ledger_entries WHERE type = 'use'"
            "        AND performance_id = %(p)s)",
            {"p": performance},
        ).one()
    wanted = options.clients * options.pairs
    assert (sold, paid) == (wanted, wanted * PRICE), (sold, paid)


def _report(results: list[dict[str, float]], options: argparse.Namespace) -> None:
    ratios = [round_["office"] / round_["pgbench"] for round_ in results]
    summary = {
        "clients": options.clients,
        "rounds": results,
        "ratio_median": statistics.median(ratios),
        "cpu_us_median": statistics.median(round_["cpu_us"] for round_ in results),
    }
    if options.json:
        print(json.dumps(summary))
        return
    print(f"hold+pay pairs a second, {options.clients} clients")
    print(f"{'pgbench':>10} {'Office':>10} {'ratio':>7} {'client CPU us/op':>18}")
    for round_, ratio in zip(results, ratios, strict=True):
        print(
            f"{round_['pgbench']:10.0f} {round_['office']:10.0f} {ratio:7.2f}"
            f" {round_['cpu_us']:18.0f}"
        )
    print(f"median ratio {summary['ratio_median']:.2f}, CPU {summary['cpu_us_median']:.0f} us")


if __name__ == "__main__":
    main()
