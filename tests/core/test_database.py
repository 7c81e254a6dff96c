"""How statements reach psycopg, and what its refusals mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from boxoffice.core import database

STATEMENTS = sorted(path.stem for path in (Path(database.__file__).parent / "sql").glob("*.sql"))
PSYCOPG_REMEMBERS_CHARACTERS = 4096


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_short_enough_for_psycopg_to_remember_its_translation(name):
    assert len(database.statement(name)) <= PSYCOPG_REMEMBERS_CHARACTERS


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_file_opens_with_inputs_result_and_invariant(name):
    path = Path(database.__file__).parent / "sql" / f"{name}.sql"
    head = path.read_text().partition("\n\n")[0]
    assert head.startswith("-- ")
    for part in ("-- in: ", "-- out: ", "-- Invariant: "):
        assert part in path.read_text()
