"""What every command owes whoever typed whatever: an answer or one clear line."""

from __future__ import annotations

import json
import re
import unicodedata

from boxoffice.commands.output import Exit

CODES = set(map(int, Exit)) - {Exit.BUG}
# A joiner is part of an emoji; every other character of these steers a terminal or is unseen.
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ERROR = re.compile(r"^boxoffice: .*\[[a-z_]+\]$", re.MULTILINE)
# Each line, or row, is answered by itself, and stderr tells what all of them came to.
BY_LINE = {"batch", "check-in", "door", "import", "--from", "worker"}
CSV = {"export", "--csv"}
JOINER = "\N{ZERO WIDTH JOINER}"
BYTE_ORDER_MARK = "\ufeff"


def require_manners(ran, words: list[str], *, as_json: bool, secrets: tuple[str, ...]) -> None:
    """Check a command's exit code, what it said and what it must not say."""
    assert ran.code in CODES, (ran.code, ran.err)
    assert "Traceback" not in ran.out + ran.err
    assert steering(_unmarked(ran.out, words)) == []
    assert steering(ran.err) == []
    typed = "\n".join(words)
    for secret in secrets:
        assert secret in typed or secret not in ran.err, "a secret was told"
    if ran.code == 0:
        if as_json:
            _require_json(ran.out, words)
        assert not ERROR.search(ran.err)
    elif not _is_answered(ran, words):
        _require_error(ran, as_json="--json" in words)


def _require_json(out: str, words: list[str]) -> None:
    """Check that there is one line of JSON, or as many as there are answers."""
    lines = out.removesuffix("\n").split("\n")
    if _is_by_line(words):
        lines = [line for line in lines if line]
    else:
        assert len(lines) == 1, lines
    assert all(json.loads(line) is not None for line in lines)


def _is_by_line(words: list[str]) -> bool:
    return bool(BY_LINE.intersection(words))


def _is_answered(ran, words: list[str]) -> bool:
    """Tell a failure that is an answer: of the exit code, or of a line or row among others."""
    if not _is_by_line(words):
        return bool(ran.out) and not ran.err
    return bool(ran.out or ERROR.search(ran.err))


def _unmarked(out: str, words: list[str]) -> str:
    """Take out what belongs to tables for programs: tabs, and of CSV its ends of lines."""
    if CSV.intersection(words):
        out = out.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")
    return out.replace("\t", "")


def steering(text: str) -> list[str]:
    """Return the characters that no output may hold; lines end in line feeds."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return []
    found = {c for c in text if unicodedata.category(c) in STEERING and c not in ("\n", JOINER)}
    return sorted(f"U+{ord(character):04X}" for character in found)


def _require_error(ran, *, as_json: bool) -> None:
    """Check that the last words are the error; a person may have been told more before it."""
    lines = ran.err.splitlines()
    if as_json:
        error = json.loads(lines.pop())["error"]
        assert {"code", "kind", "message", "hint"} <= error.keys(), error
        assert all(line.startswith(("boxoffice: ", "{")) for line in lines), lines
    else:
        hint = lines.pop() if lines[-1].startswith("  ") else ""
        assert ERROR.search(lines[-1]), ran.err
        assert hint.strip() or not hint, ran.err
        assert "[bug]" not in lines[-1], ran.err
