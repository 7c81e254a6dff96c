"""What a command costs before it does anything.

    python benchmarks/startup.py [--rounds 7] [--json]

CPU milliseconds (user and system) of real processes, five of a kind in turn, beside bare imports:
what `--help` adds to `import typer`, and `balance` to `import sqlalchemy, psycopg`. `balance` and
`enqueue` talk to running servers; where those are the embedded ones, they look for them first, and
"by URL" is the same without looking. "TAB in bash" is a shell that loads the completion and
answers, beside the same shell that does nothing; no Python is in it. Then each command once more by
`python -X importtime`: the time of every import, grouped by package, and what is left of the
process outside imports. Both are told as shares of the whole, since telling takes time as well.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Comparison, Findings, parser_of, servers, take_turns
from stage import Stage

from boxoffice.core import embedded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness import Turn

    from boxoffice.core.config import Settings

ROUNDS = 7
RUNS = 5
BOXOFFICE = (sys.executable, "-m", "boxoffice")
HELP, BALANCE, BY_URL = "boxoffice --help", "boxoffice balance", "boxoffice balance, by URL"
TYPER, DRIVERS = "import typer", "import sqlalchemy, psycopg"
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")
GROUPS = ("boxoffice", "typer", "sqlalchemy", "psycopg", "redis")
TAB = 'source {file}; COMP_WORDS=(boxoffice bal); COMP_CWORD=1; _boxoffice; test "$COMPREPLY"'
# What a command may load of the heavy packages; anything else is told as not needed.
NEEDED = {HELP: {"typer"}, BALANCE: {"typer", "sqlalchemy", "psycopg"}}
HEAVY = {
    "alembic", "asyncio", "babel", "cryptography", "email", "http", "ijson", "psycopg", "redis",
    "reportlab", "rich", "sqlalchemy", "ssl", "textual", "typer", "unittest", "urllib", "xml",
}  # fmt: skip


def main() -> None:
    parser = parser_of(__doc__)
    parser.set_defaults(rounds=ROUNDS)
    options = parser.parse_args()
    with servers(options) as settings, tempfile.TemporaryDirectory() as folder:
        stage = Stage(settings, seats=100, users=1)
        environment = _environment(settings)
        asked = _commands(stage, Path(folder), environment)
        works = {name: partial(_spend, words, environment) for name, words in asked.items()}
        works[BY_URL] = partial(_spend, asked[BALANCE], environment | _addresses(settings))
        figures = take_turns(options.rounds, works)
        notes: dict[str, str] = {}
        for name in (TYPER, DRIVERS, HELP, BALANCE):
            turns = [_account(asked[name], environment) for _ in range(options.rounds)]
            for part in sorted({part for turn in turns for part in turn}):
                figures[f"{name}: {part}"] = [turn.get(part, 0.0) for turn in turns]
            notes |= _unneeded(name, asked[name], environment)
        stage.close()
    Findings(title="Start-up", figures=figures, comparisons=_compared(), notes=notes).tell(options)


def _compared() -> list[Comparison]:
    pairs = (
        (HELP, TYPER, "<=1.5"),
        ("boxoffice balance --help", TYPER, "<=1.5"),
        ("TAB in bash", TYPER, "<=1.5"),
        ("TAB in bash", "bash alone", ""),
        ("boxoffice --show-completion bash", TYPER, ""),
        (BALANCE, DRIVERS, "<=1.25"),
        (BALANCE, BY_URL, ""),
        ("boxoffice enqueue", "import redis", ""),
    )
    return [
        Comparison(ours=f"{ours}: CPU ms", beside=f"{beside}: CPU ms", goal=goal)
        for ours, beside, goal in pairs
    ]


def _commands(
    stage: Stage, folder: Path, environment: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    python, user = (sys.executable, "-c"), stage.users[0]
    completion = folder / "boxoffice.bash"
    show = (*BOXOFFICE, "--show-completion", "bash")
    completion.write_bytes(subprocess.check_output(show, env=environment))
    bash = ("bash", "--norc", "-c")
    enqueue = (*BOXOFFICE, "enqueue", str(stage.concert), "--user", user, "--json")
    subprocess.check_output(enqueue, env=environment)  # to be asked for again
    return {
        "Python alone": (*python, "pass"),
        TYPER: (*python, TYPER),
        HELP: (*BOXOFFICE, "--help"),
        "boxoffice --version": (*BOXOFFICE, "--version"),
        "boxoffice balance --help": (*BOXOFFICE, "balance", "--help"),
        "boxoffice --show-completion bash": show,
        "bash alone": (*bash, "true"),
        "TAB in bash": (*bash, TAB.format(file=completion)),
        DRIVERS: (*python, DRIVERS),
        BALANCE: (*BOXOFFICE, "balance", "--user", user, "--json"),
        "import redis": (*python, "import redis"),
        "boxoffice enqueue": enqueue,
    }


def _environment(settings: Settings) -> dict[str, str]:
    given = {
        "BOXOFFICE_HOME": settings.data_dir,
        "BOXOFFICE_DATABASE_URL": settings.database_url,
        "BOXOFFICE_REDIS_URL": settings.redis_url,
        "BOXOFFICE_ROLE": settings.role,
    }
    return os.environ | {name: str(value) for name, value in given.items() if value}


def _addresses(settings: Settings) -> dict[str, str]:
    if settings.database_url:
        return {}
    started = embedded.start(settings)
    urls = {"DATABASE_URL": started.database_url, "REDIS_URL": started.redis_url}
    return {f"BOXOFFICE_{name}": url for name, url in urls.items()}


def _spend(words: Sequence[str], environment: Mapping[str, str], _round: int = 0) -> Turn:
    return {"CPU ms": statistics.mean(_cpu_ms(words, environment) for _ in range(RUNS))}


def _cpu_ms(words: Sequence[str], environment: Mapping[str, str]) -> float:
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    return (usage.ru_utime + usage.ru_stime) * 1000


def _account(words: Sequence[str], environment: Mapping[str, str]) -> Turn:
    """Share the time of one process out: to the imports of each package, and to the rest."""
    began = time.perf_counter()
    lines = _told(words, environment)
    spent = {"whole": (time.perf_counter() - began) * 1e6}
    own: Counter[str] = Counter()
    for name, microseconds in lines:
        own[_group(name)] += microseconds
    own["outside imports"] = int(spent["whole"]) - own.total()
    return {f"% {group}": 100 * value / spent["whole"] for group, value in own.items()}


def _unneeded(name: str, words: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Name the heavy packages that a command loads, and who could do without which."""
    lines = _told(words, environment)
    heavy = sorted({module.partition(".")[0] for module, _ in lines} & HEAVY)
    dearest = Counter(dict(lines)).most_common(5)
    told = {
        f"{name}: dearest modules": ", ".join(f"{module} {time} us" for module, time in dearest),
        f"{name}: modules": f"{len(lines)}, of them {_ours(lines)} of the project",
        f"{name}: heavy packages": ", ".join(heavy),
    }
    if name in NEEDED:
        brought = {one.partition(".")[0] for one, _ in _told(_bare(NEEDED[name]), environment)}
        told[f"{name}: not brought by those"] = ", ".join({*heavy} - brought) or "none"
    return told


def _bare(packages: set[str]) -> tuple[str, ...]:
    return (sys.executable, "-c", f"import {', '.join(sorted(packages))}")


def _ours(lines: Sequence[tuple[str, int]]) -> int:
    return sum(module.startswith("boxoffice") for module, _ in lines)


def _told(words: Sequence[str], environment: Mapping[str, str]) -> list[tuple[str, int]]:
    """Run a command by `-X importtime`; return each module with its own microseconds."""
    python, *rest = words
    ran = subprocess.run(
        [python, "-X", "importtime", *rest],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [(match[2], int(match[1])) for match in LINE.finditer(ran.stderr)]


def _group(module: str) -> str:
    first = module.partition(".")[0].removesuffix("_binary")
    if first in GROUPS:
        return first
    return "stdlib" if first.lstrip("_") in STDLIB or first in STDLIB else "other"


STDLIB = sys.stdlib_module_names


if __name__ == "__main__":
    main()
