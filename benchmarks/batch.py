"""How close `batch` comes to the `Office` methods that it calls, and what memory it takes.

    python benchmarks/batch.py [--lines 10000] [--jobs 2 8] [--memory-lines 10000] [--json]

As many processes hold and pay through `Office` as `batch` has jobs, and as many clients of pgbench
run the same statements, in turn, on one server; each turn sells a performance of its own, and the
outcome is counted in the database. These commit each statement, and `batch` what it has at hand
together; so does "psycopg in sets", the same statements as many in a commit, which is its raw
limit. The time of `batch` is that of the whole process, its start included; the others are
connected before. CPU is the clients' alone. Memory is the resident set of the largest of its
processes, at a thousand lines and at many, once; `--memory-lines 100000` takes minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowd import Crowd
from harness import Comparison, Findings, parser_of, servers, take_turns, with_peak
from hold_pay import IN_SETS, Sale
from stage import PRICE, Stage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from harness import Turn

USERS = 64
JOBS = (2, 8)
OFFICE_GOAL, LIMIT_GOAL, LIMIT_JOBS = ">=0.6", ">=0.85", 8
FEW_LINES = 1_000
GROWTH_GOAL = "<=1.1"
FEW, MANY = "batch, few lines: MB", "batch, many lines: MB"


def main() -> None:
    options = _options()
    pairs = options.lines // 2
    with ExitStack() as ending:
        settings = ending.enter_context(servers(options))
        crowd = ending.enter_context(Crowd(settings, processes=max(options.jobs)))
        stage = Stage(settings, seats=pairs, users=USERS)
        ending.callback(stage.close)
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        sale = Sale(stage, crowd, pairs)
        works = {
            f"{name}, {jobs}": _by_lines(sale, folder, jobs)
            if name == "batch"
            else sale.work(name, jobs)
            for jobs in options.jobs
            for name in ("pgbench", "office", IN_SETS, "batch")
        }
        figures = take_turns(options.rounds, works)
        if options.memory_lines:
            few, many = (_memory(sale, folder, n) for n in (FEW_LINES, options.memory_lines))
            figures |= {FEW: [few], MANY: [many]}
        counted = stage.counted(*sale.performances)
        assert counted["sold"] == counted["paid"] == sale.seats == counted["taken"] / PRICE
        told = {"seats": sale.seats, **counted}
    Findings(title="Batch", figures=figures, comparisons=_compared(options), counted=told).tell(
        options
    )


def _options() -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, nargs="+", default=list(JOBS))
    parser.add_argument("--memory-lines", type=int, default=10_000, help="0: do not measure it")
    return parser.parse_args()


def _compared(options: argparse.Namespace) -> list[Comparison]:
    goals = {
        (beside, jobs): goal
        for jobs in options.jobs
        for beside, goal in (
            ("office", OFFICE_GOAL),
            ("pgbench", LIMIT_GOAL if jobs == LIMIT_JOBS else ""),
            (IN_SETS, ""),
        )
    }
    found = [
        Comparison(ours=f"batch, {jobs}: pairs/s", beside=f"{beside}, {jobs}: pairs/s", goal=goal)
        for (beside, jobs), goal in goals.items()
    ]
    if options.memory_lines:
        found.append(Comparison(ours=MANY, beside=FEW, goal=GROWTH_GOAL))
    return found


def _by_lines(sale: Sale, folder: Path, jobs: int) -> Callable[[int], Turn]:
    """Return a turn that sells a performance by lines."""

    def turn(_round: int) -> Turn:
        lines = _lines(sale, sale.pairs)
        began = time.perf_counter()
        usage = _run(sale.stage, folder, lines, "--jobs", str(jobs))
        seconds = time.perf_counter() - began
        cpu = (usage.ru_utime + usage.ru_stime) / sale.pairs
        return {"pairs/s": sale.pairs / seconds, "CPU us a pair": cpu * 1e6}

    return turn


def _lines(sale: Sale, pairs: int) -> list[dict[str, Any]]:
    """Return lines that hold and pay so many seats of a new performance."""
    performance = sale.stage.performance()
    sale.performances.append(performance)
    sale.seats += pairs
    lines = []
    for number in range(pairs):
        user, key = sale.stage.users[number % USERS], f"{performance}-{number}"
        who: dict[str, Any] = {"user": user, "performance": performance, "key": key}
        lines.append({"command": "reserve", "seats": [sale.stage.seat(number)], **who})
        lines.append({"command": "pay", "user": user, "reservation": f"@{key}"})
    return lines


def _run(stage: Stage, folder: Path, lines: list[dict[str, Any]], *words: str) -> Any:
    """Run a batch; return what the process and its jobs used."""
    with (folder / "results.jsonl").open("w") as results:
        process = subprocess.Popen(
            _command(folder, lines, *words),
            stdout=results,
            stderr=subprocess.DEVNULL,
            env=_environment(stage),
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.args
    return usage


def _command(folder: Path, lines: list[dict[str, Any]], *words: str) -> list[str]:
    """Write the lines, and return the command that does them."""
    path = folder / "lines.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return [sys.executable, "-m", "boxoffice", "batch", str(path), "--staff", *words]


def _environment(stage: Stage) -> dict[str, str]:
    settings = stage.settings
    given = {
        "HOME": settings.data_dir, "ROLE": settings.role, "CHARGE_MAX": settings.charge_max,
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url,
    }  # fmt: skip
    return os.environ | {f"BOXOFFICE_{name}": str(value) for name, value in given.items() if value}


def _memory(sale: Sale, folder: Path, count: int) -> float:
    """Return what the largest process of so many lines takes, in megabytes."""
    pairs = count // 2
    sets = [_lines(sale, min(sale.pairs, pairs - first)) for first in range(0, pairs, sale.pairs)]
    lines = [line for lines in sets for line in lines]
    ran = subprocess.run(
        with_peak(*_command(folder, lines, "--jobs", str(min(JOBS)))),
        env=_environment(sale.stage),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return int(ran.stderr.split()[-1]) / 1_024


if __name__ == "__main__":
    main()
