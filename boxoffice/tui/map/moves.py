"""Moves of the cursor: from a seat to another, never off the hall."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain, zip_longest
from math import inf
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boxoffice.tui.map.grid import Grid

Direction: TypeAlias = Literal[
    "left",
    "right",
    "up",
    "down",
    "row_start",
    "row_end",
    "page_up",
    "page_down",
    "previous_section",
    "next_section",
]
# One cell across counts as this many down when going up or down, and the other way round:
# a seat straight ahead but far is nearer than one that is off the way.
OFF_THE_WAY = 4


def move(grid: Grid, seat: int, direction: Direction, page_lines: int = 10) -> int:
    """Return the seat that lies in a direction; the same one where there is none."""
    if direction in ("left", "right"):
        return _beside(grid, seat, 1 if direction == "right" else -1)
    if direction in ("up", "down"):
        return _ahead(grid, seat, 1 if direction == "down" else -1)
    if direction in ("row_start", "row_end"):
        return grid.rows[grid.seat_rows[seat]][-1 if direction == "row_end" else 0]
    if direction in ("page_up", "page_down"):
        return _page(grid, seat, page_lines if direction == "page_down" else -page_lines)
    return _section(grid, seat, 1 if direction == "next_section" else -1)


def run(grid: Grid, anchor: int, seat: int) -> list[int]:
    """Return the seats of a row from one to another, both included; one alone of two rows."""
    row = grid.rows[grid.seat_rows[seat]]
    if grid.seat_rows[anchor] != grid.seat_rows[seat]:
        return [seat]
    first, last = sorted((row.index(anchor), row.index(seat)))
    return row[first : last + 1]


def first_seat(grid: Grid, section: int | None = None) -> int:
    """Return the middle seat of a section's first row, or of the section nearest the stage."""
    if section is None:
        section = min(grid.sections, key=lambda at: _from_stage(grid, at))
    row = next(row for row in grid.rows.values() if grid.section_of(row[0]) == section)
    return row[(len(row) - 1) // 2]


def _from_stage(grid: Grid, section: int) -> int:
    box, stage = grid.sections[section].box, grid.stage
    across = abs(2 * box.left + box.width - 2 * stage.left - stage.width)
    return across + 2 * abs(box.top - stage.top)


def nearest(grid: Grid, column: int, line: int) -> int:
    """Return the seat nearest to a cell."""
    found, best = 0, inf
    for away, at in _outwards(line, grid.height):
        if away >= best:
            break
        for seat in _around(grid, at, column):
            cost = away + abs(grid.columns[seat] - column)
            if cost < best:
                found, best = seat, cost
    return found


def _beside(grid: Grid, seat: int, way: int) -> int:
    """Go to the neighbour in the row; at its end to the nearest seat on that side."""
    row = grid.rows[grid.seat_rows[seat]]
    at = row.index(seat) + way
    if 0 <= at < len(row):
        return row[at]
    column = grid.columns[seat]
    found, best = seat, grid.width + grid.height * OFF_THE_WAY
    for away, line in _outwards(grid.lines[seat], grid.height):
        if away * OFF_THE_WAY >= best:
            break
        columns = grid.line_columns[line]
        place = bisect_left(columns, column + 1) if way > 0 else bisect_left(columns, column) - 1
        if 0 <= place < len(columns):
            cost = away * OFF_THE_WAY + abs(columns[place] - column)
            if cost < best:
                found, best = grid.line_seats[line][place], cost
    return found


def _ahead(grid: Grid, seat: int, way: int) -> int:
    """Go to the nearest seat above or below, as straight as can be."""
    column, start = grid.columns[seat], grid.lines[seat]
    found, best = seat, grid.height + grid.width * OFF_THE_WAY
    lines = range(start + 1, grid.height) if way > 0 else range(start - 1, -1, -1)
    for away, line in enumerate(lines, start=1):
        if away >= best:
            break
        for other in _around(grid, line, column):
            cost = away + abs(grid.columns[other] - column) * OFF_THE_WAY
            if cost < best:
                found, best = other, cost
    return found


def _page(grid: Grid, seat: int, lines: int) -> int:
    """Go to the seat nearest to the cell that lies a page further, unless that is backwards."""
    start = grid.lines[seat]
    target = min(max(start + lines, 0), grid.height - 1)
    found = nearest(grid, grid.columns[seat], target)
    onwards = (grid.lines[found] - start) * lines > 0
    return found if onwards else _ahead(grid, seat, 1 if lines > 0 else -1)


def _section(grid: Grid, seat: int, way: int) -> int:
    """Go to another section in the plan's order, from the last to the first."""
    sections = list(grid.sections)
    at = sections.index(grid.section_of(seat))
    return first_seat(grid, sections[(at + way) % len(sections)])


def _around(grid: Grid, line: int, column: int) -> Iterable[int]:
    """Return the seats of a line next to a column, at most one on each side of it."""
    at = bisect_left(grid.line_columns[line], column)
    return grid.line_seats[line][max(at - 1, 0) : at + 1]


def _outwards(line: int, height: int) -> Iterable[tuple[int, int]]:
    """Return lines with their distance from one, the nearest first."""
    below = ((at - line, at) for at in range(max(line, 0), height))
    above = ((line - at, at) for at in range(min(line, height) - 1, -1, -1))
    pairs = zip_longest(below, above)
    return (found for found in chain.from_iterable(pairs) if found is not None)
