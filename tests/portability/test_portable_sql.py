"""What Postgres is asked for is had behind a pooler, on a cluster and on Citus as well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import boxoffice

CODE = Path(boxoffice.__file__).parent
MIGRATIONS = CODE / "core" / "migrations"
SOURCES = [path for path in CODE.rglob("*") if path.suffix in (".py", ".sql")]
SCRIPTS = sorted((CODE / "core" / "lua").glob("*.lua"))
STATEMENTS = sorted((CODE / "core" / "sql").rglob("*.sql"))
# What another server of the pool, or another node, would not know of.
SESSION_STATE = (
    r"pg_(try_)?advisory_(un)?lock(_shared)?\b",  # as opposed to pg_advisory_xact_lock
    r"\b(UN)?LISTEN\s+\w",
    r"\bNOTIFY\s+\w",
    r"\bpg_notify\b",
    r"\bTEMP(ORARY)?\s+TABLE\b",
    r"\bWITH\s+HOLD\b",
    r"['\"]SET\s+(?!LOCAL\b)(SESSION\s+)?[a-z_]+\s*(=|TO)\b",
    r"\bDISCARD\s+ALL\b",
)
# What is found by an operation's key alone, whoever it is about.
OWN_KEYS = ("operations", "audit")
KEYS = """
    SELECT t.relname, i.relname, array_agg(a.attname::text ORDER BY k.position)
    FROM pg_index x
    JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
    CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k (attnum, position)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
    WHERE x.indisunique
    GROUP BY 1, 2"""
COLUMNS = """
    SELECT table_name::text, array_agg(column_name::text) FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name IN (
        SELECT table_name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE')
    GROUP BY 1"""


def code_of(path: Path) -> str:
    """Return a source without its comments."""
    mark = "--" if path.suffix == ".sql" else "#"
    return re.sub(rf"{mark}.*", "", path.read_text())


@pytest.mark.parametrize("state", SESSION_STATE)
def test_nothing_depends_on_the_session_a_former_statement_had(state):
    found = [path.name for path in SOURCES if re.search(state, code_of(path))]
    assert found == []


def test_advisory_locks_are_for_migrations_alone():
    users = [path for path in SOURCES if "advisory" in code_of(path)]
    assert users
    assert all(path.is_relative_to(MIGRATIONS) for path in users)


def test_no_constraint_excludes_and_one_trigger_alone_waits_for_the_commit(box):
    found = box.rows(
        "SELECT conname::text FROM pg_constraint WHERE condeferrable OR contype = 'x' ORDER BY 1"
    )
    # On Citus the audit would stay one table on the coordinator, where such triggers are had.
    assert found == [("audit_chained",)]


def volatile_functions(box, text: str) -> list[str]:
    """Return the functions that a text calls and that may differ from row to row."""
    called = sorted({name.lower() for name in re.findall(r"\b([a-zA-Z_]+)\s*\(", text)})
    question = (
        "SELECT DISTINCT proname::text FROM pg_proc"
        " WHERE proname = ANY (%s) AND provolatile = 'v' AND prokind = 'f'"
    )
    return [name for (name,) in box.rows(question, called)]


def test_no_update_calls_a_volatile_function(box):
    assert volatile_functions(box, "clock_timestamp() random ( now()") == [
        "clock_timestamp",
        "random",
    ]
    updating = [path for path in STATEMENTS if re.search(r"\bUPDATE\b", code_of(path))]
    assert len(updating) > 5
    found = {path.name: volatile_functions(box, code_of(path)) for path in updating}
    assert {name: calls for name, calls in found.items() if calls} == {}
    in_python = " ".join(
        f"{name}("
        for path in SOURCES
        if path.suffix == ".py"
        for update in re.findall(r"\bupdate\(.{0,300}", path.read_text(), re.DOTALL)
        for name in re.findall(r"\bfunc\.(\w+)", update)
    )
    assert "now(" in in_python
    assert volatile_functions(box, in_python) == []


def test_every_key_of_what_is_sold_or_owned_begins_with_its_performance_or_user(box):
    columns = dict(box.rows(COLUMNS))
    wrong = []
    for table, index, key in box.rows(KEYS):
        owners = {"performance_id", "user_id"} & set(columns[table])
        if owners and key[0] not in owners and table not in OWN_KEYS:
            wrong.append((table, index, key))
    assert wrong == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_makes_no_key_up(path):
    text = re.sub(r"--.*", "", path.read_text())
    assert re.findall(r"\bcall\(\s*'(?!INFO')\w+'\s*,\s*(?:['\"]|[^,)]*\.\.)", text) == []
    assert not re.search(r"\b(?:EVAL|KEYS|SCAN|SELECT|PUBLISH)\b'", text)
