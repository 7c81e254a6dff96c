"""A season from a file: many performances made together, all of them or none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy.exc import IntegrityError

from boxoffice.core import csv_files, programme
from boxoffice.core.database import translate
from boxoffice.core.errors import BoxOfficeError, InputInvalid, Words
from boxoffice.core.prices import PRICE_MAX
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

REQUIRED, OPTIONAL, PRICE = ("concert", "date"), ("sale_opens", "sale_closes"), "price:"
AMOUNT = re.compile(r"[0-9]{1,13}", re.ASCII)
PERFORMANCES_MAX = 2_000
MISTAKES_TOLD_MAX = 5
SHOWN_CHARACTERS_MAX = 40
HINT = Words(
    "columns: concert, date, sale_opens, sale_closes, and price:CATEGORY for each category"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One performance of a file; times without an offset are its venue's."""

    line: int
    concert: str
    date: datetime
    sale_opens: datetime | None
    sale_closes: datetime | None
    prices: dict[str, int]


class _Mistake(ValueError):
    """What is wrong with one cell."""

    def __init__(self, words: Words) -> None:
        self.words = words


def read(file: BinaryIO) -> list[Row]:
    """Read the performances of a CSV file.

    Raises InputInvalid naming the line and column of each wrong cell, as far as they fit.
    """
    rows: list[Row] = []
    mistakes: list[Words] = []
    for line, cells in csv_files.read_rows(file, REQUIRED, OPTIONAL, (PRICE,)):
        values = {name: _value(line, name, cell, mistakes) for name, cell in cells.items()}
        prices = {n.removeprefix(PRICE): v for n, v in values.items() if n.startswith(PRICE)}
        rows.append(
            Row(
                line=line,
                concert=values["concert"],
                date=values["date"],
                sale_opens=values.get("sale_opens"),
                sale_closes=values.get("sale_closes"),
                prices={name: amount for name, amount in prices.items() if amount is not None},
            )
        )
        if len(rows) > PERFORMANCES_MAX:
            raise InputInvalid("more than {most:,} performances", hint=HINT, most=PERFORMANCES_MAX)
    _refuse(mistakes)
    if not rows:
        raise InputInvalid("the file has no performance", hint=HINT)
    return rows


def _value(line: int, column: str, cell: str, mistakes: list[Words]) -> Any:  # noqa: ANN401
    """Read one cell, None for an empty one that may be; note what is wrong with it."""
    kind = "price" if column.startswith(PRICE) else column
    try:
        return READERS[kind](cell)
    except _Mistake as mistake:
        shown = visible(column[:SHOWN_CHARACTERS_MAX])
        mistakes.append(
            Words("line {line}, {column}: {what}", line=line, column=shown, what=mistake.words)
        )
        return None


def _refuse(mistakes: Sequence[Words]) -> None:
    if mistakes:
        told = list(mistakes[:MISTAKES_TOLD_MAX])
        if len(mistakes) > len(told):
            told.append(Words("and {count} more", count=len(mistakes) - len(told)))
        joined = reduce(lambda one, other: Words("{one}; {other}", one=one, other=other), told)
        raise InputInvalid(joined, hint=HINT)


def _text(cell: str) -> str:
    if not cell:
        raise _Mistake(Words("empty"))
    return cell


def _time(cell: str) -> datetime:
    from boxoffice.core.scheduling import YEAR_MAX, YEAR_MIN

    try:
        time = datetime.fromisoformat(cell)
    except ValueError:
        raise _Mistake(Words("no time, as in 2026-12-24T19:30")) from None
    if not YEAR_MIN <= time.year <= YEAR_MAX:
        raise _Mistake(
            Words("a year must be from {first} to {last}", first=YEAR_MIN, last=YEAR_MAX)
        )
    return time


def _optional_time(cell: str) -> datetime | None:
    return _time(cell) if cell else None


def _amount(cell: str) -> int | None:
    if not cell:
        return None  # a category that the venue of this line does not have
    if not AMOUNT.fullmatch(cell) or int(cell) > PRICE_MAX:
        raise _Mistake(Words("no whole number of minor units up to {most}", most=PRICE_MAX))
    return int(cell)


READERS: dict[str, Callable[[str], Any]] = {
    "concert": _text,
    "date": _time,
    "sale_opens": _optional_time,
    "sale_closes": _optional_time,
    "price": _amount,
}


def fingerprint(rows: Sequence[Row]) -> str:
    """Return what tells one file from another, for the key of its import."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def create(connection: Connection, rows: Sequence[Row]) -> dict[str, Any]:
    """Create every performance; raises what creating one does, with the number of its line."""
    made = [_create(connection, row) for row in rows]
    programme.count_rows(connection)
    return {
        "performances": [each["performance"] for each in made],
        "seats": sum(each["total_seats"] for each in made),
    }


def _create(connection: Connection, row: Row) -> dict[str, Any]:
    try:
        return programme.create_performance(
            connection,
            row.concert,
            date=row.date,
            sale_opens=row.sale_opens,
            sale_closes=row.sale_closes,
            amounts=row.prices,
            counted=False,
        )
    except BoxOfficeError as error:
        raise _at(row.line, error) from None
    except IntegrityError as error:
        refused = translate(error)
        if refused is None:
            raise
        raise _at(row.line, refused) from None


def _at(line: int, error: BoxOfficeError) -> BoxOfficeError:
    """Say in which line something is refused, and why."""
    hint = HINT if isinstance(error, InputInvalid) else error.advice
    return type(error)("line {line}: {what}", hint=hint, line=line, what=error.message)
