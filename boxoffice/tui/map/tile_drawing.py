"""Draws what shares a character: two rows in half blocks, or tiles of many seats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from boxoffice.tui.map.drawing import ALIKE, Stretches, style_of
from boxoffice.tui.map.palette import CANVAS, Look
from boxoffice.tui.map.raster import IN_RUN, IS_HIT, SOLD, VOID
from boxoffice.tui.map.tiles import COLOURS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boxoffice.tui.map.palette import Appearance, Palette
    from boxoffice.tui.map.tiles import Tiles

ALIKE_PAIRS = re.compile(rb"(..)\1*", re.DOTALL)
UPPER_HALF, LOWER_HALF = "▀", "▄"
# How much of a category's colour a tile shows, from sold out (none) to wholly free.
SHARES = (0.0, 0.45, 0.6, 0.8, 1.0)


class HalfDrawing:
    """Two rows in one line of half blocks; ``colours`` gives the colour of each byte."""

    def __init__(
        self, lines: Sequence[bytearray], colours: Mapping[int, str], palette: Palette
    ) -> None:
        self._lines = lines
        self._colours = {VOID: palette.ground} | dict(colours)
        self._stretches = Stretches(self._stretch)

    def segments(self, line: int, first: int, last: int) -> list[Segment]:
        """Return the segments of two lines of the grid."""
        cells = bytearray(2 * (last - first))
        for half in range(2):
            if 2 * line + half < len(self._lines):
                row = self._lines[2 * line + half][first:last]
                cells[half::2] = row.ljust(last - first, b"\0")
        stretches = self._stretches
        return [stretches[bytes(found.group())] for found in ALIKE_PAIRS.finditer(cells)]

    def _stretch(self, stretch: bytes) -> Segment:
        upper, lower, length = stretch[0], stretch[1], len(stretch) // 2
        over, under = self._colours[upper], self._colours[lower]
        if upper == lower == VOID:
            return Segment(" " * length, Style(bgcolor=under))
        if upper == VOID:
            return Segment(LOWER_HALF * length, Style(color=under, bgcolor=over))
        return Segment(UPPER_HALF * length, Style(color=over, bgcolor=under))


class DigitDrawing:
    """A digit a tile: 0 for sold out up to 9 for wholly free."""

    def __init__(self, tiles: Tiles, palette: Palette) -> None:
        self._tiles = tiles
        self._styles = [style_of(look, palette) for look in palette.levels]
        self._void = Style(bgcolor=palette.ground)

    def segments(self, line: int, first: int, last: int) -> list[Segment]:
        """Return the segments of a line of tiles."""
        segments, codes = [], self._tiles.lines[line][first:last]
        for found in ALIKE.finditer(codes):
            tenths = (self._tiles.tenths(first + at, line) for at in range(*found.span()))
            text = "".join(" " if share is None else str(share) for share in tenths)
            code = codes[found.start()]
            segments.append(
                Segment(text, self._styles[(code - 1) % LEVELS] if code else self._void)
            )
        if len(codes) < last - first:
            segments.append(Segment(" " * (last - first - len(codes)), self._void))
        return segments


def half_colours(looks: Mapping[int, Look], palette: Palette) -> dict[int, str]:
    """Return the one colour that is left of a seat's look in half a character."""
    row, strong = palette.row.ground or CANVAS, palette.strong.colour or CANVAS
    sold = palette.levels[0].colour or CANVAS  # a whole cell of it is as plain as a point
    colours = {}
    for code, look in looks.items():
        colours[code] = sold if code == SOLD else look.ground or look.colour or CANVAS
        colours[code | IN_RUN] = colours[code | IN_RUN | IS_HIT] = row
        colours[code | IS_HIT] = strong
    return colours


def tile_colours(appearance: Appearance) -> dict[int, str]:
    """Return the colour of every byte that a tile can have."""
    palette = appearance.palette
    levels = [look.colour or CANVAS for look in palette.levels]
    if appearance.dimmed:
        levels[1:] = [palette.weak.colour or CANVAS] * (LEVELS - 1)
    colours = {}
    for at in range(COLOURS):
        category = palette.categories[at % len(palette.categories)].colour or CANVAS
        for level, colour in enumerate(levels):
            by_price = appearance.mode == "price" and not appearance.dimmed and level
            shown = _blended(category, SHARES[level]) if by_price else colour
            colours[1 + at * LEVELS + level] = shown
    return colours


def _blended(colour: str, share: float) -> str:
    """Let the ground through; the 16 colours of a terminal cannot be mixed."""
    if not colour.startswith("#"):
        return colour
    return Color.parse(CANVAS).blend(Color.parse(colour), share).hex
