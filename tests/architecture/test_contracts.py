"""The dependency arrows, and what the lowest modules may lean on."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import boxoffice

PACKAGE = Path(boxoffice.__file__).parent
ROOT = PACKAGE.parent
LINT_SECONDS = 120
SIDE_EFFECTS = """
import importlib, sys
import alembic.command, babel.numbers, ijson, psycopg, redis, rich.console, rich.table, typer
import sqlalchemy.dialects.postgresql.psycopg
import textual.app, textual_serve.server

SOURCES = (".py", ".pyc", ".so", "METADATA", "entry_points.txt")
found = []

def watch(event, details):
    if event == "open" and isinstance(details[0], str) and not details[0].endswith(SOURCES):
        found.append((event, details[0]))
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.fork"):
        found.append((event, str(details)))

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(found)
"""


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts and path.name != "__main__.py":
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_every_import_contract_is_kept():
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LINT_SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    assert "0 broken" in ran.stdout


NOUNS = sorted(path.stem for path in (PACKAGE / "core" / "model").glob("*.py"))
LOWEST = ["errors", "config", *(f"model/{name}" for name in NOUNS)]


@pytest.mark.parametrize("name", LOWEST)
def test_nouns_errors_and_settings_import_the_standard_library_and_each_other_alone(name):
    allowed = sys.stdlib_module_names | {
        f"boxoffice.core.{lowest.removesuffix('/__init__').replace('/', '.')}" for lowest in LOWEST
    }
    tree = ast.parse((PACKAGE / "core" / f"{name}.py").read_text())
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = node.module or ""
            imported.add(whole if whole.startswith("boxoffice") else whole.split(".")[0])
    assert imported <= allowed


def test_importing_any_module_connects_to_nothing_writes_nothing_and_reads_no_settings():
    ran = subprocess.run(
        [sys.executable, "-B", "-c", SIDE_EFFECTS, *modules()],
        env={"PATH": "", "BOXOFFICE_DATABASE_URL": "broken", "BOXOFFICE_ROLE": "broken"},
        capture_output=True,
        text=True,
        timeout=LINT_SECONDS,
        check=False,
    )
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr


def test_the_core_reads_no_clock_of_its_own_for_a_deadline_of_a_sale():
    """Postgres's now() and Redis's TIME decide; this process's clock only limits its waits."""
    for path in (PACKAGE / "core").rglob("*.py"):
        text = path.read_text()
        for clock in ("datetime.now(", "time.time()", "utcnow(", "date.today("):
            assert clock not in text, f"{path.name}: {clock}"


def test_no_statement_asks_for_a_clock_that_moves_within_it():
    for path in (PACKAGE / "core" / "sql").glob("*.sql"):
        assert "clock_timestamp" not in path.read_text(), path.name


def test_every_statement_and_script_opens_by_saying_what_it_is():
    for folder, mark in (("sql", "--"), ("lua", "--")):
        for path in (PACKAGE / "core" / folder).rglob(f"*.{folder}"):
            assert path.read_text().startswith(mark), path.name
