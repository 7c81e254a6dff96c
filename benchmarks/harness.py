"""What all benchmarks share: servers, rounds in turn, and figures as a table or as JSON.

A benchmark measures ours and the raw limit in turn, in one run on one machine: absolute times are
the machine's, ratios are ours. Nothing is warmed up out of sight: what a benchmark does before
its first round is told in its own words, and the first round counts like any other.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core import embedded
from boxoffice.core.config import Settings, load
from boxoffice.core.office import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUNDS = 5
MS = "ms"
CHARGE_MAX = 10**12  # minor units: buyers of a benchmark are rich
PEAK = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
# What one turn of a work found, by name: a rate, a time, a count.
Turn = dict[str, float]


def parser_of(document: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark, described by its docstring."""
    parser = argparse.ArgumentParser(description=(document or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--out", type=Path, help="write the JSON to this file, too")
    parser.add_argument("--database-url", help="a database that is marked for benchmarks")
    parser.add_argument("--redis-url", help="and its Redis; without both: embedded servers")
    return parser


@contextmanager
def servers(options: argparse.Namespace, **changes: object) -> Iterator[Settings]:
    """Yield the settings of servers to measure on: new embedded ones, or those given."""
    with tempfile.TemporaryDirectory(prefix="boxoffice-bench-") as home:
        Path(home).chmod(0o755)  # the embedded Postgres may run as somebody else
        given = {"database_url": options.database_url, "redis_url": options.redis_url}
        named = {name: url for name, url in given.items() if url}
        settings = load({"BOXOFFICE_HOME": home}, role="admin", **named)
        settings = replace(settings, charge_max=CHARGE_MAX, **changes)
        if named:
            _require_mark(settings)
            yield settings
            return
        embedded.start(settings)
        try:
            yield settings
        finally:
            embedded.stop(settings)


def _require_mark(settings: Settings) -> None:
    """Raise NotMarked for a database that may be a shop's: `boxoffice bench --mark` marks one."""
    office = Office(settings)
    try:
        office.require_marked()
    finally:
        office.close()


def take_turns(rounds: int, works: Mapping[str, Callable[[int], Turn]]) -> dict[str, list[float]]:
    """Do each work once a round, so that the noise of the machine falls on all alike.

    Every other round goes backwards, so that none always comes after the same other one.
    Returns the values of all rounds of each figure, named ``WORK: FIGURE``.
    """
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        for name in list(works)[:: -1 if number % 2 else 1]:
            for what, value in works[name](number).items():
                found.setdefault(f"{name}: {what}", []).append(value)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return found


def timed(act: Callable[[], object], times: int) -> Callable[[int], Turn]:
    """Return a work that does something so many times, and tells the milliseconds of one."""

    def work(_: int) -> Turn:
        began = time.perf_counter()
        for _ in range(times):
            act()
        return {MS: (time.perf_counter() - began) * 1_000 / times}

    return work


def with_peak(*command: str) -> list[str]:
    """Return a command that runs another one, and says last on stderr what kilobytes it took.

    A process that is started from a large one counts its starter's memory as its own peak, so
    that a small one stands between.
    """
    return [sys.executable, "-c", PEAK, *command]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One figure beside another, round by round; the goal is ``>=0.65`` or ``<=1.5``."""

    ours: str
    beside: str
    goal: str = ""

    def ratios(self, figures: Mapping[str, list[float]]) -> list[float]:
        """Return ours as a multiple of the other, in each round."""
        pairs = zip(figures[self.ours], figures[self.beside], strict=True)
        return [ours / beside for ours, beside in pairs]

    def is_reached(self, ratio: float) -> bool | None:
        """Say whether the goal is reached; None where there is none."""
        if not self.goal:
            return None
        limit = float(self.goal[2:])
        return ratio >= limit if self.goal.startswith(">=") else ratio <= limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a benchmark found: figures, ratios, and outcomes counted in the database."""

    title: str
    figures: dict[str, list[float]]
    comparisons: list[Comparison] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)  # what a figure came from: a plan, a place

    def as_json(self) -> dict[str, object]:
        """Return all of it, every round included, as JSON takes it."""
        ratios = [
            {**asdict(each), **_spread(each.ratios(self.figures)), "reached": self._reached(each)}
            for each in self.comparisons
        ]
        return {
            "title": self.title,
            "command": " ".join(["python", *_command()]),
            "machine": machine(),
            "figures": {name: _spread(values) for name, values in self.figures.items()},
            "ratios": ratios,
            "counted": self.counted,
            "notes": self.notes,
        }

    def _reached(self, comparison: Comparison) -> bool | None:
        return comparison.is_reached(statistics.median(comparison.ratios(self.figures)))

    def tell(self, options: argparse.Namespace) -> None:
        """Print the table, or the JSON, and keep the JSON where that is wanted."""
        document = json.dumps(self.as_json(), indent=1, ensure_ascii=False)
        if options.out:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(f"{document}\n", encoding="utf-8")
        print(document if options.json else table(json.loads(document)))


def table(found: Mapping[str, object]) -> str:
    """Return findings, as they stand in their JSON, as a table in Markdown."""
    lines = [
        f"**{found['title']}**, `{found['command']}`, on {found['machine']}",
        "",
        "| figure | median | lowest | highest |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, figure in found["figures"].items():
        values = " | ".join(_number(figure[part]) for part in ("median", "low", "high"))
        lines.append(f"| {name} | {values} |")
    if found["ratios"]:
        lines += ["", "| ratio | median | lowest | highest | to reach |"]
        lines += ["| --- | ---: | ---: | ---: | --- |"]
    words = {True: "reached", False: "**not reached**", None: ""}
    for ratio in found["ratios"]:
        values = " | ".join(_number(ratio[part]) for part in ("median", "low", "high"))
        goal = f"{ratio['goal']} {words[ratio['reached']]}".strip()
        lines.append(f"| {ratio['ours']} / {ratio['beside']} | {values} | {goal} |")
    if found["counted"]:
        lines += ["", "| counted afterwards | |", "| --- | ---: |"]
        lines += [f"| {what} | {_number(n)} |" for what, n in found["counted"].items()]
    if found["notes"]:
        lines += ["", "| what | note |", "| --- | --- |"]
        lines += [f"| {what} | {note} |" for what, note in found["notes"].items()]
    return "\n".join(lines)


def machine() -> str:
    """Name what this runs on, as far as it matters for a figure."""
    model = platform.processor() or platform.machine()
    with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
        models = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    python = platform.python_version()
    return f"{models[0] if models else model}, {os.cpu_count()} threads, Python {python}"


def _command() -> list[str]:
    """Return the words that repeat this run, without those that say where its results go."""
    words = [f"benchmarks/{Path(sys.argv[0]).name}"]
    skip = False
    for word in sys.argv[1:]:
        if not skip and word not in ("--json", "--out") and not word.startswith("--out="):
            words.append("..." if "://" in word else word)
        skip = word == "--out"
    return words


def _spread(values: list[float]) -> dict[str, object]:
    return {
        "median": statistics.median(values),
        "low": min(values),
        "high": max(values),
        "rounds": values,
    }


def _number(value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}"
