"""Random command lines: never a trace, always a documented exit code, never a stray stream."""

from __future__ import annotations

import random

import pytest

from boxoffice.commands.output import Exit

COMMANDS = [
    ("enqueue",), ("position",), ("leave",), ("list-concerts",), ("show-concert",),
    ("list-dates",), ("list-seats",), ("list-reservations",), ("reserve",), ("pay",),
    ("cancel",), ("charge",), ("balance",), ("status",), ("user", "add"),
    ("concert", "create"), ("performance", "create"), ("venue", "import"), ("venue", "example"),
    ("store", "status"), ("store", "migrate"), ("store",), ("frobnicate",), (),
]  # fmt: skip
OPTIONS = [
    "--user", "-u", "--seat", "-s", "--best", "--section", "--category", "-c", "--token", "--staff",
    "--key", "-k", "--json", "-q", "--fields", "--history", "--currency", "--all", "--date",
    "--price", "-p", "--sale-opens", "--sale-closes", "--venue", "--name", "--yes", "-y",
    "--no-input", "--timeout", "--wait", "--version", "--help", "-h", "--", "---", "-", "--=",
]  # fmt: skip
VALUES = [
    "1", "0", "-1", "2", "user1", "Room", "Concert", "A-1", "A-2", "R-1JWK-29B2-6KCH-QRA",
    "Standard=5", "=", "2099-01-01T10:00", "9999-12-31T23:59:59-23:59", "nan", "inf", "1e309",
    str(10**30), "9" * 4_301, "", " ", "\n", "\t", "\x1b[31m", "\x00"[1:], "[red]x[/]", "[/]", "{}",
    "%s%n", "'; DROP TABLE users; --", "../../etc/passwd", "/dev/null", "/", "김철수", "🎸" * 60,
    "\u202e", "\udcff", "\ufffe", "e\u0301", "KRW", "krw", "club", "id,name", "c1-" + "0" * 34,
    "--json", "\U0001d7d9", "\u0663", "\uff11\uff12", "\u00bd", "x" * 10_000,
]  # fmt: skip
ROLES = ["admin", "clerk", "customer"]
IN_PROCESS, REAL = 160, 40
CODES = set(map(int, Exit)) - {Exit.BUG}


def command_line(chance: random.Random) -> list[str]:
    """Make up a command line: a command, and a few options and values in any order."""
    words = list(chance.choice(COMMANDS))
    for _ in range(chance.randrange(6)):
        words.append(chance.choice(OPTIONS if chance.random() < 0.45 else VALUES))
        if chance.random() < 0.4:
            words.append(chance.choice(VALUES))
    # Only a wait without an end would stay.
    return [word for word in words if word != "--wait"]


def require_manners(ran, words: list[str]) -> None:
    """Check what every command owes: its exit code, and words on stderr only when it fails."""
    assert ran.code in CODES, (words, ran.err)
    assert "Traceback" not in ran.out + ran.err, words
    assert "[bug]" not in ran.err, (words, ran.err)
    assert "\x1b" not in ran.err, words
    if ran.code and "--json" not in words and ran.err:
        first, *rest = ran.err.splitlines()
        assert first.startswith("boxoffice: "), (words, ran.err)
        assert len(rest) <= 1, (words, ran.err)


@pytest.mark.parametrize("seed", range(4))
def test_no_command_line_breaks_the_program(desk, seed):
    chance = random.Random(seed)
    for _ in range(IN_PROCESS // 4):
        words = command_line(chance)
        environment = {"BOXOFFICE_ROLE": chance.choice(ROLES)}
        require_manners(desk.run(*words, **environment), words)
    assert desk.world.balances() >= 0
    assert desk.box.one("SELECT count(*) FROM performance_seats WHERE status = 'sold'") == 0


def test_no_command_line_breaks_a_real_process(desk):
    chance = random.Random(2099)
    for _ in range(REAL):
        words = command_line(chance)
        require_manners(desk.box.run(*words), words)
