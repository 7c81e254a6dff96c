"""Turns the bytes of a line into segments: one for each stretch that looks alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from boxoffice.tui.map.raster import IN_RUN, IS_HIT, SHOWN, VOID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from boxoffice.core.model import SeatMap
    from boxoffice.tui.map.grid import Grid
    from boxoffice.tui.map.palette import Look, Palette
    from boxoffice.tui.map.raster import Raster

ALIKE = re.compile(rb"(.)\1*", re.DOTALL)


class Drawing(Protocol):
    """Draws stretches of the map's lines at one zoom, in one set of looks."""

    def segments(self, line: int, first: int, last: int) -> list[Segment]:
        """Return what line ``line`` of the drawing shows from place ``first`` to before ``last``.

        A place is what one seat, or tile, takes across.
        """


class Stretches(dict[bytes, Segment]):
    """The segment for a stretch of bytes, made once for each length and byte."""

    def __init__(self, make: Callable[[bytes], Segment]) -> None:
        self._make = make

    def __missing__(self, stretch: bytes) -> Segment:
        segment = self[stretch] = self._make(stretch)
        return segment


def style_of(look: Look, palette: Palette) -> Style:
    """Return a look as a style of rich."""
    return Style(
        color=look.colour,
        bgcolor=look.ground or palette.ground,
        bold=look.bold or None,
        dim=look.dim or None,
        reverse=look.reverse or None,
        underline=look.underline or None,
    )


class RowLetters:
    """The names of rows, in the aisle before each of their parts."""

    def __init__(self, seat_map: SeatMap, grid: Grid, cells: int, style: Style) -> None:
        self._map, self._grid = seat_map, grid
        self._cells, self._style = cells, style

    def aisle(self, line: int, column: int, length: int) -> list[Segment]:
        """Return what fills the ``length`` empty places before a column where a part begins."""
        seat = self._grid.seat_at(column, line)
        assert seat is not None
        name = self._map.rows[self._map.seat_rows[seat]]
        places = -(-(cell_len(name) + 1) // self._cells)
        if self._cells == 1 or places > length:
            return [Segment(" " * (length * self._cells), self._style)]
        text = " " * (places * self._cells - cell_len(name) - 1) + name + " "
        if places == length:
            return [Segment(text, self._style)]
        return [
            Segment(" " * ((length - places) * self._cells), self._style),
            Segment(text, self._style),
        ]


class SeatDrawing:
    """One character a seat, and a gap behind it where there is room."""

    def __init__(
        self,
        raster: Raster,
        cells: int,
        glyphs: Sequence[str],
        styles: Mapping[int, Style],
        letters: RowLetters,
    ) -> None:
        self._lines = raster.lines
        self._glyphs = [glyph.ljust(cells) for glyph in glyphs]
        self._styles = styles
        self._letters = letters if cells > 1 else None
        self._stretches = Stretches(self._stretch)

    def segments(self, line: int, first: int, last: int) -> list[Segment]:
        """Return the segments of a line of seats."""
        cells = bytes(self._lines[line][first:last])
        blank = b"\0" * (last - first - len(cells))
        stretches, letters, segments = self._stretches, self._letters, list[Segment]()
        for found in ALIKE.finditer(cells):
            stretch = found.group()
            if letters and stretch[0] == VOID and found.end() < len(cells):
                segments += letters.aisle(line, first + found.end(), len(stretch))
            else:
                segments.append(stretches[stretch])
        return [*segments, stretches[blank]] if blank else segments

    def _stretch(self, stretch: bytes) -> Segment:
        code = stretch[0]
        return Segment(self._glyphs[code & SHOWN] * len(stretch), self._styles[code])


class LabelDrawing:
    """Every seat with its state and its number."""

    def __init__(  # noqa: PLR0913 - as SeatDrawing, and the numbers
        self,
        raster: Raster,
        cells: int,
        glyphs: Sequence[str],
        styles: Mapping[int, Style],
        letters: RowLetters,
        numbers: Sequence[str],
    ) -> None:
        self._raster = raster
        self._cells = cells
        self._glyphs = glyphs
        self._styles = styles
        self._letters = letters
        self._numbers = numbers

    def segments(self, line: int, first: int, last: int) -> list[Segment]:
        """Return the segments of a line of seats."""
        cells = bytes(self._raster.lines[line][first:last])
        seats = iter(self._raster.grid.seats_between(line, first, last))
        segments = []
        for found in ALIKE.finditer(cells):
            code, length = cells[found.start()], found.end() - found.start()
            if code != VOID:
                text = "".join(self.label(next(seats), code) for _ in range(length))
                segments.append(Segment(text, self._styles[code]))
            elif found.end() < len(cells):
                segments += self._letters.aisle(line, first + found.end(), length)
            else:
                segments.append(self._blank(length))
        beyond = last - first - len(cells)
        return [*segments, self._blank(beyond)] if beyond else segments

    def label(self, seat: int, code: int) -> str:
        """Return what stands for a seat: its state, its number, and a gap."""
        number = set_cell_size(self._numbers[seat], self._cells - 2)
        return f"{self._glyphs[code & SHOWN]}{number} "

    def _blank(self, places: int) -> Segment:
        return Segment(" " * (places * self._cells), self._styles[VOID])


def seat_styles(looks: Mapping[int, Look], palette: Palette) -> dict[int, Style]:
    """Return the style of every byte that a seat can show, its marks included."""
    row, hit = style_of(palette.row, palette), Style(underline=True, bold=True)
    styles = {}
    for code, look in looks.items():
        style = styles[code] = style_of(look, palette)
        styles[code | IN_RUN] = style + row
        styles[code | IS_HIT] = style + hit
        styles[code | IN_RUN | IS_HIT] = style + row + hit
    return styles
