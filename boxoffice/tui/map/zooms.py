"""How near one looks: what each zoom makes of a cell of the grid, and which one fits a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boxoffice.tui.map.grid import Grid

# Left of the first seat there is room for the cursor's bracket.
LEFT_CELLS = 1
# The overview keeps a line for the stage, which may share a tile with seats.
STAGE_LINES = 1
LABEL_CELLS_MIN, LABEL_CELLS_MAX = 4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoom:
    """A way to draw: so many columns and rows of seats share a cell of so many characters."""

    name: str  # overview, half, compact, normal, labels
    columns: int = 1
    rows: int = 1
    cells: int = 1
    top: int = 0  # empty lines above the hall

    @property
    def single(self) -> bool:
        """Tell whether every seat has a character of its own."""
        return self.columns == self.rows == 1

    def size(self, grid: Grid) -> tuple[int, int]:
        """Return the width and height of the whole hall in characters."""
        width = LEFT_CELLS + -(-grid.width // self.columns) * self.cells
        return width + (self.cells == 1), self.top + -(-grid.height // self.rows)

    def at(self, column: int, line: int) -> tuple[int, int]:
        """Return where a cell of the grid is drawn: the first character of its region."""
        return LEFT_CELLS + column // self.columns * self.cells, self.top + line // self.rows

    def seat_at(self, grid: Grid, x: int, y: int) -> int | None:
        """Return the seat drawn at a character; the one nearest the middle of several."""
        column = (x - LEFT_CELLS) // self.cells * self.columns
        line = (y - self.top) * self.rows
        if self.single:
            return grid.seat_at(column, line)
        shown = [
            seat
            for at in range(max(line, 0), min(line + self.rows, grid.height))
            for seat in grid.seats_between(at, column, column + self.columns)
        ]
        middle = column + self.columns // 2, line + self.rows // 2
        return min(shown, key=lambda seat: _away(grid, seat, *middle), default=None)


def _away(grid: Grid, seat: int, column: int, line: int) -> int:
    return abs(grid.columns[seat] - column) + abs(grid.lines[seat] - line)


HALF = Zoom(name="half", rows=2)
COMPACT = Zoom(name="compact")
NORMAL = Zoom(name="normal", cells=2)


def labels_zoom(numbers: Sequence[str]) -> Zoom:
    """Return the zoom that has room for the state and the number of every seat."""
    longest = max(map(len, numbers))
    cells = min(max(longest + 2, LABEL_CELLS_MIN), LABEL_CELLS_MAX)
    return Zoom(name="labels", cells=cells)


def overview(grid: Grid, width: int, height: int) -> Zoom:
    """Return the overview with the smallest tiles that shows the whole hall in a window."""
    across = -(-grid.width // max(width - LEFT_CELLS - 1, 1))
    down = -(-grid.height // max(2 * (height - STAGE_LINES), 1))
    tile = max(2, across, down)
    return Zoom(name="overview", columns=tile, rows=2 * tile, top=STAGE_LINES)


def largest_that_fits(
    zooms: Iterable[Zoom], grid: Grid, width: int, height: int | None = None
) -> Zoom | None:
    """Return the last of the zooms at which the hall fits (in any height, if none is given)."""
    fitting = None
    for zoom in zooms:
        needed = zoom.size(grid)
        beside = grid.beside // zoom.columns * zoom.cells  # a name may be looked for, a seat not
        if needed[0] - beside <= width and (height is None or needed[1] <= height):
            fitting = zoom
    return fitting
