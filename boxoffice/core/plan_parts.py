"""What plans of every format are made of: names, numbers, points, and how many of each."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from boxoffice.core import shapes
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.naming import CATEGORIES_MAX
from boxoffice.core.text import clean_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

__all__ = ["CATEGORIES_MAX"]

SEATS_MAX = 100_000
SECTIONS_MAX = 1_000
ROWS_MAX = 20_000
NAME_CELLS_MAX = 100
ROW_CELLS_MAX = 20
NUMBER_CELLS_MAX = 20
COORDINATE_MAX = 1_000_000
KEPT_VALUES_MAX = 2_000_000
TEXTS_REMEMBERED_MAX = 4_096


def text(what: str, cells_max: int, *, empty: bool = False) -> shapes.Value:
    """Expect a name; few names are many seats', so those just seen are not checked again."""

    @lru_cache(TEXTS_REMEMBERED_MAX)
    def check(value: str) -> str:
        if empty and not value.strip():
            return ""
        return clean_name(value, what, cells_max=cells_max, digits=True)

    return shapes.Value(kinds=("string",), words=Words("text"), check=check)


def section_name(*, empty: bool = False) -> shapes.Value:
    """Expect the name of a section."""
    return text(Words("section name"), NAME_CELLS_MAX, empty=empty)


def row_name(*, empty: bool = False) -> shapes.Value:
    """Expect the name of a row."""
    return text(Words("row name"), ROW_CELLS_MAX, empty=empty)


def category_name(*, empty: bool = False) -> shapes.Value:
    """Expect the name of a price category."""
    return text(Words("category"), NAME_CELLS_MAX, empty=empty)


def venue_name() -> shapes.Value:
    """Expect the name of a venue, which is not a number alone."""
    return shapes.Value(
        kinds=("string",),
        words=Words("text"),
        check=lambda value: clean_name(value, Words("venue name")),
    )


def number_text(*, empty: bool = False) -> shapes.Value:
    """Expect the number of a seat, as text or as a whole number."""
    number = text(Words("seat number"), NUMBER_CELLS_MAX, empty=empty)

    def check(value: str | int | Decimal) -> str:
        if not isinstance(value, str | int):
            raise InputInvalid("must be text or a whole number")
        return str(number.check(str(value)))

    return shapes.Value(
        kinds=("string", "number"), words=Words("text or a whole number"), check=check
    )


def record(
    build: Callable[[dict[str, Any]], Any],
    optional: dict[str, shapes.Shape] | None = None,
    *,
    rest: shapes.Anything | None = None,
    **required: shapes.Shape,
) -> shapes.Record:
    """Expect an object with these keys, and others only where ``rest`` says what they hold."""
    return shapes.Record(
        keys=required | (optional or {}), required=frozenset(required), build=build, rest=rest
    )


def _coordinate(value: int | Decimal) -> float:
    if not -COORDINATE_MAX <= value <= COORDINATE_MAX:
        raise InputInvalid("must be from -{most:,} to {most:,}", most=COORDINATE_MAX)
    return float(value)


COORDINATE = shapes.Value(kinds=("number",), words=Words("a number"), check=_coordinate)
POINT = record(lambda at: (at["x"], at["y"]), x=COORDINATE, y=COORDINATE)
KEPT = shapes.Anything(what=Words("other values"), count_max=KEPT_VALUES_MAX)
