"""Venue plans that nobody means: good ones with a value, a byte or the whole shape gone wrong."""

from __future__ import annotations

import copy
import io
import json
from typing import TYPE_CHECKING, Any

from tests.fuzz.hostile import word

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

GOOD = {
    "format": "boxoffice-plan-1",
    "name": "Hall",
    "time_zone": "Asia/Seoul",
    "focal": {"x": 0, "y": -1.5},
    "categories": ["R", "S"],
    "sections": [
        {
            "name": section,
            "rows": [
                {
                    "name": row,
                    "seats": [
                        {"number": number, "category": "RS"[number % 2], "x": number, "y": 0.5}
                        for number in range(1, 5)
                    ],
                }
                for row in "AB"
            ],
        }
        for section in ("Floor", "Balcony")
    ],
}
PRETIX = {
    "name": "Haus",
    "size": {"width": 800, "height": 600.5},
    "categories": [{"name": "R", "color": "#7f4a91"}, {"name": "S"}],
    "zones": [
        {
            "name": zone,
            "zone_id": zone[0],
            "position": {"x": 0.5, "y": -1.5},
            "rows": [
                {
                    "row_number": row,
                    "position": {"x": 1, "y": 0},
                    "seats": [
                        {
                            "seat_guid": f"{zone}-{row}-{number}",
                            "seat_number": str(number),
                            "category": "RS"[number % 2],
                            "position": {"x": number, "y": 0.5},
                        }
                        for number in range(1, 4)
                    ],
                }
                for row in "AB"
            ],
            "areas": [
                {
                    "shape": "rectangle",
                    "position": {"x": 1, "y": 0.5},
                    "rectangle": {"width": 200, "height": 40},
                    "text": {"text": "Stage", "position": {"x": 5, "y": 5}},
                }
            ],
        }
        for zone in ("Floor", "Balcony")
    ],
}
LITERALS = (
    *("NaN", "Infinity", "-Infinity", "nan", "1e999", "-1e999", "1e-999", "0" * 100 + "1", "01"),
    *("9" * 400, "9" * 5_000, "-", "+1", ".5", "5.", "1e", "0x10", "1_000", "true", "null", "'a'"),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x41"', '"\n"', '"', "[", "{", "]", "}", ""),
    *("[[[[]]]]", "{}", "[]", '{"x": {"x": {}}}', "1 2", ",", ":", "/* */", "undefined", "\ufeff"),
)
DEPTH, SPACES_BYTES, LONG_BYTES = 50_000, 10 * 1024 * 1024, 70_000
DAMAGED_BYTES_MAX = 6


def bad_plan(chance: random.Random) -> bytes:
    """Make a plan bad in one of the ways, sometimes in two."""
    plan = copy.deepcopy(chance.choice((GOOD, PRETIX)))
    if chance.random() < 0.5:
        chance.choice((_replace, _drop, _add, _repeat))(plan, chance)
    text = json.dumps(plan, indent=chance.choice((None, 1)), ensure_ascii=False)
    ways: tuple[Callable[[str, random.Random], bytes], ...] = (
        *(_as_it_is, _literal, _literal, _doubled_key, _truncated, _damaged, _damaged),
        *(_trailing, _encoded, _deep, _long),
    )
    return chance.choice(ways)(text, chance)


def _places(plan: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a plan as what holds it and its key."""
    inner = plan.items() if isinstance(plan, dict) else enumerate(plan)
    for key, value in list(inner):
        yield plan, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _replace(plan: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(plan)))
    values = (None, True, 0, -1, 10**30, 1.5, [], {}, [[]], "", " ", word(chance), [word(chance)])
    holder[key] = chance.choice(values)


def _drop(plan: Any, chance: random.Random) -> None:
    holder, key = chance.choice(list(_places(plan)))
    del holder[key]


def _add(plan: Any, chance: random.Random) -> None:
    holders = [holder for holder, _ in _places(plan) if isinstance(holder, dict)]
    chance.choice(holders)[word(chance)] = chance.choice((1, "x", [], {}))


def _repeat(plan: Any, chance: random.Random) -> None:
    holder = chance.choice([holder for holder, _ in _places(plan) if isinstance(holder, list)])
    holder.extend(copy.deepcopy(chance.choice(holder)) for _ in range(chance.randint(1, 3)))


def _as_it_is(text: str, _chance: random.Random) -> bytes:
    return text.encode(errors="surrogatepass")


def _literal(text: str, chance: random.Random) -> bytes:
    """Put what JSON does not know where a number or a text stood."""
    old = chance.choice(
        ("0.5", "-1.5", '"R"', '"A"', '"Floor"', '"boxoffice-plan-1"', '"Stage"', "1", "{", "]")
    )
    return text.replace(old, chance.choice(LITERALS), 1).encode(errors="surrogatepass")


def _doubled_key(text: str, chance: random.Random) -> bytes:
    keys = ("name", "rows", "seats", "x", "number", "categories", "format", "focal")
    key = chance.choice((*keys, "zones", "areas", "position", "seat_guid", "size"))
    return text.replace(f'"{key}":', f'"{key}": 1, "{key}":', chance.randint(1, 3)).encode(
        errors="surrogatepass"
    )


def _truncated(text: str, chance: random.Random) -> bytes:
    data = text.encode(errors="surrogatepass")
    return data[: chance.randrange(len(data))]


def _damaged(text: str, chance: random.Random) -> bytes:
    data = bytearray(text.encode(errors="surrogatepass"))
    for _ in range(chance.randint(1, DAMAGED_BYTES_MAX)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _trailing(text: str, chance: random.Random) -> bytes:
    tail = chance.choice(("{}", "]", "\x00", "x", text, "\n\n{", "  \n"))
    return (text + tail).encode(errors="surrogatepass")


def _encoded(text: str, chance: random.Random) -> bytes:
    encoding = chance.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-le", "cp037", "utf-7"))
    return text.encode(encoding, errors="replace")


def _deep(text: str, chance: random.Random) -> bytes:
    bomb = chance.choice(
        ("[", '{"a":', '{"sections":[', '{"focal":', '[{"rows":', '{"zones":[{"x":')
    )
    return (bomb * DEPTH + chance.choice(("", text))).encode(errors="surrogatepass")


def _long(text: str, chance: random.Random) -> bytes:
    filling = chance.choice((" " * LONG_BYTES, "\n" * LONG_BYTES, "," * LONG_BYTES))
    at = chance.randrange(len(text))
    return (text[:at] + filling + text[at:]).encode(errors="surrogatepass")


class Endless(io.RawIOBase):
    """A plan that begins well and then gives the same piece for ever; counts what was taken."""

    def __init__(self, begin: bytes, piece: bytes) -> None:
        super().__init__()
        self._begin, self._piece, self.given = begin, piece, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._begin or self._piece * max(1, len(buffer) // len(self._piece))
        taken = data[: len(buffer)]
        self._begin = self._begin[len(taken) :]
        buffer[: len(taken)] = taken
        self.given += len(taken)
        return len(taken)
