"""The hall as a grid of cells: where each seat is drawn, and which seat a cell shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boxoffice.tui.map.areas import make_room, place_areas, room_of
from boxoffice.tui.map.blocks import blocks_of
from boxoffice.tui.map.placing import STAGE_COLUMNS_MIN, STAGE_LINES, Box, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import SeatMap
    from boxoffice.tui.map.blocks import Block

# A hall that would need more cells than this, some and so many a seat, is drawn without its
# positions.
CELLS_MIN = 100_000
CELLS_A_SEAT_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a section is drawn: the box of its seats, and the line above its middle."""

    box: Box
    name_line: int  # its name stands here; one more empty line is next to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cells by column and line, seats by index of the map; made once, then only read."""

    width: int
    height: int
    columns: Sequence[int]  # by seat
    lines: Sequence[int]
    seat_rows: Sequence[int]  # the plan's row, by seat
    row_sections: Sequence[int]
    rows: dict[int, list[int]]  # plan's row -> its seats from left to right
    sections: dict[int, Place]  # those with seats, in the plan's order
    stage: Box
    beside: int  # columns at both sides that only names of areas need
    areas: list[tuple[str, int, int]]  # a name, and the cell that its middle is at
    line_columns: list[list[int]]  # by line, from left to right
    line_seats: list[list[int]]

    def seat_at(self, column: int, line: int) -> int | None:
        """Return the seat that a cell shows, None where it shows none."""
        if not 0 <= line < self.height:
            return None
        columns = self.line_columns[line]
        at = bisect_left(columns, column)
        if at < len(columns) and columns[at] == column:
            return self.line_seats[line][at]
        return None

    def seats_between(self, line: int, first: int, last: int) -> list[int]:
        """Return the seats of a line from column ``first`` to before ``last``."""
        columns = self.line_columns[line]
        return self.line_seats[line][bisect_left(columns, first) : bisect_right(columns, last - 1)]

    def section_of(self, seat: int) -> int:
        """Return the section of a seat."""
        return self.row_sections[self.seat_rows[seat]]


def lay_out_grid(seat_map: SeatMap) -> Grid:
    """Give every seat of a map a cell of its own."""
    blocks = blocks_of(seat_map)
    boxes, stage = place(blocks, seat_map.focal)
    if _cells(boxes) > max(CELLS_MIN, CELLS_A_SEAT_MAX * len(seat_map.labels)):
        blocks = [_packed(block) for block in blocks]
        boxes, stage = _one_below_another(blocks)
    moved = make_room(seat_map, blocks, boxes, stage)
    return _grid(seat_map, blocks, boxes, stage, moved)


def _cells(boxes: Sequence[Box]) -> int:
    width = max(box.left + box.width for box in boxes)
    return width * max(box.top + box.height for box in boxes)


def _packed(block: Block) -> Block:
    """Return a block with its rows one below another and without its aisles."""
    return replace(
        block,
        columns=[column for row in block.rows for column in range(len(row))],
        lines=[line for line, row in enumerate(block.rows) for _ in row],
        width=max(map(len, block.rows)),
        height=len(block.rows),
    )


def _one_below_another(blocks: Sequence[Block]) -> tuple[list[Box], Box]:
    boxes = []
    top = STAGE_LINES
    for block in blocks:
        boxes.append(Box(left=0, top=top + 2, width=block.width, height=block.height))
        top += block.height + 3
    return boxes, Box(left=0, top=0, width=STAGE_COLUMNS_MIN, height=STAGE_LINES)


def _grid(
    seat_map: SeatMap, blocks: Sequence[Block], boxes: Sequence[Box], stage: Box, moved: int
) -> Grid:
    columns, lines = [0] * len(seat_map.labels), [0] * len(seat_map.labels)
    for block, box in zip(blocks, boxes, strict=True):
        for seat, column, line in zip(block.seats, block.columns, block.lines, strict=True):
            columns[seat] = box.left + column
            lines[seat] = box.top + line
    areas = place_areas(seat_map, blocks, boxes)
    hall = max(stage.left + stage.width, *(box.left + box.width for box in boxes))
    width = max(hall, *(column + room_of(name) + 1 for name, column, _ in areas), 0)
    height = max(
        stage.top + stage.height,
        *(box.top + box.height for box in boxes),
        *(line + 1 for _, _, line in areas),
    )
    line_columns, line_seats = _by_line(columns, lines, height)
    return Grid(
        width=width,
        height=height,
        columns=columns,
        lines=lines,
        seat_rows=seat_map.seat_rows,
        row_sections=seat_map.row_sections,
        rows={seat_map.seat_rows[row[0]]: row for block in blocks for row in block.rows},
        sections={
            block.section: Place(box=box, name_line=box.top + _hollow(block) - 1)
            for block, box in zip(blocks, boxes, strict=True)
        },
        stage=stage,
        beside=moved + width - hall,
        areas=areas,
        line_columns=line_columns,
        line_seats=line_seats,
    )


def _hollow(block: Block) -> int:
    """Return how many lines are empty above the block's middle, where its name may stand."""
    third = block.width // 3
    middle = range(third, block.width - third)
    places = zip(block.columns, block.lines, strict=True)
    return min((line for column, line in places if column in middle), default=0)


def _by_line(
    columns: Sequence[int], lines: Sequence[int], height: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Return the columns and the seats of each line, from left to right."""
    line_seats: list[list[int]] = [[] for _ in range(height)]
    for seat, line in enumerate(lines):
        line_seats[line].append(seat)
    for seats in line_seats:
        seats.sort(key=columns.__getitem__)
    return [[columns[seat] for seat in seats] for seats in line_seats], line_seats
