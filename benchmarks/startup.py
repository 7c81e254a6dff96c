"""What a command costs before it does anything: CPU of real processes against bare imports.

    python benchmarks/startup.py [--rounds 7] [--json]

Medians of interleaved rounds, CPU milliseconds of the child (user and system).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from boxoffice.core import embedded
from boxoffice.core.config import load
from boxoffice.core.office import Office

BOXOFFICE = ["-m", "boxoffice"]
WORK = {
    "import typer": ["-c", "import typer"],
    "import sqlalchemy, psycopg": ["-c", "import sqlalchemy, psycopg"],
    "import redis": ["-c", "import redis"],
    "boxoffice --help": [*BOXOFFICE, "--help"],
    "boxoffice --version": [*BOXOFFICE, "--version"],
    "boxoffice balance": [*BOXOFFICE, "balance", "--user", "kim", "--json"],
    "boxoffice enqueue": [*BOXOFFICE, "enqueue", "Concert", "--user", "kim", "--json"],
}
RATIOS = {
    "boxoffice --help": ("import typer", 2.7),
    "boxoffice balance": ("import sqlalchemy, psycopg", 1.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)
        settings = load({"BOXOFFICE_HOME": home})
        try:
            _prepare(Office(settings))
            medians = _measure(os.environ | {"BOXOFFICE_HOME": home}, options.rounds)
        finally:
            embedded.stop(settings)
    ratios = {name: medians[name] / medians[base] for name, (base, _) in RATIOS.items()}
    if options.json:
        print(json.dumps({"cpu_ms": medians, "ratios": ratios}))
        return
    for name, milliseconds in medians.items():
        print(f"{milliseconds:7.0f} ms  {name}")
    for name, (base, limit) in RATIOS.items():
        print(f"{ratios[name]:7.2f}     {name} / {base} (to reach: {limit})")


def _prepare(office: Office) -> None:
    from boxoffice.core import examples, plans  # noqa: PLC0415

    with tempfile.TemporaryFile() as file:
        plans.write_plan(examples.EXAMPLES["club"](), file)
        file.seek(0)
        venue = office.import_venue(file, key="venue")
    office.create_concert("Concert", venue.name, key="concert")
    office.add_user("kim", key="user")
    office.enqueue("Concert", "kim")
    office.close()


def _measure(environment: dict[str, str], rounds: int) -> dict[str, float]:
    spent: dict[str, list[float]] = {name: [] for name in WORK}
    for _ in range(rounds):
        for name, arguments in WORK.items():
            before = _children_seconds()
            subprocess.run(
                [sys.executable, *arguments],
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            spent[name].append((_children_seconds() - before) * 1000)
    return {name: statistics.median(values) for name, values in spent.items()}


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
