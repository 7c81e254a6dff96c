"""Where a hall's named areas (a bar, an entrance) lie among its cells: beside the nearest seat."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import Area, SeatMap
    from boxoffice.tui.map.blocks import Block
    from boxoffice.tui.map.placing import Box

# An area lies at most this far from the nearest seat, as the hall is drawn without its emptiness.
AWAY_COLUMNS_MAX = 6
AWAY_LINES_MAX = 3
NAME_CELLS_MAX = 16

Bounds = tuple[float, float, float, float]


def make_room(seat_map: SeatMap, blocks: Sequence[Block], boxes: Sequence[Box], stage: Box) -> int:
    """Move the hall right and down where an area lies before its first column or line.

    Returns by how many columns.
    """
    areas = place_areas(seat_map, blocks, boxes)
    left = min((column - room_of(name) for name, column, _ in areas), default=0)
    top = min((line for _, _, line in areas), default=0)
    moved = max(-left, 0) + max(-left, 0) % 2  # even columns stay even
    for box in (*boxes, stage):
        box.left += moved
        box.top += max(-top, 0)
    return moved


def place_areas(
    seat_map: SeatMap, blocks: Sequence[Block], boxes: Sequence[Box]
) -> list[tuple[str, int, int]]:
    """Return the name of each area, and the column and line of its middle."""
    if not seat_map.areas:
        return []
    bounds = [_bounds(seat_map, block) for block in blocks]
    placed = []
    for area in seat_map.areas:
        at = min(range(len(blocks)), key=lambda block: _distance(bounds[block], area))
        placed.append((area.name, *_cell(seat_map, blocks[at], boxes[at], area)))
    return placed


def room_of(name: str) -> int:
    """Return the columns that a name may need to either side, where they are narrow."""
    return min(cell_len(name), NAME_CELLS_MAX)


def _bounds(seat_map: SeatMap, block: Block) -> Bounds:
    xs, ys = ([values[seat] for seat in block.seats] for values in (seat_map.xs, seat_map.ys))
    return min(xs), min(ys), max(xs), max(ys)


def _distance(bounds: Bounds, area: Area) -> float:
    left, top, right, bottom = bounds
    return hypot(max(left - area.x, 0, area.x - right), max(top - area.y, 0, area.y - bottom))


def _cell(seat_map: SeatMap, block: Block, box: Box, area: Area) -> tuple[int, int]:
    """Count from the nearest seat of a section, in steps from seat to seat and row to row."""
    xs, ys, seats = seat_map.xs, seat_map.ys, block.seats
    near = min(range(len(seats)), key=lambda n: hypot(xs[seats[n]] - area.x, ys[seats[n]] - area.y))
    columns = (area.x - xs[seats[near]]) / block.seat_pitch
    lines = (area.y - ys[seats[near]]) / block.row_pitch
    return (
        box.left + block.columns[near] + round(_within(columns, AWAY_COLUMNS_MAX)),
        box.top + block.lines[near] + round(_within(lines, AWAY_LINES_MAX)),
    )


def _within(steps: float, most: int) -> float:
    return min(max(steps, -most), most)
