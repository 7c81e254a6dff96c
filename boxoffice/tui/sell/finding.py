"""What somebody means who types a place: a seat, seats of a row, a section, or something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boxoffice.core.model import SeatMap

# `R C 12-15` or `C-12..15`, then `C 12` or `C-12`: a row, perhaps after its section.
NUMBERS = (
    re.compile(r"(?P<row>.*\S)[\s-]\s*(?P<first>\w+)\s*(?:-|\.\.)\s*(?P<last>\w+)"),
    re.compile(r"(?P<row>.*\S)[\s-]\s*(?P<first>(?P<last>\w+))"),
)


def find_place(seat_map: SeatMap, typed: str) -> list[int]:
    """Return the seats that somebody means, in plan order; none where it is no place.

    A label (`C-12`), a row with numbers (`C 12-15`, `Floor C 12-15`), a section, a row.
    """
    text = " ".join(typed.split())
    by_label = {label.casefold(): index for label, index in seat_map.indexes.items()}
    if text.casefold() in by_label:
        return [by_label[text.casefold()]]
    return _in_row(seat_map, text) or _whole(seat_map, text)


def _in_row(seat_map: SeatMap, text: str) -> list[int]:
    """Find `SECTION ROW FIRST-LAST`; the section may be left out."""
    for numbers in NUMBERS:
        if parts := numbers.fullmatch(text):
            first, last = parts["first"], parts["last"]
            found = [
                _between(seat_map, r, first, last) for r in _rows_named(seat_map, parts["row"])
            ]
            if any(found):
                return [seat for seats in found for seat in seats]
    return []


def _rows_named(seat_map: SeatMap, text: str) -> Iterator[list[int]]:
    wanted = text.casefold()
    for row, seats in rows_of(seat_map).items():
        name = seat_map.rows[row].casefold()
        section = seat_map.sections[seat_map.row_sections[row]].casefold()
        if wanted in (name, f"{section} {name}", f"{section}/{name}"):
            yield seats


def _between(seat_map: SeatMap, seats: Sequence[int], first: str, last: str) -> list[int]:
    numbers = [seat_map.numbers[seat] for seat in seats]
    if first not in numbers or last not in numbers:
        return []
    low, high = sorted((numbers.index(first), numbers.index(last)))
    return list(seats[low : high + 1])


def _whole(seat_map: SeatMap, text: str) -> list[int]:
    """Find a whole section, or a whole row."""
    wanted = text.casefold()
    rows = rows_of(seat_map)
    named = [
        seat
        for row, seats in rows.items()
        if seat_map.sections[seat_map.row_sections[row]].casefold() == wanted
        for seat in seats
    ]
    return named or [
        seat
        for row, seats in rows.items()
        if seat_map.rows[row].casefold() == wanted
        for seat in seats
    ]


def rows_of(seat_map: SeatMap) -> dict[int, list[int]]:
    """Return the seats of each row, in plan order."""
    rows: dict[int, list[int]] = {}
    for seat, row in enumerate(seat_map.seat_rows):
        rows.setdefault(row, []).append(seat)
    return rows
