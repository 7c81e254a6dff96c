"""The seat map as a widget: a live hall with a cursor, runs of seats, and a pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.tui.map.canvas import SeatMapCanvas
from boxoffice.tui.map.messages import RunChanged, SeatChosen
from boxoffice.tui.map.moves import Direction, move, run
from boxoffice.tui.map.palette import COLOUR_MODES
from boxoffice.tui.map.raster import IN_RUN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from boxoffice.core.model import SeatMap

LEFT_BUTTON = 1


class SeatMapView(SeatMapCanvas, can_focus=True):
    """A live seat map; seats are indexes of the shown ``SeatMap``.

    It knows no office: the screen shows it a map, feeds it changes and binds keys to its
    actions.
    """

    _anchor: int | None = None
    _dragging = False

    def show(self, seat_map: SeatMap, states: bytes, *, at: int | None = None) -> None:
        """Show a hall, its cursor at a seat or before the stage, as near as its width allows."""
        self._anchor = None
        super().show(seat_map, states, at=at)

    @property
    def run(self) -> tuple[int, ...]:
        """The seats chosen together, from left to right."""
        if not self._raster:
            return ()
        return tuple(
            sorted(self._raster.overlay(IN_RUN), key=self._raster.grid.columns.__getitem__)
        )

    def move(self, direction: Direction) -> None:
        """Move the cursor; a run of seats is given up."""
        if self._raster:
            page = max(self.size.height - 1, 1) * (self._easel.zoom.rows if self._easel else 1)
            self.go_to(move(self._raster.grid, self._cursor, direction, page))

    def extend(self, direction: Direction) -> None:
        """Move the cursor within its row and choose the seats on its way together."""
        if not self._raster:
            return
        grid = self._raster.grid
        target = move(grid, self._cursor, direction)
        if grid.seat_rows[target] == grid.seat_rows[self._cursor]:
            self._extend_to(target)

    def go_to(self, seat: int) -> None:
        """Move the cursor to a seat; a run of seats is given up."""
        self.clear_run()
        self._place_cursor(seat)

    def clear_run(self) -> None:
        """Choose no seats together any more."""
        self._anchor = None
        self._set_run(())

    def _extend_to(self, seat: int) -> None:
        assert self._raster
        if self._anchor is None:
            self._anchor = self._cursor
        self._set_run(run(self._raster.grid, self._anchor, seat))
        self._place_cursor(seat)

    def _set_run(self, seats: Sequence[int]) -> None:
        if self._raster and self._raster.overlay(IN_RUN) != frozenset(seats):
            self._touch(self._raster.set_run(seats))
            self.post_message(RunChanged(tuple(seats)))

    # --- mouse ---

    def seat_under(self, event: events.MouseEvent) -> int | None:
        """Return the seat that the pointer is on."""
        if not self._easel or not self._raster:
            return None
        window = self._window()
        x = event.x - window.margin - self._easel.gutter
        if x < 0:
            return None
        at = x + window.x, event.y + self.scroll_offset.y
        return self._easel.zoom.seat_at(self._raster.grid, *at)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor on a seat; a run may begin here."""
        seat = self.seat_under(event)
        if seat is not None and event.button == LEFT_BUTTON:
            self.go_to(seat)
            self._dragging = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Choose the seats of the row up to the pointer."""
        if not self._dragging or not self._raster:
            return
        seat, rows = self.seat_under(event), self._raster.grid.seat_rows
        if seat is not None and seat != self._cursor and rows[seat] == rows[self._cursor]:
            self._extend_to(seat)

    def on_mouse_up(self) -> None:
        """End the run; a click on one seat chooses it."""
        if self._dragging:
            self._dragging = False
            self.release_mouse()
            if not self.run:
                self.post_message(SeatChosen(self._cursor))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in while ctrl is held."""
        if event.ctrl:
            event.prevent_default().stop()
            self.zoom_in()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out while ctrl is held."""
        if event.ctrl:
            event.prevent_default().stop()
            self.zoom_out()

    # --- actions, for the screen's key bindings ---

    def action_move(self, direction: Direction) -> None:
        """Move the cursor."""
        self.move(direction)

    def action_extend(self, direction: Direction) -> None:
        """Extend the run."""
        self.extend(direction)

    def action_zoom(self, way: str) -> None:
        """Zoom ``in``, ``out`` or ``fit``."""
        {"in": self.zoom_in, "out": self.zoom_out, "fit": self.zoom_fit}[way]()

    def action_choose(self) -> None:
        """Choose the seat that the cursor is on."""
        if self._raster:
            self.post_message(SeatChosen(self._cursor))

    def action_next_colours(self) -> None:
        """Colour by the next of price, status and availability."""
        at = COLOUR_MODES.index(self._appearance.mode) + 1
        self.set_colours(COLOUR_MODES[at % len(COLOUR_MODES)])
