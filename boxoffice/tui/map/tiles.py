"""The overview: square tiles of seats, each showing how much of it is still free."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from boxoffice.tui.map.raster import FREE, SHOWN

if TYPE_CHECKING:
    from boxoffice.tui.map.raster import Raster

# 0 is sold out; the others are equal steps up to wholly free.
LEVELS = 5
COLOURS = 8
TENTHS = 9


class Tiles:
    """Counters of tiles of ``columns`` x ``rows`` cells.

    ``lines`` holds a byte a tile, 0 for void, else 1 + colour * LEVELS + level. The colour is
    that of the category most of its seats have.
    """

    def __init__(self, raster: Raster, columns: int, rows: int) -> None:
        grid = raster.grid
        self._columns, self._rows = columns, rows
        width, height = -(-grid.width // columns), -(-grid.height // rows)
        self._free = [[0] * width for _ in range(height)]
        self._seats = [[0] * width for _ in range(height)]
        colours: dict[tuple[int, int], Counter[int]] = {}
        for seat, free_code in enumerate(raster.free_codes):
            column, line = grid.columns[seat], grid.lines[seat]
            x, y = column // columns, line // rows
            self._seats[y][x] += 1
            self._free[y][x] += raster.lines[line][column] & SHOWN >= FREE
            colours.setdefault((x, y), Counter())[(free_code - FREE) % COLOURS] += 1
        self._colours = {at: found.most_common(1)[0][0] for at, found in colours.items()}
        self.lines = [bytearray(width) for _ in range(height)]
        for x, y in colours:
            self._draw(x, y)

    def change(self, column: int, line: int, before: int, now: int) -> None:
        """Count a seat that showed one byte and now shows another."""
        x, y = column // self._columns, line // self._rows
        self._free[y][x] += (now & SHOWN >= FREE) - (before & SHOWN >= FREE)
        self._draw(x, y)

    def tenths(self, x: int, y: int) -> int | None:
        """Return the share of a tile that is free, 0 to 9 (9: all), None for void."""
        seats = self._seats[y][x]
        return -(-self._free[y][x] * TENTHS // seats) if seats else None

    def _draw(self, x: int, y: int) -> None:
        level = -(-self._free[y][x] * (LEVELS - 1) // self._seats[y][x])
        self.lines[y][x] = 1 + self._colours[x, y] * LEVELS + level
