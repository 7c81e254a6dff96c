"""What a command says: data to stdout, words to stderr, and the exit code."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from boxoffice.commands import people
from boxoffice.core import language
from boxoffice.core.errors import BoxOfficeError, InputInvalid, LocalDiskFailed, Words
from boxoffice.core.language import tr
from boxoffice.core.text import escaped, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MESSAGE_CHARACTERS_MAX = 500
# What commands answer with, where somebody else than a stream is to have it.
_COLLECTED: ContextVar[list[Any] | None] = ContextVar("collected", default=None)


class Exit(IntEnum):
    """Exit codes: pinned by a test, numbers are never used again for something else."""

    DONE = 0
    BUG = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    CONFLICT = 5
    UNAVAILABLE = 6
    UNKNOWN = 7
    INTERRUPTED = 130


EXITS = {
    "invalid": Exit.USAGE,
    "not_found": Exit.NOT_FOUND,
    "refused": Exit.REFUSED,
    "conflict": Exit.CONFLICT,
    "unavailable": Exit.UNAVAILABLE,
    "unknown": Exit.UNKNOWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a result is wanted: `--json`, `-q`, `--fields`; else a table or tab-separated."""

    as_json: bool = False
    quiet: bool = False
    fields: tuple[str, ...] | None = None


@contextmanager
def collecting() -> Iterator[list[Any]]:
    """Collect what the commands within would print as JSON, and let them say no words."""
    collected: list[Any] = []
    before = _COLLECTED.set(collected)
    try:
        yield collected
    finally:
        _COLLECTED.reset(before)


def exit_code(error: BoxOfficeError) -> Exit:
    """Return the exit code of an error."""
    return Exit.INTERRUPTED if error.code == "interrupted" else EXITS[error.kind]


def form(as_json: bool, quiet: bool = False, fields: str | None = None) -> Format:
    """Gather the options of a list."""
    names = None if fields is None else tuple(name.strip() for name in fields.split(","))
    return Format(as_json=as_json, quiet=quiet, fields=names)


def data_fields(kind: type) -> list[str]:
    """Name the fields of a noun in data; `concert_name` only captions `concert` for people."""
    return list(_data_fields(kind))


@cache
def _data_fields(kind: type) -> tuple[str, ...]:
    names = [field.name for field in fields(kind)]
    return tuple(n for n in names if not (n.endswith("_name") and n.removesuffix("_name") in names))


def print_one(value: Any, form: Format, *, identity: str, zone: str | None = None) -> None:  # noqa: ANN401 - any noun
    """Print one noun; `identity` is what `-q` prints, `zone` is for times of no venue."""
    with _writing():
        if form.quiet:
            _print_identity(value, identity)
        elif form.as_json:
            _answer(value)
        else:
            _print_facts(value, zone)


def _print_identity(value: Any, identity: str) -> None:  # noqa: ANN401
    if (found := getattr(value, identity)) is not None:  # a rehearsal makes nothing to name
        _write(_cell(found))


def print_with_rows(
    value: Any,  # noqa: ANN401
    form: Format,
    *,
    identity: str,
    rows: str,
    kind: type,
    zone: str | None = None,
) -> None:
    """Print a noun that holds a list: a pipe gets the lines of the list, a terminal both."""
    if form.quiet or form.as_json:
        print_one(value, form, identity=identity)
        return
    if sys.stdout.isatty():
        print_one(value, form, identity=identity, zone=zone)
        with _writing():
            _write("")
    print_many(getattr(value, rows), kind, form, identity="", zone=zone)


def print_many(
    values: Sequence[Any],
    kind: type,
    form: Format,
    *,
    identity: str,
    aside: Sequence[str] = (),
    zone: str | None = None,
) -> None:
    """Print nouns of one kind: an array, a table, or tab-separated lines without a header.

    A table leaves the fields in `aside` out. Raises InputInvalid as `columns_of` does.
    """
    names = columns_of(kind, form)
    with _writing():
        if form.quiet:
            for value in values:
                _print_identity(value, identity)
        elif form.as_json:
            _answer([{name: plain(getattr(v, name)) for name in names} for v in values])
        elif sys.stdout.isatty():
            left_out = () if form.fields else (*aside, *_unspoken(names, values))
            shown = [name for name in names if name not in left_out]
            people.print_table(shown, values, zone)
        else:
            for value in values:
                _write("\t".join(_cell(getattr(value, name)) for name in names))


def _unspoken(names: Sequence[str], values: Sequence[Any]) -> list[str]:
    """Name the fields that are told only where there is something to tell, and nobody has it."""
    rare = [name for name in names if name in SPOKEN]
    return [n for n in rare if all(plain(getattr(v, n)) == SPOKEN[n] for v in values)]


def columns_of(kind: type, form: Format) -> list[str]:
    """Return the fields to print, as asked for; raises InputInvalid for one that is not there."""
    known = data_fields(kind)
    for name in form.fields or ():
        if name not in known:
            what = Words("there is no field {name}", name=name)
            raise InputInvalid(
                what if name else "a field has no name",
                hint="fields: {known}",
                known=", ".join(known),
            )
    return list(dict.fromkeys(form.fields)) if form.fields is not None else known


def print_mapping(values: dict[str, Any], *, as_json: bool) -> None:
    """Print facts that are no noun of the core, as one JSON object or a line each."""
    with _writing():
        if as_json:
            _answer(values)
            return
        facts: dict[str, Any] = {}
        for name, value in values.items():
            parts = value.items() if isinstance(value, dict) else ((None, value),)
            facts |= {name if part is None else f"{name}.{part}": shown for part, shown in parts}
        if sys.stdout.isatty():
            people.print_pairs(facts, None)
        else:
            for name, value in facts.items():
                _write(f"{name}\t{_cell(value)}")


def print_text(text: str) -> None:
    """Print lines of a file of this program as they are."""
    with _writing():
        sys.stdout.write(text)


def print_file(write: Callable[[BinaryIO], None]) -> None:
    """Print what ``write`` writes: a file in its own format, in UTF-8 whatever the locale."""
    with _writing():
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()


def print_drawn(draw: Callable[[], None]) -> None:
    """Print what ``draw`` draws for people."""
    with _writing():
        draw()


def _print_facts(value: Any, zone: str | None) -> None:  # noqa: ANN401
    """Print what a noun says of itself, without the lists of other nouns in it."""
    facts = {n: getattr(value, n) for n in data_fields(type(value)) if n not in (*SPOKEN, *LISTS)}
    if sys.stdout.isatty():
        people.print_pairs(facts, zone)
        if getattr(value, "replayed", False):
            say(tr("this was done before, under the same key"))
    else:
        _write("\t".join(_cell(fact) for fact in facts.values()))


def print_error(error: BoxOfficeError, *, as_json: bool) -> None:
    """Say on stderr what went wrong and what to do; the key of an open outcome on stdout.

    People are told in their language; JSON stays English, so that nothing depends on a locale.
    """
    key = getattr(error, "key", "")
    with suppress(OSError, LocalDiskFailed), _writing():
        if key:
            _write(key)
    if as_json:
        _say(dump({"error": described(error)}))
        return
    message, hint = _spoken(error, *language.of(error))
    stop = "" if message.endswith("?") else "."
    _say(f"boxoffice: {message}{stop} [{error.code}]")
    if hint:
        _say(f"  {tr('hint: {hint}', hint=hint)}")


def described(error: BoxOfficeError) -> dict[str, str]:
    """Return what JSON says of an error, in English."""
    message, hint = _spoken(error, error.message, error.advice)
    told = {"code": error.code, "kind": error.kind, "message": message, "hint": hint}
    key = getattr(error, "key", "")
    return told | ({"key": key} if key else {})


def _spoken(error: BoxOfficeError, message: str, hint: str) -> tuple[str, str]:
    key = getattr(error, "key", "")
    hint = hint.replace("KEY", key) if key else hint
    return visible(message[:MESSAGE_CHARACTERS_MAX]), visible(hint)


def say(words: str) -> None:
    """Tell a person something that is not data."""
    if _COLLECTED.get() is not None:
        return
    with suppress(OSError, LocalDiskFailed):
        flush()
    _say(visible(words))


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Turn nouns into what JSON can say."""
    if value is None or isinstance(value, str | int):  # nearly all, in a list of many
        return value
    if is_dataclass(value):
        items = {name: plain(getattr(value, name)) for name in data_fields(type(value))}
        return {n: v for n, v in items.items() if not (n in SPOKEN and v == SPOKEN[n])}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


# Said only when there is something to say: nobody asked for the history, it is no replay, and
# only a counter takes other tenders than the balance.
SPOKEN: dict[str, object] = {
    "replayed": False,
    "stub": None,
    "history": None,
    "tender": "balance",
    "received": None,
    "change": None,
    "hold_name": None,
    "hold_note": None,
    "types": [],
    "price_types": [],
    "block": None,
}
LISTS = ("dates", "history", "prices", "jobs")


def print_line(line: str) -> None:
    """Print one line of a stream of results; raises as `_writing` does."""
    with _writing():
        _write(line)


def _answer(value: Any) -> None:  # noqa: ANN401
    collected = _COLLECTED.get()
    if collected is None:
        _write(dump(plain(value)))
    else:
        collected.append(value)


def dump(value: Any) -> str:  # noqa: ANN401
    """Write JSON as the encoding of stdout lets it, on one line, steering no terminal."""
    import json  # not for `--help`

    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=encoding != "utf8", separators=(", ", ": "))
    return escaped(text)


def _cell(value: Any) -> str:  # noqa: ANN401
    """Write a value for scripts: money in minor units, times with offset, one line."""
    if people.is_money(value):
        return str(value.amount)
    if isinstance(value, tuple):
        return ",".join(_cell(item) for item in value)
    if isinstance(value, bool | dict) or is_dataclass(value):
        return dump(plain(value))
    data = "" if value is None else plain(value)
    return visible(str(data))


@contextmanager
def _writing() -> Iterator[None]:
    """Write data out at once, so that whoever changed something learns that nobody read it.

    Raises LocalDiskFailed; BrokenPipeError when the reader has gone.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        silence()
        if error.errno == errno.EPIPE:
            raise
        raise LocalDiskFailed(
            "the answer could not be written: {reason}", reason=error.strerror
        ) from None


def flush() -> None:
    """Write out what stdout still holds; raises as `_writing` does."""
    with _writing():
        pass


def silence(stream: TextIO | None = None) -> None:
    """Point stdout elsewhere, or Python fails once more at exit over what it still holds."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:  # nobody can be told
        silence(sys.stderr)
