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
JOINER = "\N{ZERO WIDTH JOINER}"


def require_manners(ran, words: list[str], *, as_json: bool, secrets: tuple[str, ...]) -> None:
    """Check a command's exit code, what it said and what it must not say."""
    assert ran.code in CODES, (ran.code, ran.err)
    assert "Traceback" not in ran.out + ran.err
    assert steering(ran.out.replace("\t", "")) == []
    assert steering(ran.err) == []
    typed = "\n".join(words)
    for secret in secrets:
        assert secret in typed or secret not in ran.err, "a secret was told"
    if ran.code == 0:
        assert not as_json or json.loads(ran.out) is not None
        assert not ERROR.search(ran.err)
    elif not ((ran.out and not ran.err) or _is_batch(ran.out)):  # answered by the exit code, too
        _require_error(ran, as_json="--json" in words)


def _is_batch(out: str) -> bool:
    """Tell whether what was said is the result lines of a batch, which hold the errors."""
    return out.startswith('{"line": ')


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
        assert all(line.startswith("boxoffice: ") for line in lines), lines
    else:
        hint = lines.pop() if lines[-1].startswith("  ") else ""
        assert ERROR.search(lines[-1]), ran.err
        assert hint.strip() or not hint, ran.err
        assert "[bug]" not in lines[-1], ran.err
