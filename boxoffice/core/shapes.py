"""Reads JSON as a stream and checks it against a shape while it arrives.

A wrong key, type or size is refused where it stands, named by its path and its line, so
that a huge or hostile file costs no more than its first mistake.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PIECE_BYTES_MAX = 64 * 1024
LINES_MAX = 2_000_000
SHOWN_CHARACTERS_MAX = 40
DEPTH_MAX = 30
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# The parser turns half a surrogate pair into "?" without a word, so it is looked for here:
# the first branch takes whole pairs, the last one every other escape.
ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]|(?P<half>u[dD][89a-fA-F])|.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A text, number or truth value; ``check`` returns it clean or raises InputInvalid."""

    kinds: tuple[str, ...]  # string, number, boolean
    words: str  # what the message says is expected
    check: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An object with known keys; ``build`` turns its values into what is kept."""

    keys: Mapping[str, Shape]
    required: frozenset[str]
    build: Callable[[dict[str, Any]], Any]
    rest: Anything | None = None  # what other keys may hold; None refuses them
    words: str = Words("an object")


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list; ``count_max`` bounds all lists of this shape in one file together."""

    of: Shape
    what: str
    count_max: int
    words: str = Words("a list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anything:
    """Any value, kept as it is; ``count_max`` bounds the values of all of them together."""

    what: str
    count_max: int
    words: str = Words("any value")


Shape: TypeAlias = Value | Record | Items | Anything


class Lines(Protocol):
    """What a file is read by."""

    def readline(self, size: int, /) -> bytes:
        """Read a line, or a piece of at most ``size`` bytes."""


def read(file: Lines, shape: Record, *, bytes_max: int) -> Any:  # noqa: ANN401 - what the shape builds
    """Read one JSON value of the shape from the file, at most ``bytes_max`` bytes.

    Raises InputInvalid naming the path of a wrong value, or the line of broken JSON.
    """
    import ijson  # type: ignore[import-untyped] # only an import of a plan needs it

    reader = _Reader(shape)
    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    for line, piece in _pieces(file, bytes_max):
        _refuse_half_pairs(piece, line)
        try:
            parser.send(piece)
        except parser_errors() as error:
            raise _broken(line, _reason(error)) from None
        reader.take(events, line)
        events.clear()
    try:
        parser.close()
    except parser_errors():
        raise _broken(reader.line, Words("the JSON ends too early")) from None
    reader.take(events, reader.line)  # a number alone is only over when the file is
    return reader.result


def parser_errors() -> tuple[type[Exception], ...]:
    """Return what the parser raises for JSON that is broken."""
    import ijson

    # A number beyond what Python takes comes out of the parser as one of the others.
    return (ijson.JSONError, UnicodeDecodeError, ArithmeticError, ValueError, SystemError)


def _reason(error: Exception) -> Words:
    if isinstance(error, UnicodeDecodeError) or "UTF8" in str(error) or "utf-8" in str(error):
        return Words("not valid UTF-8")
    return Words("not valid JSON")


def _broken(line: int, reason: Words) -> InputInvalid:
    return InputInvalid("line {line}: {reason}", line=line, reason=reason)


def _pieces(file: Lines, bytes_max: int) -> Iterator[tuple[int, bytes]]:
    """Cut the file at line ends, and long lines at commas, so that no value is cut."""
    line, size, rest = 1, 0, b""
    while read := file.readline(PIECE_BYTES_MAX):
        size += len(read)
        if size > bytes_max:
            raise InputInvalid("the file is larger than {most:,} bytes", most=bytes_max)
        if size == len(read) and read.startswith(BYTE_ORDER_MARK):
            raise _broken(1, Words("a byte order mark; save the file as UTF-8 without it"))
        ended = read.endswith(b"\n")
        head, comma, rest = (rest + read, b"", b"") if ended else (rest + read).rpartition(b",")
        if len(rest) > PIECE_BYTES_MAX:
            raise _broken(line, Words("{bytes:,} bytes without a comma", bytes=PIECE_BYTES_MAX))
        if head:
            yield line, head + comma
        line += ended
        if line > LINES_MAX:
            raise InputInvalid("the file has more than {most:,} lines", most=LINES_MAX)
    if rest:
        yield line, rest


def _refuse_half_pairs(piece: bytes, line: int) -> None:
    if b"\\u" in piece and any(escape["half"] for escape in ESCAPE.finditer(piece)):
        raise _broken(line, Words("half of a surrogate pair"))


class _Reader:
    """Takes the parser's events; its stack is the path from the top to here."""

    def __init__(self, shape: Record) -> None:
        self.line = 1
        self.result: Any = None
        self._counts: Counter[str] = Counter()
        # Each level: its shape, the values so far, the key or None for a list.
        self._shape: Shape = Items(of=shape, what=Words("documents"), count_max=1)
        self._values: Any = []
        self._key: str | None = None
        self._outer: list[tuple[Shape, Any, str | None]] = []

    def take(self, events: Iterable[tuple[str, Any]], line: int) -> None:
        """Take the events of one line; raises InputInvalid naming the path and line."""
        self.line = line
        for event, value in events:
            if event == "map_key":
                self._name(value)
            elif event in ("end_map", "end_array"):
                self._leave()
            else:
                self._begin(event, value)

    def _name(self, key: str) -> None:
        self._key = key
        if isinstance(self._shape, Record) and not (key in self._shape.keys or self._shape.rest):
            self._refuse_unknown(key)
        if key in self._values:
            raise self._wrong(Words("is given twice"))
        if "\0" in key:
            raise self._wrong(Words("holds a NUL"))

    def _begin(self, event: str, value: Any) -> None:  # noqa: ANN401
        wanted = self._wanted()
        if isinstance(wanted, Anything):
            self._begin_any(wanted, event, value)
        elif isinstance(wanted, Value) and event in wanted.kinds:
            self._keep(self._checked(wanted.check, value))
        elif isinstance(wanted, Record) and event == "start_map":
            self._enter(wanted, {})
        elif isinstance(wanted, Items) and event == "start_array":
            self._enter(wanted, [])
        else:
            raise self._wrong(Words("must be {wanted}", wanted=wanted.words))

    def _wanted(self) -> Shape:
        """Return the shape of the value that begins here."""
        if isinstance(self._shape, Items):
            self._count(self._shape)
            return self._shape.of
        if isinstance(self._shape, Record):
            known = self._shape.keys.get(self._key or "", self._shape.rest)
            assert known is not None
            return known
        assert isinstance(self._shape, Anything)
        return self._shape

    def _begin_any(self, wanted: Anything, event: str, value: Any) -> None:  # noqa: ANN401
        self._count(wanted)
        if event in ("start_map", "start_array"):
            if len(self._outer) > DEPTH_MAX:
                raise self._wrong(Words("is nested too deeply"))
            self._enter(wanted, {} if event == "start_map" else [])
        elif event == "string" and "\0" in value:
            raise self._wrong(Words("holds a NUL"))
        elif isinstance(value, Decimal) and not isfinite(float(value)):
            raise self._wrong(Words("is too large a number"))
        else:
            self._keep(float(value) if isinstance(value, Decimal) else value)

    def _count(self, items: Items | Anything) -> None:
        self._counts[items.what] += 1
        if self._counts[items.what] > items.count_max:
            raise self._wrong(
                Words(
                    "is one too many: at most {most:,} {what}",
                    most=items.count_max,
                    what=items.what,
                )
            )

    def _enter(self, shape: Shape, values: Any) -> None:  # noqa: ANN401
        self._outer.append((self._shape, self._values, self._key))
        self._shape, self._values, self._key = shape, values, None

    def _leave(self) -> None:
        built = self._values
        if isinstance(self._shape, Record):
            self._key = None  # what is missing or built wrong is this object's
            missing = sorted(self._shape.required - built.keys())
            if missing:
                raise self._wrong(Words("has no {key!r}", key=missing[0]))
            built = self._checked(self._shape.build, built)
        self._shape, self._values, self._key = self._outer.pop()
        self._keep(built)

    def _keep(self, value: Any) -> None:  # noqa: ANN401
        if isinstance(self._values, list):
            self._values.append(value)
            if not self._outer:
                self.result = value
        else:
            self._values[self._key] = value

    def _checked(self, check: Callable[[Any], Any], value: Any) -> Any:  # noqa: ANN401
        try:
            return check(value)
        except InputInvalid as error:
            raise self._wrong(error.message) from None

    def _refuse_unknown(self, key: str) -> None:
        assert isinstance(self._shape, Record)
        close = difflib.get_close_matches(key[:SHOWN_CHARACTERS_MAX], self._shape.keys, n=1)
        if close:
            raise self._wrong(Words("is no known key; did you mean {key!r}?", key=close[0]))
        raise self._wrong(Words("is no known key"))

    def _wrong(self, problem: Words) -> InputInvalid:
        return InputInvalid(
            "{path}: {problem} (line {line})", path=self._path(), problem=problem, line=self.line
        )

    def _path(self) -> str:
        levels = [*self._outer, (self._shape, self._values, self._key)][1:]
        path = ""
        for _shape, values, key in levels:
            if isinstance(values, list):
                path += f"[{len(values)}]"
            elif key is not None:
                path += f".{_shown(key)}"
        return path.removeprefix(".") or Words("the plan")


def _shown(key: str) -> str:
    shown = visible(key)
    return shown if len(shown) <= SHOWN_CHARACTERS_MAX else f"{shown[:SHOWN_CHARACTERS_MAX]}..."
