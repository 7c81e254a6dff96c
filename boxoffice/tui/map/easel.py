"""Draws whole lines of the map: row letters, seats, words and the cursor.

Lines are kept until something on them changes; the cursor is laid over its line afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from boxoffice.tui.map.drawing import LabelDrawing, RowLetters, SeatDrawing, seat_styles, style_of
from boxoffice.tui.map.marks import marks_of
from boxoffice.tui.map.palette import Appearance, glyphs_of, looks
from boxoffice.tui.map.raster import SHOWN
from boxoffice.tui.map.tile_drawing import DigitDrawing, HalfDrawing, half_colours, tile_colours
from boxoffice.tui.map.tiles import Tiles
from boxoffice.tui.map.zooms import LEFT_CELLS, Zoom

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boxoffice.core.model import SeatMap
    from boxoffice.tui.map.drawing import Drawing
    from boxoffice.tui.map.raster import Raster

GUTTER_CELLS_MAX = 4
OPEN, CLOSE = "[", "]"
MERGED_CURSOR = "+"  # where several seats share a character


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of the drawing is seen: from character ``x`` on, behind ``margin`` blanks."""

    x: int
    width: int
    margin: int


class Easel:
    """A hall at one zoom in one appearance, ready to be looked at through a window."""

    def __init__(
        self, seat_map: SeatMap, raster: Raster, zoom: Zoom, appearance: Appearance
    ) -> None:
        self.zoom = zoom
        self.gutter = gutter_cells(seat_map.rows) if zoom.single else 0
        self._map, self._raster = seat_map, raster
        self._height = zoom.size(raster.grid)[1]
        digits = not (zoom.single or appearance.blocks)
        self._marks = marks_of(raster.grid, seat_map.sections, zoom, digits=digits)
        palette = appearance.palette
        self._words = {
            True: style_of(palette.stage, palette),
            False: style_of(palette.title, palette),
        }
        self._letters = style_of(palette.gutter, palette)
        self._cursor = style_of(palette.cursor, palette)
        self._blank = Style(bgcolor=palette.ground)
        self._glyphs = glyphs_of(appearance.glyphs)
        self._drawing = _drawing(seat_map, raster, zoom, appearance)
        self._strips: dict[int, Strip] = {}
        self._window: Window | None = None

    def line(self, line: int, window: Window) -> Strip:
        """Return a line of the drawing, ``window.width`` characters wide."""
        if window != self._window:
            self._strips.clear()
            self._window = window
        strip = self._strips.get(line)
        if strip is None:
            strip = self._strips[line] = self._composed(line, window)
        return strip

    def forget(self, grid_lines: Iterable[int]) -> set[int]:
        """Drop the lines that show these lines of the grid, and return which they are."""
        dropped = {self.zoom.at(0, line)[1] for line in grid_lines}
        for line in dropped:
            self._strips.pop(line, None)
        return dropped

    def clear(self) -> None:
        """Drop all lines."""
        self._strips.clear()

    def with_cursor(self, strip: Strip, seat: int, window: Window) -> Strip:
        """Lay the cursor over the line of its seat, and point out the row's letter."""
        grid = self._raster.grid
        text = self._cursor_text(seat)
        x, _ = self.zoom.at(grid.columns[seat], grid.lines[seat])
        x -= window.x + (cell_len(text) > 1)
        if x >= 0:
            piece = Strip([Segment(text, self._cursor)])
            strip = _laid_over(strip, window.margin + self.gutter + x, piece)
        if self.gutter:
            letter = Segment(self._letter(seat), self._letters + Style(bold=True, reverse=True))
            strip = _laid_over(strip, window.margin, Strip([letter]))
        return strip

    def _cursor_text(self, seat: int) -> str:
        grid = self._raster.grid
        code = self._raster.lines[grid.lines[seat]][grid.columns[seat]]
        if not self.zoom.single:
            return MERGED_CURSOR
        if isinstance(self._drawing, LabelDrawing):
            return OPEN + self._drawing.label(seat, code)[:-1] + CLOSE
        glyph = self._glyphs[code & SHOWN]
        return glyph if self.zoom.cells == 1 else OPEN + glyph + CLOSE

    def _composed(self, line: int, window: Window) -> Strip:
        """Put a line together: blanks, the letter of its row, seats and words."""
        if line >= self._height:
            return Strip([Segment(" " * window.width, self._blank)], window.width)
        cells = self.zoom.cells
        room = max(window.width - window.margin - self.gutter, 0)
        first = max((window.x - LEFT_CELLS) // cells, 0)
        last = (window.x + room) // cells + 1
        start = LEFT_CELLS + first * cells if first else 0
        segments = [Segment(" " * (last - first) * cells, self._blank)]
        if line >= self.zoom.top:
            segments = self._drawing.segments(line - self.zoom.top, first, last)
        if not first:
            segments.insert(0, Segment(" " * LEFT_CELLS, self._blank))
        seats = Strip(segments, LEFT_CELLS * (not first) + (last - first) * cells)
        for mark in self._marks.get(line, ()):
            style = self._letters if mark.area else self._words[mark.stage]
            piece = Strip([Segment(mark.text, style)])
            seats = _laid_over(seats, mark.x - start, piece)
        seats = seats.crop_extend(window.x - start, window.x - start + room, self._blank)
        before = [Segment(" " * window.margin, self._blank)] if window.margin else []
        if self.gutter:
            before.append(Segment(self._letter_of(line, first), self._letters))
        return Strip([*before, *seats], window.width)

    def _letter_of(self, line: int, first_column: int) -> str:
        """Return the name of the row whose seat is leftmost on what is seen of a line."""
        grid = self._raster.grid
        seats = grid.seats_between(line, first_column, grid.width)
        return self._letter(seats[0]) if seats else " " * self.gutter

    def _letter(self, seat: int) -> str:
        name = self._map.rows[self._map.seat_rows[seat]]
        return set_cell_size(name, self.gutter - 1).rjust(self.gutter - 1) + " "


def gutter_cells(row_names: Iterable[str]) -> int:
    """Return the characters that row names get, with the blank behind them."""
    return min(max(map(cell_len, row_names)), GUTTER_CELLS_MAX) + 1


def _drawing(seat_map: SeatMap, raster: Raster, zoom: Zoom, appearance: Appearance) -> Drawing:
    """Make the drawing of a zoom; from now on the raster counts for its tiles, if it has any."""
    palette, found = appearance.palette, looks(appearance)
    styles = seat_styles(found, palette)
    glyphs = glyphs_of(appearance.glyphs)
    letters = RowLetters(seat_map, raster.grid, zoom.cells, style_of(palette.gutter, palette))
    raster.tiles = None
    if zoom.name == "labels":
        return LabelDrawing(raster, zoom.cells, glyphs, styles, letters, seat_map.numbers)
    if zoom.single:
        return SeatDrawing(raster, zoom.cells, glyphs, styles, letters)
    if zoom.name == "half":
        return HalfDrawing(raster.lines, half_colours(found, palette), palette)
    raster.tiles = Tiles(raster, zoom.columns, zoom.columns if appearance.blocks else zoom.rows)
    if appearance.blocks:
        return HalfDrawing(raster.tiles.lines, tile_colours(appearance), palette)
    return DigitDrawing(raster.tiles, palette)


def _laid_over(strip: Strip, at: int, piece: Strip) -> Strip:
    """Lay a piece over a strip, cut where it reaches beyond."""
    if at < 0:
        piece, at = piece.crop(-at), 0
    piece = piece.crop(0, max(strip.cell_length - at, 0))
    if not piece.cell_length:
        return strip
    behind = strip.crop(at + piece.cell_length)
    return Strip.join([strip.crop(0, at), piece, behind])
