"""Puts the blocks of a hall's sections beside each other as they really lie, never overlapping."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boxoffice.tui.map.blocks import Block

# Empty lines above a block, for the section's name, and below; three in all leave a whole
# line for the name where a line shows two rows.
NAME_LINES = 2
BELOW_LINES = 1
BESIDE_COLUMNS = 2
STAGE_LINES = 3
STAGE_COLUMNS_MIN = 9
STAGE_COLUMNS_MAX = 40
# How far a hall is drawn apart before sections that still meet are moved down instead.
SCALE_MAX = 1.5
# More sections are not compared in pairs: they are only moved down.
SCALED_SECTIONS_MAX = 300
EMPTY_COLUMNS_MAX = 8
EMPTY_LINES_MAX = 4


@dataclass(slots=True, kw_only=True)
class Box:
    """A rectangle of cells: its left column, top line, and size."""

    left: int
    top: int
    width: int
    height: int

    def beside(self, other: Box) -> bool:
        """Tell whether the two have no cell in common."""
        return (
            self.left + self.width <= other.left
            or other.left + other.width <= self.left
            or self.top + self.height <= other.top
            or other.top + other.height <= self.top
        )


def place(blocks: Sequence[Block], focal: tuple[float, float]) -> tuple[list[Box], Box]:
    """Return a box for the seats of each block, and one for the stage."""
    pitches = _usual(block.seat_pitch for block in blocks), _usual(b.row_pitch for b in blocks)
    middles = [(b.middle[0] / pitches[0], b.middle[1] / pitches[1]) for b in blocks]
    scale = _scale(blocks, middles)
    taken = _apart([_box(block, at, scale) for block, at in zip(blocks, middles, strict=True)])
    stage = _stage(blocks, taken, focal[0] / pitches[0] * scale, focal[1] / pitches[1] * scale)
    boxes = [_seats_of(box, block) for box, block in zip(taken, blocks, strict=True)]
    _close_up(boxes, stage)
    return boxes, stage


def _usual(pitches: Iterable[float]) -> float:
    ordered = sorted(pitches)
    return ordered[(len(ordered) - 1) // 2]


def _scale(blocks: Sequence[Block], middles: Sequence[tuple[float, float]]) -> float:
    """Return by how much to draw the hall apart so that no two sections meet."""
    scale = 1.0
    if len(blocks) > SCALED_SECTIONS_MAX:
        return scale
    for (one, (x1, y1)), (other, (x2, y2)) in combinations(zip(blocks, middles, strict=True), 2):
        across, down = abs(x1 - x2), abs(y1 - y2)
        wide = (one.width + other.width) / 2 + BESIDE_COLUMNS
        high = (one.height + other.height) / 2 + NAME_LINES + BELOW_LINES
        needed = min(wide / across if across else SCALE_MAX, high / down if down else SCALE_MAX)
        scale = max(scale, min(needed, SCALE_MAX))
    return scale


def _box(block: Block, middle: tuple[float, float], scale: float) -> Box:
    """Return the box of a block with the room that it needs around.

    It begins and ends at even columns, so that two neighbours stay apart where two columns
    are drawn as one.
    """
    return Box(
        left=floor((middle[0] * scale - (block.width - 1) / 2) / 2 + 0.5) * 2,
        top=floor(middle[1] * scale - (block.height - 1) / 2 + 0.5) - NAME_LINES,
        width=block.width + block.width % 2 + BESIDE_COLUMNS,
        height=block.height + NAME_LINES + BELOW_LINES,
    )


def _apart(boxes: list[Box]) -> list[Box]:
    """Move boxes down until none meets another, the upper ones first."""
    placed: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.top):
        below = sorted(placed, key=lambda other: other.top)
        for other in below:
            if not box.beside(other):
                box.top = other.top + other.height
        placed.append(box)
    return boxes


def _seats_of(box: Box, block: Block) -> Box:
    top = box.top + NAME_LINES
    return Box(left=box.left, top=top, width=block.width, height=block.height)


def _stage(blocks: Sequence[Block], taken: Sequence[Box], x: float, y: float) -> Box:
    """Return the nearest free place for the stage at, or before, the focal point."""
    pairs = zip(blocks, taken, strict=True)
    block, box = min(pairs, key=lambda at: abs(at[1].top - y) + abs(_middle(*at) - x))
    width = max(STAGE_COLUMNS_MIN, min(STAGE_COLUMNS_MAX, block.width // 2))
    width += (width - block.width) % 2
    if abs(_middle(block, box) - x) <= BESIDE_COLUMNS:
        x = _middle(block, box)  # a block may stand a column aside, see _box
    left = floor(x - (width - 1) / 2 + 0.5)
    stage = Box(left=left, top=floor(y), width=width, height=STAGE_LINES)
    for box in sorted(taken, key=lambda box: -(box.top + box.height)):
        if not stage.beside(box):
            stage.top = box.top - STAGE_LINES
    return stage


def _middle(block: Block, box: Box) -> float:
    return box.left + (block.width - 1) / 2


def _close_up(boxes: Sequence[Box], stage: Box) -> None:
    """Move everything to the upper left and cut out what is empty right through the hall."""
    named = [
        Box(left=b.left, top=b.top - NAME_LINES, width=b.width, height=b.height) for b in boxes
    ]
    everything = [*named, stage]
    across = _closed([(b.left, b.width) for b in everything], EMPTY_COLUMNS_MAX)
    down = _closed([(b.top, b.height + NAME_LINES) for b in everything], EMPTY_LINES_MAX)
    stage.left, stage.top = across.pop(), down.pop()
    for box, left, top in zip(boxes, across, down, strict=True):
        box.left, box.top = left, top + NAME_LINES


def _closed(spans: Sequence[tuple[int, int]], empty_max: int) -> list[int]:
    """Return new starts of the spans, with no empty stretch longer than ``empty_max``.

    Even starts stay even.
    """
    order = sorted(range(len(spans)), key=spans.__getitem__)
    starts = [0] * len(spans)
    end = spans[order[0]][0]
    cut = end // 2 * 2
    for span in order:
        start, length = spans[span]
        cut += max(0, start - end - empty_max) // 2 * 2
        starts[span] = start - cut
        end = max(end, start + length)
    return starts
