"""What each cell of the hall shows, one byte a cell, kept up to date seat by seat.

A seat shows what this counter does with it (a request sent, a seat just lost, its own) before
what the server says of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.model import BLOCKED as BLOCKED_LETTER
from boxoffice.core.model import HELD as HELD_LETTER
from boxoffice.core.model import SOLD as SOLD_LETTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from boxoffice.tui.map.grid import Grid
    from boxoffice.tui.map.tiles import Tiles

# What a cell shows; a free seat shows FREE and its category on top.
VOID, SOLD, HELD, MINE, PENDING, LOST, BLOCKED = range(7)
FREE = 16
# Categories have the letters a to z; further ones begin again with a.
LETTERS = 26
# Marks on top of what a seat shows.
IN_RUN, IS_HIT = 0x40, 0x80
SHOWN = 0x3F

SERVER = {HELD_LETTER: HELD, SOLD_LETTER: SOLD, BLOCKED_LETTER: BLOCKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many seats the server has in each state; held ones include this counter's."""

    free: int
    held: int
    sold: int
    blocked: int


class Raster:
    """The bytes to draw, a ``bytearray`` a line of the grid, as long as its last seat.

    Whatever changes them returns the lines it touched.
    """

    def __init__(self, grid: Grid, categories: Sequence[int], states: bytes) -> None:
        assert len(states) == len(categories) == len(grid.columns)
        self.grid = grid
        self.states = bytearray(states)
        self.tiles: Tiles | None = None  # the overview's, while it is drawn
        self.free_codes = bytes(FREE + category % LETTERS for category in categories)
        self._overlays: dict[int, frozenset[int]] = dict.fromkeys(
            (PENDING, LOST, MINE, IN_RUN, IS_HIT), frozenset()
        )
        self.lines = [bytearray(columns[-1] + 1 if columns else 0) for columns in grid.line_columns]
        for seat in range(len(states)):
            self.lines[grid.lines[seat]][grid.columns[seat]] = self.code(seat)

    def code(self, seat: int) -> int:
        """Return the byte that a seat has to show."""
        overlays = self._overlays
        marks = (IN_RUN if seat in overlays[IN_RUN] else 0) | (
            IS_HIT if seat in overlays[IS_HIT] else 0
        )
        for shown in (PENDING, LOST, MINE):
            if seat in overlays[shown]:
                return shown | marks
        return SERVER.get(self.states[seat], self.free_codes[seat]) | marks

    def apply(self, changes: Iterable[tuple[int, int]]) -> set[int]:
        """Take seats and their letters now; seats that the map does not have are passed over."""
        changed = []
        for seat, letter in changes:
            if 0 <= seat < len(self.states) and self.states[seat] != letter:
                self.states[seat] = letter
                changed.append(seat)
        return self._redraw(changed)

    def apply_all(self, states: bytes) -> set[int]:
        """Take the letters of all seats."""
        assert len(states) == len(self.states)
        if states == self.states:
            return set()
        pairs = enumerate(zip(self.states, states, strict=True))
        changed = [seat for seat, (before, now) in pairs if before != now]
        self.states[:] = states
        return self._redraw(changed)

    def set_mine(self, seats: Iterable[int]) -> set[int]:
        """Show these seats, and no others, as this counter's."""
        return self._overlay(MINE, seats)

    def set_pending(self, seats: Iterable[int]) -> set[int]:
        """Show these seats, and no others, as asked for."""
        return self._overlay(PENDING, seats)

    def set_lost(self, seats: Iterable[int]) -> set[int]:
        """Show these seats, and no others, as just lost."""
        return self._overlay(LOST, seats)

    def set_run(self, seats: Iterable[int]) -> set[int]:
        """Mark these seats, and no others, as chosen together."""
        return self._overlay(IN_RUN, seats)

    def set_hits(self, seats: Iterable[int]) -> set[int]:
        """Mark these seats, and no others, as found."""
        return self._overlay(IS_HIT, seats)

    def overlay(self, which: int) -> frozenset[int]:
        """Return the seats of MINE, PENDING, LOST, IN_RUN or IS_HIT."""
        return self._overlays[which]

    def counts(self) -> Counts:
        """Count the seats by what the server says."""
        count = self.states.count
        held, sold, blocked = count(HELD_LETTER), count(SOLD_LETTER), count(BLOCKED_LETTER)
        return Counts(
            free=len(self.states) - held - sold - blocked, held=held, sold=sold, blocked=blocked
        )

    def _overlay(self, which: int, seats: Iterable[int]) -> set[int]:
        now = frozenset(seats)
        changed = self._overlays[which] ^ now
        self._overlays[which] = now
        return self._redraw(changed)

    def _redraw(self, seats: Iterable[int]) -> set[int]:
        columns, lines = self.grid.columns, self.grid.lines
        touched = set()
        for seat in seats:
            line, column, code = lines[seat], columns[seat], self.code(seat)
            before = self.lines[line][column]
            if before != code:
                self.lines[line][column] = code
                touched.add(line)
                if self.tiles is not None:
                    self.tiles.change(column, line, before, code)
        return touched
