"""The seat map without its keys and pointer: shows a hall and follows its changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.filter import ANSIToTruecolor
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from boxoffice.core.text import visible
from boxoffice.tui.map import zooms
from boxoffice.tui.map.easel import Easel, Window, gutter_cells
from boxoffice.tui.map.grid import lay_out_grid
from boxoffice.tui.map.messages import CursorMoved, ZoomChanged
from boxoffice.tui.map.moves import first_seat
from boxoffice.tui.map.palette import (
    CANVAS,
    NO_COLOURS,
    UNICODE,
    Appearance,
    ColourMode,
    Glyphs,
    Palette,
    palette_for,
)
from boxoffice.tui.map.raster import Counts, Raster

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.filter import LineFilter

    from boxoffice.core.model import SeatMap
    from boxoffice.tui.map.zooms import Zoom

# The cursor keeps this far from the edge of what is seen, where there is room.
EDGE_CELLS = 6
EDGE_LINES = 2


class SeatMapCanvas(ScrollView):
    """A live hall; a batch of changes redraws the lines it touches and no others."""

    DEFAULT_CSS = f"""
    SeatMapCanvas {{
        background: {CANVAS};
        color: #c8ccd0;
        scrollbar-size: 1 1;
        scrollbar-background: {CANVAS};
        scrollbar-color: #3a4450;
        scrollbar-corner-color: {CANVAS};
    }}
    """
    ALLOW_SELECT: ClassVar[bool] = False

    dimmed = reactive(default=False, repaint=False)
    """Whether the map may be out of date; then it is shown in grey."""

    def __init__(
        self,
        *,
        glyphs: Glyphs = UNICODE,
        palette: Palette | None = None,
        id: str | None = None,  # noqa: A002 - what Textual calls it
    ) -> None:
        super().__init__(id=id)
        self._palette_given = palette is not None
        self._appearance = Appearance(palette=palette or NO_COLOURS, glyphs=glyphs)
        self._map: SeatMap | None = None
        self._raster: Raster | None = None
        self._easel: Easel | None = None
        self._cursor = 0

    # --- what is shown ---

    def show(self, seat_map: SeatMap, states: bytes, *, at: int | None = None) -> None:
        """Show a hall, its cursor at a seat or before the stage, as near as its width allows."""
        grid = lay_out_grid(seat_map)
        self._map = _drawable(seat_map)
        self._raster = Raster(grid, seat_map.seat_categories, states)
        self._easel = None
        self._cursor = first_seat(grid) if at is None else at
        if self.size.area:
            self._set_zoom(self._opening_zoom())

    def apply(self, changes: Iterable[tuple[int, int]]) -> int:
        """Take seats and their letters now; returns how many lines of the hall it touched."""
        return self._touch(self._raster.apply(changes)) if self._raster else 0

    def apply_all(self, states: bytes) -> int:
        """Take the letters of all seats; only what differs is drawn anew."""
        return self._touch(self._raster.apply_all(states)) if self._raster else 0

    def set_mine(self, seats: Iterable[int]) -> None:
        """Show these seats, and no others, as this counter's."""
        if self._raster:
            self._touch(self._raster.set_mine(seats))

    def set_pending(self, seats: Iterable[int]) -> None:
        """Show these seats, and no others, as asked for and not answered yet."""
        if self._raster:
            self._touch(self._raster.set_pending(seats))

    def set_lost(self, seats: Iterable[int]) -> None:
        """Show these seats, and no others, as just lost."""
        if self._raster:
            self._touch(self._raster.set_lost(seats))

    def highlight(self, seats: Iterable[int]) -> None:
        """Underline these seats, and no others, as found."""
        if self._raster:
            self._touch(self._raster.set_hits(seats))

    @property
    def cursor(self) -> int | None:
        """The seat that the cursor is on, None before a hall is shown."""
        return self._cursor if self._raster else None

    @property
    def counts(self) -> Counts:
        """How many seats the server has in each state."""
        if not self._raster:
            return Counts(free=0, held=0, sold=0, blocked=0)
        return self._raster.counts()

    @property
    def states(self) -> Sequence[int]:
        """The letters of what the server says of the seats (``model.FREE`` and the like)."""
        # A view: asked for seat by seat, a copy of a large hall each time would be dear.
        return memoryview(self._raster.states).toreadonly() if self._raster else b""

    @property
    def zoom_name(self) -> str:
        """How near one looks: overview, half, compact, normal or labels."""
        return self._easel.zoom.name if self._easel else "normal"

    # --- how it looks ---

    @property
    def appearance(self) -> Appearance:
        """The colours, characters and filter in use, for a legend beside the map."""
        return self._appearance

    def set_colours(self, mode: ColourMode) -> None:
        """Colour by price, status or availability."""
        self._appear(replace(self._appearance, mode=mode))

    def set_filter(self, categories: Iterable[int] | None) -> None:
        """Let only these price categories stand out; None for all."""
        chosen = None if categories is None else frozenset(categories)
        self._appear(replace(self._appearance, categories=chosen))

    def watch_dimmed(self, dimmed: bool) -> None:  # noqa: FBT001 - Textual calls it so
        """Draw in grey, or in colours again."""
        self._appear(replace(self._appearance, dimmed=dimmed))

    def _appear(self, appearance: Appearance) -> None:
        self._appearance = appearance
        if self._easel and self._map and self._raster:
            self._easel = Easel(self._map, self._raster, self._easel.zoom, appearance)
            self.refresh()

    def notify_style_update(self) -> None:
        """Drop all lines: their colours may be others now."""
        super().notify_style_update()
        if self._easel:
            self._easel.clear()

    def on_mount(self) -> None:
        """Choose colours by what the terminal can show."""
        if not self._palette_given:
            system = self.app.console.color_system
            palette = palette_for(system, no_color=self.app.no_color)
            self._appear(replace(self._appearance, palette=palette))
        if not self._appearance.glyphs.blocks:
            self.styles.scrollbar_size_horizontal = self.styles.scrollbar_size_vertical = 0

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Leave out the filter that turns the palette's 16 colours into others."""
        return [
            each for each in super().get_line_filters() if not isinstance(each, ANSIToTruecolor)
        ]

    # --- zoom ---

    def zoom_in(self) -> None:
        """Look from nearer, the cursor in view."""
        self._step_zoom(1)

    def zoom_out(self) -> None:
        """Look from farther."""
        self._step_zoom(-1)

    def zoom_fit(self) -> None:
        """Look from as near as the whole hall can be seen."""
        if self._raster:
            width, height = self._room()
            steps = self._zooms()
            fitting = zooms.largest_that_fits(steps, self._raster.grid, width, height)
            self._set_zoom(fitting or steps[0])

    def _step_zoom(self, step: int) -> None:
        if self._easel:
            steps = self._zooms()
            at = [zoom.name for zoom in steps].index(self._easel.zoom.name) + step
            if 0 <= at < len(steps):
                self._set_zoom(steps[at])

    def _zooms(self) -> list[Zoom]:
        """Return the zooms of this hall in this window, the farthest first."""
        assert self._map
        assert self._raster
        whole = zooms.overview(self._raster.grid, *self.container_size)
        half = [zooms.HALF] if self._appearance.blocks else []
        labels = zooms.labels_zoom(self._map.numbers)
        return [whole, *half, zooms.COMPACT, zooms.NORMAL, labels]

    def _opening_zoom(self) -> Zoom:
        """Return the nearest zoom, up to normal, at which the hall's width fits."""
        assert self._raster
        steps = self._zooms()[:-1]
        width, _ = self._room()
        return zooms.largest_that_fits(steps, self._raster.grid, width) or steps[0]

    def _room(self) -> tuple[int, int]:
        """Return the characters across and down that are left for seats."""
        assert self._map
        width, height = self.container_size
        return width - gutter_cells(self._map.rows) - 1, height

    def _set_zoom(self, zoom: Zoom) -> None:
        assert self._map
        assert self._raster
        before = self._easel.zoom if self._easel else None
        self._easel = Easel(self._map, self._raster, zoom, self._appearance)
        width, height = zoom.size(self._raster.grid)
        self.virtual_size = Size(width + self._easel.gutter, height)
        self._see_cursor(centre=True)
        self.refresh()
        if before is None or before.name != zoom.name:
            self.post_message(ZoomChanged(zoom.name))

    def on_resize(self) -> None:
        """Fit the overview to the new window and keep the cursor in view."""
        if not self._raster or not self.size.area:
            return
        if self._easel is None:
            self._set_zoom(self._opening_zoom())
        elif self._easel.zoom.name == "overview":
            self._set_zoom(self._zooms()[0])
        else:
            self._see_cursor()

    # --- cursor ---

    def _place_cursor(self, seat: int) -> None:
        if seat == self._cursor:
            return
        lines = {self._cursor_line(), self._cursor_line(seat)}
        self._cursor = seat
        self._refresh_lines(lines)
        self._see_cursor()
        self.post_message(CursorMoved(seat))

    def _cursor_line(self, seat: int | None = None) -> int:
        assert self._raster
        line = self._raster.grid.lines[self._cursor if seat is None else seat]
        return self._easel.zoom.at(0, line)[1] if self._easel else line

    def _see_cursor(self, *, centre: bool = False) -> None:
        """Scroll as little as needed, or to the middle, without animation."""
        if not self._easel or not self._raster:
            return
        grid = self._raster.grid
        x, y = self._easel.zoom.at(grid.columns[self._cursor], grid.lines[self._cursor])
        width, height = self.size.width - self._easel.gutter, self.size.height
        self.scroll_to(
            _scrolled(self.scroll_offset.x, x, width, EDGE_CELLS, centre=centre),
            _scrolled(self.scroll_offset.y, y, height, EDGE_LINES, centre=centre),
            animate=False,
            force=True,
        )

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is seen."""
        if not self._easel or not self._raster:
            return Strip.blank(self.size.width, self.rich_style)
        line = y + self.scroll_offset.y
        window = self._window()
        strip = self._easel.line(line, window)
        if line == self._cursor_line():
            strip = self._easel.with_cursor(strip, self._cursor, window)
        return strip

    def _window(self) -> Window:
        width = self.size.width
        margin = max(0, (width - self.virtual_size.width) // 2)
        return Window(x=self.scroll_offset.x, width=width, margin=margin)

    def _touch(self, grid_lines: set[int]) -> int:
        if self._easel and grid_lines:
            self._refresh_lines(self._easel.forget(grid_lines))
        return len(grid_lines)

    def _refresh_lines(self, lines: Iterable[int]) -> None:
        top, (width, height) = self.scroll_offset.y, self.size
        seen = [Region(0, line - top, width, 1) for line in lines if 0 <= line - top < height]
        if seen:
            self.refresh(*seen)


def _scrolled(offset: int, at: int, room: int, edge: int, *, centre: bool) -> int:
    """Return from where to show ``room`` places so that one of them is well in view."""
    if centre:
        return max(at - room // 2, 0)
    edge = min(edge, max(room - 1, 0) // 2)
    return max(min(offset, at - edge), at + edge + 1 - room, 0) if room > 0 else 0


def _drawable(seat_map: SeatMap) -> SeatMap:
    """Return the hall with the names that are drawn made safe to draw."""
    return replace(
        seat_map,
        sections=tuple(map(visible, seat_map.sections)),
        rows=tuple(map(visible, seat_map.rows)),
        numbers=tuple(map(visible, seat_map.numbers)),
    )
