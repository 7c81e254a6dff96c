"""Thousands of lines that nobody means: each fails alone, with a code, in its place."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from boxoffice.commands.batch.operations import INTEGER, operations
from boxoffice.commands.output import Exit
from boxoffice.core.errors import all_errors
from tests.commands.conftest import invoke
from tests.conftest import make_world
from tests.fuzz.hostile import word
from tests.fuzz.lines import ENDINGS, PLAUSIBLE
from tests.fuzz.manners import steering
from tests.fuzz.seeds import chance_of, share
from tests.invariants import assert_consistent

PORTIONS, LINES_A_RUN = 2, 150
KEYED_WEIGHT, RARE_WEIGHT, ENDING_WEIGHT = 8, 0.2, 0.005
# Slow, or the end of what the other lines are about.
RARE = {"verify", "venue", "export", "report", "ticket", "concert", "performance", "queue"}
RARE |= {"block"}
# What would wait for somebody, or name a file outside the box.
LEFT_ALONE = {"wait", "watch", "follow", "timeout"}
PATHS = {"file", "files", "journal", "output", "out", "to", "path", "folder", "directory", "source"}
KEYS = tuple(f"k{number}" for number in range(40))
CODES = {error.code for error in all_errors()}
SUCCESSES_MIN = {"charge": 5, "reserve": 1}


class Writer:
    """Writes lines of commands: many sound, many with something wrong, a few pure noise."""

    def __init__(self, name: str, file: str) -> None:
        self.chance, self.file = chance_of(name), file
        self.operations = operations()
        self.weights = [self._weight(name) for name in self.operations]

    def _weight(self, name: str) -> float:
        if name in ENDINGS:
            return ENDING_WEIGHT
        if RARE & {*name.split()}:
            return RARE_WEIGHT
        return KEYED_WEIGHT if self.operations[name].is_keyed else 1

    def line(self) -> tuple[str, bytes]:
        """Write a line, and say of which command it was going to be."""
        (name,) = self.chance.choices([*self.operations], self.weights)
        mood = self.chance.random()
        if mood < 0.05:
            return "", self._cleaned(word(self.chance).encode(errors="surrogatepass"))
        fields = self._fields(name, wild=mood < 0.5)
        text = json.dumps({"command": name} | fields, ensure_ascii=mood < 0.4).encode(
            errors="surrogatepass"
        )
        return name, self._cleaned(self._damaged(text) if mood < 0.15 else text)

    def _fields(self, name: str, *, wild: bool) -> dict:
        operation = self.operations[name]
        fields = {}
        for field, taken in operation.fields.items():
            if {field, taken.parameter} & LEFT_ALONE:
                continue
            needed = field in operation.required or field in ("user", "seats", "amount")
            if needed or (field == taken.parameter and self.chance.random() < 0.15):
                fields[field] = self._value(field, taken, wild=wild)
        if wild and self.chance.random() < 0.2:
            fields[word(self.chance)] = self._anything()
        return fields

    def _value(self, name: str, taken, *, wild: bool):
        if taken.parameter in PATHS:
            return self.file
        if wild and self.chance.random() < 0.3:
            return self._anything()
        if name == "key":
            return self.chance.choice(KEYS)
        if taken.parameter == "reservation":
            return f"@{self.chance.choice(KEYS)}"
        known = PLAUSIBLE.get(taken.parameter)
        if taken.many:
            return self.chance.sample(known or KEYS, 1)
        value = self.chance.choice(known or (word(self.chance), True, 1))
        return int(value) if taken.kind is INTEGER and str(value).isdecimal() else value

    def _anything(self):
        kind = self.chance.randrange(9)
        plain = (None, True, 0, -1, 2**63, 10**400, 1e300, 0.5)
        if kind < 3:
            return self.chance.choice(plain)
        if kind == 3:
            return [self._anything() for _ in range(self.chance.randrange(4))]
        if kind == 4:
            return {word(self.chance): self._anything()}
        return word(self.chance)

    def _damaged(self, text: bytes) -> bytes:
        at = self.chance.randrange(len(text))
        kind = self.chance.randrange(4)
        if kind == 0:
            return text[:at]
        if kind == 1:
            return text[:at] + bytes([self.chance.randrange(256)]) + text[at:]
        if kind == 2:
            return text[:at] + text[at + 1 :]
        return text[:at] + b"[" * self.chance.choice((1, 5_000, 70_000)) + text[at:]

    def _cleaned(self, text: bytes) -> bytes:
        return text.replace(b"\n", b" ")


def require_answers(ran, lines: list[tuple[str, bytes]]) -> Counter[str]:
    """Check every result line; return which commands succeeded how often."""
    assert "Traceback" not in ran.out + ran.err
    assert steering(ran.out) == []
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["line"] for one in told] == list(range(1, len(lines) + 1))
    for one, (_, text) in zip(told, lines, strict=True):
        assert one["ok"] or "result" in one or one["error"]["code"] in CODES, (
            one["error"],
            text[:300],
        )
    assert ran.code in set(map(int, Exit)) - {Exit.BUG}, ran.err
    assert ran.err.count("\n") == 1, ran.err
    return Counter(name for one, (name, _) in zip(told, lines, strict=True) if one["ok"])


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_line_breaks_the_run_or_the_books(box, tmp_path, portion):
    world = make_world(box)
    file = tmp_path / "file"
    file.write_text("name\nsomebody\n")
    writer = Writer(f"batch {portion}", str(file))
    done: Counter[str] = Counter()
    for run in range(max(2, share(1_200, 20_000) // PORTIONS // LINES_A_RUN)):
        lines = [writer.line() for _ in range(LINES_A_RUN)]
        stdin = b"".join(text + b"\n" for _, text in lines)
        role = {"BOXOFFICE_ROLE": ("admin", "clerk")[run % 2]}
        done += require_answers(invoke(box, "batch", "--staff", stdin=stdin, **role), lines)
    assert_consistent(box)
    assert world.office.verify() == ()
    assert all(done[command] >= least for command, least in SUCCESSES_MIN.items()), done
