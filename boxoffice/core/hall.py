"""A hall's seats laid out in one line of places, ready to be searched.

Runs of neighbouring seats stand one behind the other, each ended by a place that is never
free. A row's end, an aisle and a taken seat then all look the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, groupby, repeat
from math import hypot
from operator import itemgetter, mul, sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boxoffice.core.model import Plan

# A gap wider than this many times the row's usual one is an aisle.
AISLE_PITCHES = 1.5
# Rows this short say little about the usual gap; the whole hall's counts for them.
SHORT_ROW_SEATS_MAX = 3
# Distances become whole numbers, so that sums are exact and equal seats tie.
DISTANCE_UNIT = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The seats laid out in one line; made once by ``lay_out``, then only read.

    ``seats`` gives the seat_no at each place of the line, or the number of seats (one past
    the last) at a place that ends a run. The others are by place, too.
    """

    seat_count: int
    seats: Sequence[int]
    sections: Sequence[int]
    rows: Sequence[int]  # counted in the plan's order
    xs: Sequence[float]
    ys: Sequence[float]
    ordinary: bytes  # 0 for wheelchair places and their companions
    distances: Sequence[int]  # sums of 1/1000 units to the focal point, from the first place on

    def by_place(self, values: Iterable[bool]) -> bytes:
        """Return values given by seat_no as 0 and 1 by place; a run's end is 0."""
        return bytes(itemgetter(*self.seats)([*values, False]))


def hall_of(plan: Plan) -> Hall:
    """Lay out a plan's seats."""
    return lay_out(
        sections=[seat.section for seat in plan.seats],
        rows=[seat.row for seat in plan.seats],
        xs=[seat.x for seat in plan.seats],
        ys=[seat.y for seat in plan.seats],
        set_apart=[seat.wheelchair or seat.companion for seat in plan.seats],
        focal=plan.focal,
    )


def lay_out(  # noqa: PLR0913 - one array for each thing known of a seat
    *,
    sections: Sequence[int],
    rows: Sequence[int],
    xs: Sequence[float],
    ys: Sequence[float],
    set_apart: Sequence[bool],
    focal: tuple[float, float],
) -> Hall:
    """Lay out seats given by seat_no, the seats of a row in one piece, rows in order."""
    seats, row_numbers = _line(rows, xs, ys)
    at = itemgetter(*seats)
    line_xs, line_ys = at([*xs, focal[0]]), at([*ys, focal[1]])
    away = map(hypot, map(sub, line_xs, repeat(focal[0])), map(sub, line_ys, repeat(focal[1])))
    return Hall(
        seat_count=len(rows),
        seats=seats,
        sections=at([*sections, -1]),
        rows=row_numbers,
        xs=line_xs,
        ys=line_ys,
        ordinary=bytes(at([*(not apart for apart in set_apart), False])),
        distances=[0, *accumulate(map(round, map(mul, away, repeat(DISTANCE_UNIT))))],
    )


def _line(
    rows: Sequence[int], xs: Sequence[float], ys: Sequence[float]
) -> tuple[list[int], list[int]]:
    """Put the rows one behind the other, with an end before, between and behind all runs."""
    end = len(rows)
    in_rows = [
        _side_by_side(list(seats), xs, ys) for _, seats in groupby(range(end), key=rows.__getitem__)
    ]
    gaps = [_gaps(seats, xs, ys) for seats in in_rows]
    usual = _usual([gap for row in gaps for gap in row])
    # Two ends on both sides: looking two places past a run never leaves the line.
    line, numbers = [end, end], [-1, -1]
    for number, (seats, row_gaps) in enumerate(zip(in_rows, gaps, strict=True)):
        pitch = usual if len(seats) <= SHORT_ROW_SEATS_MAX else _usual(row_gaps)
        start = 0
        for stop in _run_ends(row_gaps, pitch * AISLE_PITCHES):
            line += seats[start:stop]
            line.append(end)
            start = stop
        numbers += [number] * (len(line) - len(numbers))
    return [*line, end], [*numbers, -1]


def _run_ends(gaps: list[float], gap_max: float) -> list[int]:
    ends = [at for at, gap in enumerate(gaps, start=1) if gap > gap_max]
    return [*ends, len(gaps) + 1]


def _gaps(seats: list[int], xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    across = [xs[seat] for seat in seats]
    along = [ys[seat] for seat in seats]
    return list(map(hypot, map(sub, across[1:], across), map(sub, along[1:], along)))


def _usual(gaps: list[float]) -> float:
    """Return the lower median: where aisles are half of the gaps, the seats' own pitch."""
    return sorted(gaps)[(len(gaps) - 1) // 2] if gaps else 0.0


def _side_by_side(seats: list[int], xs: Sequence[float], ys: Sequence[float]) -> list[int]:
    """Order a row's seats as people sit: as given, or by position where that is shorter."""
    across = [xs[seat] for seat in seats]
    along = [ys[seat] for seat in seats]
    wide = max(across) - min(across) >= max(along) - min(along)
    places = across if wide else along
    rising = sorted(places)
    if places in (rising, rising[::-1]):
        return seats
    ordered = sorted(seats, key=(xs if wide else ys).__getitem__)
    return min(seats, ordered, key=lambda order: sum(_gaps(order, xs, ys)))
