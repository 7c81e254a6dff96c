"""A hall as a small picture of text: how the seats stand, wherever they are.

Each character is a seat, or in a large hall a piece of it; colours say the same as the marks.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from boxoffice.core.language import tr
from boxoffice.core.model import BLOCKED, FREE, HELD, SOLD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from boxoffice.core.model import SeatMap

SOME = 0  # of a piece of the hall where seats stand differently
MARKS = {FREE: ".", HELD: "h", SOLD: "#", BLOCKED: "x", SOME: "+"}
STYLES = {FREE: "green", HELD: "yellow", SOLD: "red", BLOCKED: "dim", SOME: "magenta"}
LINES_MAX = 20
TOUCHING = 1e-6


def draw(hall: SeatMap, states: bytes, width: int) -> Iterator[Text]:
    """Yield the lines of a hall's picture, at most ``width`` wide, and what its marks mean."""
    from rich.text import Text

    columns = _scale(hall.xs, _pitch(hall), width)
    lines = _scale(hall.ys, _depth(hall), LINES_MAX)
    pieces: dict[tuple[int, int], Counter[int]] = {}
    for column, line, state in zip(columns, lines, states, strict=True):
        pieces.setdefault((line, column), Counter())[state] += 1
    for line in range(max(lines) + 1):
        found = {column: kinds for (at, column), kinds in pieces.items() if at == line}
        drawn = Text()
        for column in range(max(found, default=-1) + 1):
            if column in found:
                state = _state(found[column])
                drawn.append(MARKS[state], STYLES[state])
            else:
                drawn.append(" ")
        yield drawn
    yield _legend()


def _state(kinds: Counter[int]) -> int:
    return next(iter(kinds)) if len(kinds) == 1 else SOME


def _legend() -> Text:
    from rich.text import Text

    words = {
        SOLD: tr("sold"),
        HELD: tr("held"),
        BLOCKED: tr("blocked"),
        FREE: tr("free"),
        SOME: tr("some of these"),
    }
    told = Text()
    for state, word in words.items():
        told.append(MARKS[state], STYLES[state]).append(f" {word}   ")
    return told


def _scale(places: Sequence[float], pitch: float, most: int) -> list[int]:
    """Count places in steps of ``pitch``, or of as much more as keeps them within ``most``."""
    low, high = min(places), max(places)
    step = max(pitch, (high - low) / max(most - 1, 1)) or 1.0
    return [round((place - low) / step) for place in places]


def _pitch(hall: SeatMap) -> float:
    """Return how far neighbours sit from each other, in most of the hall."""
    gaps = [
        abs(hall.xs[at + 1] - hall.xs[at])
        for at in range(len(hall.xs) - 1)
        if hall.seat_rows[at] == hall.seat_rows[at + 1]
    ]
    return _usual(gaps)


def _depth(hall: SeatMap) -> float:
    """Return how far rows are from each other, in most of the hall."""
    firsts = {row: hall.ys[at] for at, row in reversed(list(enumerate(hall.seat_rows)))}
    ordered = sorted(firsts.values())
    return _usual([after - before for before, after in pairwise(ordered)])


def _usual(gaps: Sequence[float]) -> float:
    wide = sorted(gap for gap in gaps if gap > TOUCHING)
    return wide[len(wide) // 2] if wide else 0.0
