"""Chooses the best free seats for a group; pure functions over a hall's line of places.

Steps, as the counter promises them: 1 together without leaving a single seat alone; 2
together; 3 in neighbouring rows with nobody alone; 4 anywhere.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from itertools import islice, repeat
from math import dist, hypot
from operator import and_, eq
from typing import TYPE_CHECKING

from boxoffice.core.errors import Words
from boxoffice.core.hall import DISTANCE_UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from boxoffice.core.hall import Hall

TOGETHER, LEAVING_ONE, NEIGHBOURING_ROWS, APART = 1, 2, 3, 4
# Groups in neighbouring rows are tried around this many of the best places.
ANCHORS_MAX = 48
RUN = re.compile(rb"\x01+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Seats for a group, the step (1 to 4) that found them, and that step in words."""

    seats: tuple[int, ...]
    step: int
    words: str


def best(  # noqa: PLR0913 - the filters of one search
    hall: Hall,
    free: Sequence[bool] | bytes | bytearray,
    count: int,
    *,
    section: int | None = None,
    category: int | None = None,
    categories: Sequence[int] = (),
    include_wheelchair: bool = False,
    nth: int = 0,
) -> Choice | None:
    """Choose ``count`` seats of those that are ``free`` by seat_no; None where too few are.

    ``categories`` gives the category by seat_no where one is asked for. ``nth`` counts the
    choices from 0; a later one is None where no other choice is left.
    """
    assert count >= 1
    assert nth >= 0
    assert len(free) == hall.seat_count
    line = hall.by_place(map(bool, free))
    if not include_wheelchair:
        # A place set apart is no neighbour to leave a single seat beside.
        line = _both(line, hall.ordinary)
    wanted = line
    if section is not None:
        wanted = _both(wanted, map(eq, hall.sections, repeat(section)))
    if category is not None:
        wanted = _both(wanted, hall.by_place(map(eq, categories, repeat(category))))
    return next(islice(_choices(hall, line, wanted, count), nth, None), None)


def _both(line: bytes, other: Iterable[int]) -> bytes:
    return bytes(map(and_, line, other))


def _choices(hall: Hall, line: bytes, wanted: bytes, count: int) -> Iterator[Choice]:
    """Yield the choices of the lowest step that has any, the nearest first."""
    runs = [run.span() for run in RUN.finditer(wanted)]
    together = list(_windows(hall, line, runs, count))
    if together:
        yield from _nearest_windows(hall, together, count)
        return
    groups = list(_groups_in_neighbouring_rows(hall, runs, count))
    if groups:
        for _, parts in sorted(groups):
            yield _choice(hall, parts, NEIGHBOURING_ROWS)
        return
    if sum(map(_length, runs)) >= count:
        yield _choice(hall, _apart(hall, runs, count), APART)


# --- steps 1 and 2: together ---

Run = tuple[int, int]  # the first place and the one past the last
Window = tuple[bool, int, int]  # leaves one alone, distance, first place: the least is best


def _windows(hall: Hall, line: bytes, runs: Iterable[Run], count: int) -> Iterator[Window]:
    sums = hall.distances
    for start, stop in runs:
        for at in range(start, stop - count + 1):
            past = at + count
            leaves_one = (line[at - 1] and not line[at - 2]) or (line[past] and not line[past + 1])
            yield bool(leaves_one), sums[past] - sums[at], at


def _nearest_windows(hall: Hall, windows: list[Window], count: int) -> Iterator[Choice]:
    heapq.heapify(windows)
    while windows:
        leaves_one, _, at = heapq.heappop(windows)
        yield _choice(hall, [(at, at + count)], LEAVING_ONE if leaves_one else TOGETHER)


# --- step 3: in neighbouring rows of one section, nobody alone ---


def _groups_in_neighbouring_rows(
    hall: Hall, runs: Iterable[Run], count: int
) -> Iterator[tuple[float, list[Run]]]:
    """Yield groups with their distance: the least is best."""
    seen = set()
    anchors = [
        (_mean_distance(hall, run), run, band)
        for band in _bands(hall, runs)
        if _can_seat(band, count)
        for run in band
        # An odd group needs a part of three; from there on every group works out.
        if _length(run) > count % 2 + 1
    ]
    for _, run, band in heapq.nsmallest(ANCHORS_MAX, anchors):
        parts = _placed(hall, *_sized(_grown(hall, run, band, count), count))
        if tuple(parts) not in seen:
            seen.add(tuple(parts))
            yield _spread(hall, parts), parts


def _bands(hall: Hall, runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Yield runs of two seats or more, grouped by rows of a section that follow each other."""
    band: list[Run] = []
    for run in runs:
        if _length(run) < 2:  # noqa: PLR2004 - nobody alone
            continue
        if band and not _neighbours(hall, band[-1], run):
            yield band
            band = []
        band.append(run)
    if band:
        yield band


def _neighbours(hall: Hall, one: Run, other: Run) -> bool:
    """Say whether two runs are in the same row or in rows of a section next to each other."""
    a, b = one[0], other[0]
    return hall.sections[a] == hall.sections[b] and abs(hall.rows[a] - hall.rows[b]) <= 1


def _can_seat(runs: Sequence[Run], count: int) -> bool:
    """Say whether parts of two or more add up to the group: odd ones need a part of three."""
    lengths = list(map(_length, runs))
    return sum(lengths) >= count and (count % 2 == 0 or max(lengths) > 2)  # noqa: PLR2004


def _grown(hall: Hall, anchor: Run, band: list[Run], count: int) -> list[Run]:
    """Collect runs around the anchor, the nearest first, each beside those collected."""
    x, y = _middle(hall, _nearest_part(hall, anchor, min(_length(anchor), count)))
    by_row: dict[int, list[Run]] = {}
    for run in band:
        by_row.setdefault(hall.rows[run[0]], []).append(run)
    chosen = [anchor]
    near: list[tuple[float, Run]] = []
    opened: set[int] = set()
    missing = count - _length(anchor)
    while missing > 0:
        row = hall.rows[chosen[-1][0]]
        for other in {row - 1, row, row + 1} - opened:
            opened.add(other)
            for run in by_row.get(other, ()):
                if run != anchor:
                    heapq.heappush(near, (_away(hall, run, x, y), run))
        _, run = heapq.heappop(near)
        chosen.append(run)
        missing -= _length(run)
    return chosen


# --- step 4: anywhere ---


def _apart(hall: Hall, runs: list[Run], count: int) -> list[Run]:
    """Choose few parts near each other, with nobody alone where that is possible."""
    pairs = [run for run in runs if _length(run) > 1]
    nobody_alone = bool(pairs) and _can_seat(pairs, count)
    offered = pairs if nobody_alone else runs
    # The longest first; written out because the hall may hold a single seat 60,000 times.
    xs, ys, sums = hall.xs, hall.ys, hall.distances
    _, _, anchor = min((a - b, (sums[b] - sums[a]) / (b - a), (a, b)) for a, b in offered)
    x, y = _middle(hall, anchor)
    nearest = heapq.nsmallest(
        count, ((a - b, (xs[a] - x) ** 2 + (ys[a] - y) ** 2, (a, b)) for a, b in offered)
    )
    chosen = [run for _, _, run in nearest]
    return _placed(hall, *_sized(chosen, count, nobody_alone=nobody_alone))


# --- parts of a group ---


def _sized(
    runs: list[Run], count: int, *, nobody_alone: bool = True
) -> tuple[list[Run], list[int]]:
    """Say how many sit in each run; the last part borrows one rather than be alone."""
    sizes: list[int] = []
    for run in runs:
        sizes.append(min(_length(run), count - sum(sizes)))
        if sum(sizes) == count:
            break
    if nobody_alone and sizes[-1] == 1:
        lender = next(at for at, size in enumerate(sizes) if size > 2)  # noqa: PLR2004
        sizes[lender] -= 1
        sizes[-1] += 1
    return runs[: len(sizes)], sizes


def _placed(hall: Hall, runs: list[Run], sizes: list[int]) -> list[Run]:
    """Place the first part near the focal point and the others near the first."""
    first = _nearest_part(hall, runs[0], sizes[0])
    x, y = _middle(hall, first)
    others = [
        min(_parts(run, size), key=lambda part: dist(_middle(hall, part), (x, y)))
        for run, size in zip(runs[1:], sizes[1:], strict=True)
    ]
    return sorted([first, *others])


def _parts(run: Run, size: int) -> Iterator[Run]:
    return ((at, at + size) for at in range(run[0], run[1] - size + 1))


def _nearest_part(hall: Hall, run: Run, size: int) -> Run:
    sums = hall.distances
    return min(_parts(run, size), key=lambda part: sums[part[1]] - sums[part[0]])


def _length(run: Run) -> int:
    return run[1] - run[0]


def _middle(hall: Hall, part: Run) -> tuple[float, float]:
    start, last = part[0], part[1] - 1
    return (hall.xs[start] + hall.xs[last]) / 2, (hall.ys[start] + hall.ys[last]) / 2


def _away(hall: Hall, run: Run, x: float, y: float) -> float:
    """Measure how far the nearer end of a run is."""
    start, last = run[0], run[1] - 1
    return min(
        hypot(hall.xs[start] - x, hall.ys[start] - y), hypot(hall.xs[last] - x, hall.ys[last] - y)
    )


def _mean_distance(hall: Hall, run: Run) -> float:
    return (hall.distances[run[1]] - hall.distances[run[0]]) / _length(run)


def _spread(hall: Hall, parts: list[Run]) -> float:
    """Measure a group: how far from the focal point, and how far from each other."""
    places = [place for part in parts for place in range(*part)]
    x = sum(hall.xs[place] for place in places) / len(places)
    y = sum(hall.ys[place] for place in places) / len(places)
    away = sum(_mean_distance(hall, part) * _length(part) for part in parts)
    return away / DISTANCE_UNIT + sum(hypot(hall.xs[at] - x, hall.ys[at] - y) for at in places)


def _choice(hall: Hall, parts: list[Run], step: int) -> Choice:
    seats = tuple(hall.seats[place] for part in parts for place in range(*part))
    one_row = len({hall.rows[start] for start, _ in parts}) == 1
    return Choice(seats=seats, step=step, words=_words(parts, step, one_row=one_row))


def _words(parts: list[Run], step: int, *, one_row: bool) -> Words:
    sizes = "+".join(str(size) for size in sorted(map(_length, parts), reverse=True))
    together = Words("1 seat") if sizes == "1" else Words("{sizes} together", sizes=sizes)
    if step == NEIGHBOURING_ROWS:
        if one_row:
            return Words("{sizes} in one row", sizes=sizes)
        return Words("{sizes} in neighbouring rows", sizes=sizes)
    return {
        TOGETHER: together,
        LEAVING_ONE: Words("{together}, leaving a single seat", together=together),
        APART: Words("{sizes} apart", sizes=sizes),
    }[step]
