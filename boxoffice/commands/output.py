"""What a command says: data to stdout, words to stderr, and the exit code."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import BoxOfficeError, InputInvalid
from boxoffice.core.model import Money
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    fields: tuple[str, ...] = ()


def exit_code(error: BoxOfficeError) -> Exit:
    """Return the exit code of an error."""
    return Exit.INTERRUPTED if error.code == "interrupted" else EXITS[error.kind]


def print_one(value: Any, form: Format, *, identity: str) -> None:  # noqa: ANN401 - any noun
    """Print one noun; `identity` is the field that `-q` prints."""
    if form.quiet:
        _write(str(getattr(value, identity)))
    elif form.as_json:
        _write(_dump(plain(value)))
    elif sys.stdout.isatty():
        _print_pairs([(f.name, getattr(value, f.name)) for f in fields(value)])
    else:
        _write("\t".join(_cell(getattr(value, f.name)) for f in fields(value)))


def print_many(
    values: Sequence[Any], kind: type, form: Format, *, identity: str, hidden: Sequence[str] = ()
) -> None:
    """Print nouns of one kind: an array, a table, or tab-separated lines without a header.

    Raises InputInvalid for a field that the nouns do not have.
    """
    known = [f.name for f in fields(kind)]
    columns = list(form.fields) or [name for name in known if name not in hidden]
    for name in columns:
        if name not in known:
            raise InputInvalid(
                f"there is no field {visible(name)}", hint=f"fields: {', '.join(known)}"
            )
    if form.quiet:
        for value in values:
            _write(str(getattr(value, identity)))
    elif form.as_json:
        chosen = set(columns) if form.fields else set(known)
        rows = [{n: v for n, v in plain(value).items() if n in chosen} for value in values]
        _write(_dump(rows))
    elif sys.stdout.isatty():
        _print_table(columns, values)
    else:
        for value in values:
            _write("\t".join(_cell(getattr(value, name)) for name in columns))


def print_mapping(values: dict[str, Any], *, as_json: bool) -> None:
    """Print facts that are no noun of the core, as one JSON object or a line each."""
    if as_json:
        _write(_dump(values))
        return
    for name, value in values.items():
        parts = value.items() if isinstance(value, dict) else ((None, value),)
        for part, shown in parts:
            _write(f"{name if part is None else f'{name}.{part}'}\t{_cell(shown)}")


def print_error(error: BoxOfficeError, *, as_json: bool) -> None:
    """Say on stderr what went wrong and what to do; the key of an open outcome on stdout."""
    key = getattr(error, "key", "")
    hint = error.advice.replace("KEY", key) if key else error.advice
    if key:
        _write(key)
    _flush()
    if as_json:
        told = {"code": error.code, "kind": error.kind, "message": error.message, "hint": hint}
        _say(_dump({"error": told | ({"key": key} if key else {})}))
        return
    _say(f"boxoffice: {visible(error.message)}. [{error.code}]")
    if hint:
        _say(f"  hint: {visible(hint)}")


def say(words: str) -> None:
    """Tell a person something that is not data."""
    _flush()
    _say(visible(words))


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Turn nouns into what JSON can say."""
    if is_dataclass(value):
        items = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {n: v for n, v in items.items() if not (n in OPTIONAL and not v)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


# Said only when there is something to say: `history` was not asked for, `replayed` is no.
OPTIONAL = ("replayed", "history")


def _dump(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _cell(value: Any) -> str:  # noqa: ANN401
    """Write a value for scripts: money in minor units, times with offset, one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        return str(value.amount)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return ",".join(_cell(item) for item in value)
    return visible(str(value))


def _shown(value: Any) -> str:  # noqa: ANN401
    """Write a value for people."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, tuple):
        return ", ".join(_shown(item) for item in value)
    return visible(str(value))


def money(value: Money) -> str:
    """Write an amount as people do: minor units become the currency's own."""
    from babel.numbers import (  # noqa: PLC0415 - only for people
        UnknownCurrencyError,
        format_currency,
        get_currency_precision,
    )

    digits = get_currency_precision(value.currency)
    try:
        return format_currency(value.amount / 10**digits, value.currency, locale="en")
    except UnknownCurrencyError:
        return f"{value.currency} {value.amount}"


def _print_table(columns: Sequence[str], values: Sequence[Any]) -> None:
    from rich.table import Table  # noqa: PLC0415 - only on a terminal
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        numeric = bool(values) and isinstance(getattr(values[0], name), int | Money)
        table.add_column(
            name.replace("_", " "), justify="right" if numeric else "left", overflow="fold"
        )
    for value in values:
        table.add_row(*(Text(_shown(getattr(value, name))) for name in columns))
    _print_rich(table)
    if not values:
        say("nothing to show")


def _print_pairs(pairs: Sequence[tuple[str, Any]]) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table.grid(padding=(0, 2))
    for name, value in pairs:
        if name in OPTIONAL and not value:
            continue
        grid.add_row(Text(name.replace("_", " "), style="bold"), Text(_shown(value)))
    _print_rich(grid)


def _print_rich(renderable: Any) -> None:  # noqa: ANN401
    from rich.console import Console  # noqa: PLC0415

    Console(highlight=False).print(renderable)


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _flush() -> None:
    sys.stdout.flush()
