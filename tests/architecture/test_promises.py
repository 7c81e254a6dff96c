"""The table of rules and their tests in README.md: complete, and about tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
TABLE = (TESTS / "README.md").read_text()
RULES = 13


def test_every_test_that_the_table_names_exists():
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    written = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert named
    assert named - written == set()


def test_every_rule_and_every_mistake_of_the_table_has_a_test():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ")]
    proven = [row for row in rows if "`test_" in row]
    headings = [row for row in rows if row.startswith(("| ---", "| rule |", "| mistake |"))]
    assert len(proven) + len(headings) == len(rows)
    numbers = [int(row[2:].split(".")[0]) for row in proven if re.match(r"\| \d+\.", row)]
    assert numbers == list(range(1, RULES + 1))
