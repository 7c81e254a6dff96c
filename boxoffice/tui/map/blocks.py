"""Turns the seats of each section into a block of cells: rows lie level, aisles stay open.

A section is turned until its rows run across. Neighbouring seats get neighbouring cells; an
aisle leaves at least one cell empty. A curved row is sheared: whole columns move by the same
number of lines, so no two seats can meet.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import atan2, cos, floor, hypot, sin
from operator import itemgetter, sub
from typing import TYPE_CHECKING

from boxoffice.core.hall import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from boxoffice.core.model import SeatMap

# The ends of a curved row lie at most this many lines from its middle.
SHEAR_LINES_MAX = 6
# A cross-aisle is drawn at most this wide.
ROW_STEP_LINES_MAX = 3
# Rows shorter than this say nothing about a curve.
CURVE_SEATS_MIN = 5
# Distances below this count as none, so that no division overflows.
PITCH_MIN = 1e-6
EMPTY_COLUMNS_MAX = 8
EMPTY_LINES_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A section as cells, counted from its upper left corner; seats are indexes of the map."""

    section: int
    rows: list[list[int]]  # the seats of each row from left to right, top row first
    seats: list[int]
    columns: list[int]
    lines: list[int]
    width: int
    height: int
    middle: tuple[float, float]  # of the section, in map units
    seat_pitch: float  # map units from seat to seat
    row_pitch: float  # map units from row to row


@dataclass(slots=True, kw_only=True)
class _Row:
    """A row of a section in the section's own frame: ``along`` the rows and ``away``."""

    runs: list[list[int]]  # between aisles, from left to right
    along: list[float]
    away: list[float]
    columns: list[int] | None = None

    @property
    def seats(self) -> list[int]:
        return [seat for run in self.runs for seat in run]


def blocks_of(seat_map: SeatMap) -> list[Block]:
    """Make a block of every section that has seats, in the order of the sections."""
    by_section: dict[int, list[list[list[int]]]] = defaultdict(list)
    for runs in _rows_of_runs(seat_map):
        by_section[seat_map.row_sections[seat_map.seat_rows[runs[0][0]]]].append(runs)
    return [
        _block(section, rows, seat_map.xs, seat_map.ys)
        for section, rows in sorted(by_section.items())
    ]


def _rows_of_runs(seat_map: SeatMap) -> Iterator[list[list[int]]]:
    """Yield the runs of each row, cut at the aisles that the search for seats sees, too."""
    rows = seat_map.seat_rows
    hall = lay_out(
        sections=[seat_map.row_sections[row] for row in rows],
        rows=rows,
        xs=seat_map.xs,
        ys=seat_map.ys,
        set_apart=[False] * len(rows),
        focal=seat_map.focal,
    )
    runs: list[list[int]] = []
    run: list[int] = []
    for seat in hall.seats:
        if seat < hall.seat_count:
            run.append(seat)
        elif run:
            if runs and rows[runs[0][0]] != rows[run[0]]:
                yield runs
                runs = []
            runs.append(run)
            run = []
    yield runs


def _block(
    section: int, rows: list[list[list[int]]], xs: Sequence[float], ys: Sequence[float]
) -> Block:
    framed = _framed(rows, xs, ys)
    lengths = [_lengths(row) for row in framed]
    seat_pitch = _pitch(step for row in lengths for step in row)
    axis = (min(min(row.along) for row in framed) + max(max(row.along) for row in framed)) / 2
    for row, steps in zip(framed, lengths, strict=True):
        row.columns = _columns(row, steps, axis, seat_pitch)
    curve = _middle(map(_curve, framed))
    row_lines, row_pitch = _lines(framed, axis, curve)
    shear = _shear(framed, curve * seat_pitch**2 / row_pitch)
    return _assembled(
        section, framed, row_lines, shear, _centre(rows, xs, ys), seat_pitch, row_pitch
    )


def _framed(rows: list[list[list[int]]], xs: Sequence[float], ys: Sequence[float]) -> list[_Row]:
    """Turn the section so that its rows run across, from left to right."""
    angle = _angle(rows, xs, ys)
    across, up = cos(angle), sin(angle)
    framed = []
    for runs in rows:
        at = [seat for run in runs for seat in run]
        x, y = [xs[seat] for seat in at], [ys[seat] for seat in at]
        if angle:
            x, y = (
                [a * across + b * up for a, b in zip(x, y, strict=True)],
                [b * across - a * up for a, b in zip(x, y, strict=True)],
            )
        if x[0] > x[-1]:
            x.reverse()
            y.reverse()
            runs = [run[::-1] for run in reversed(runs)]  # noqa: PLW2901
        framed.append(_Row(runs=runs, along=x, away=y))
    return framed


def _angle(rows: list[list[list[int]]], xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return by how much to turn; a section beside the stage turns its first row to the top."""
    ends = [(runs[0][0], runs[-1][-1]) for runs in rows]
    vectors = [(xs[last] - xs[first], ys[last] - ys[first]) for first, last in ends]
    steep = sum(abs(y) for _, y in vectors) > sum(abs(x) for x, _ in vectors)
    signs = [-1 if (vector[steep] < 0) else 1 for vector in vectors]
    x = sum(sign * vector[0] for sign, vector in zip(signs, vectors, strict=True))
    y = sum(sign * vector[1] for sign, vector in zip(signs, vectors, strict=True))
    if steep:
        (front, _), (back, _) = ends[0], ends[-1]
        outwards = (ys[back] - ys[front]) * x - (xs[back] - xs[front]) * y
        if outwards < 0:
            x, y = -x, -y
    return atan2(y, x)


def _lengths(row: _Row) -> list[float]:
    return list(map(hypot, map(sub, row.along[1:], row.along), map(sub, row.away[1:], row.away)))


def _middle(values: Iterable[float]) -> float:
    """Return the lower median, 0 of nothing."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0.0


def _pitch(steps: Iterable[float]) -> float:
    """Return the usual step from one to the next, 1 where all lie on one spot."""
    return _middle(step for step in steps if step > PITCH_MIN) or 1.0


def _columns(row: _Row, steps: list[float], axis: float, pitch: float) -> list[int]:
    """Give the seats of a run neighbouring columns, around the run's real middle."""
    places = list(accumulate(steps, initial=0.0))
    zero = _crossing(row.along, places, axis)
    columns: list[int] = []
    begin = 0
    for run in row.runs:
        last = begin + len(run) - 1
        middle = ((places[begin] + places[last]) / 2 - zero) / pitch
        first = floor(middle - (len(run) - 1) / 2 + 0.5)
        if columns:
            first = max(first, columns[-1] + 2)
        columns.extend(range(first, first + len(run)))
        begin = last + 1
    return columns


def _crossing(along: list[float], places: list[float], axis: float) -> float:
    """Return how far along the row the axis crosses it (beyond its ends: in a straight line)."""
    if axis <= along[0]:
        return axis - along[0]
    for (a, b), (p, q) in zip(pairwise(along), pairwise(places), strict=True):
        if a <= axis < b:
            return p + (q - p) * (axis - a) / (b - a)
    return places[-1] + axis - along[-1]


def _curve(row: _Row) -> float:
    """Return the c of away = c * along**2 that fits the row's ends and middle."""
    half = (row.along[-1] - row.along[0]) / 2
    if len(row.along) < CURVE_SEATS_MIN or half <= PITCH_MIN:
        return 0.0
    middle = min(range(len(row.along)), key=lambda at: abs(row.along[at] - row.along[0] - half))
    return ((row.away[0] + row.away[-1]) / 2 - row.away[middle]) / half**2


def _lines(framed: list[_Row], axis: float, curve: float) -> tuple[list[int], float]:
    """Give each row a line, nearest the stage first; parts side by side may share one."""
    depths = [_depth(row, axis, curve) for row in framed]
    order = sorted(range(len(framed)), key=depths.__getitem__)
    steps = [depths[b] - depths[a] for a, b in pairwise(order)]
    pitch = _pitch(steps)
    lines = [0] * len(framed)
    line, begun, taken = 0, depths[order[0]], list[tuple[int, int]]()
    for row in order:
        columns = framed[row].columns
        assert columns
        first, last = columns[0], columns[-1]
        step = floor((depths[row] - begun) / pitch + 0.5)
        if step or any(first <= b + 1 and a <= last + 1 for a, b in taken):
            line += min(max(step, 1), ROW_STEP_LINES_MAX)
            begun, taken = depths[row], []
        lines[row] = line
        taken.append((first, last))
    return lines, pitch


def _depth(row: _Row, axis: float, curve: float) -> float:
    """Return how far away the row is where it crosses the axis, or would."""
    nearest = min(range(len(row.along)), key=lambda at: abs(row.along[at] - axis))
    return row.away[nearest] - curve * (row.along[nearest] - axis) ** 2


def _shear(framed: list[_Row], curve: float) -> dict[int, int]:
    """Return by how many lines each column moves, none of them upwards."""
    columns = {column for row in framed for column in row.columns or ()}
    axis = (min(columns) + max(columns)) / 2
    widest = (max(columns) - axis) ** 2
    if abs(curve) * widest > SHEAR_LINES_MAX:
        curve = SHEAR_LINES_MAX / widest * (1 if curve > 0 else -1)
    moved = {column: round(curve * (column - axis) ** 2) for column in columns}
    top = min(moved.values())
    return {column: lines - top for column, lines in moved.items()}


def _centre(
    rows: list[list[list[int]]], xs: Sequence[float], ys: Sequence[float]
) -> tuple[float, float]:
    seats = [seat for runs in rows for run in runs for seat in run]
    x, y = [xs[seat] for seat in seats], [ys[seat] for seat in seats]
    return (min(x) + max(x)) / 2, (min(y) + max(y)) / 2


def _assembled(  # noqa: PLR0913 - each is one finding about the section
    section: int,
    framed: list[_Row],
    row_lines: list[int],
    shear: dict[int, int],
    middle: tuple[float, float],
    seat_pitch: float,
    row_pitch: float,
) -> Block:
    ordered = sorted(zip(row_lines, framed, strict=True), key=itemgetter(0))
    rows = [row.seats for _, row in ordered]
    columns = [column for _, row in ordered for column in row.columns or ()]
    lines = [line + shear[column] for line, row in ordered for column in row.columns or ()]
    across, down = _spread(columns, EMPTY_COLUMNS_MAX), _spread(lines, EMPTY_LINES_MAX)
    return Block(
        section=section,
        rows=rows,
        seats=[seat for row in rows for seat in row],
        columns=[across[column] for column in columns],
        lines=[down[line] for line in lines],
        width=across[max(columns)] + 1,
        height=down[max(lines)] + 1,
        middle=middle,
        seat_pitch=seat_pitch,
        row_pitch=row_pitch,
    )


def _spread(used: Iterable[int], empty_max: int) -> dict[int, int]:
    """Number the used columns or lines from 0, with at most ``empty_max`` empty between two."""
    ordered = sorted(set(used))
    numbers = {ordered[0]: 0}
    for before, now in pairwise(ordered):
        numbers[now] = numbers[before] + min(now - before, empty_max + 1)
    return numbers
