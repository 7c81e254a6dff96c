"""The seat map under the clerk's hands: moving, zooming, finding, colours."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core.language import tr
from boxoffice.core.model import FREE
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form
from boxoffice.tui.messages import OrderSought
from boxoffice.tui.pick import Entry, Pick
from boxoffice.tui.screen import Command, counter
from boxoffice.tui.sell.finding import find_place, rows_of
from boxoffice.tui.sell.following import FollowingScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.binding import BindingType

    from boxoffice.tui.map.moves import Direction

DIGITS_SECONDS = 3.0
DIGITS_MAX = 3


class MapScreen(FollowingScreen):
    """The map with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "map.zoom_in",
        "map.zoom_out",
        "map.zoom_fit",
        "map.left",
        "map.down",
        "map.up",
        "map.right",
        "map.run_left",
        "map.run_right",
        "map.page_up",
        "map.page_down",
        "map.row_start",
        "map.row_end",
        "map.previous_section",
        "map.next_section",
        "sell.find",
        "map.list",
        "map.colour",
        "map.filter",
    )

    def __init__(self, performance: int) -> None:
        super().__init__(performance)
        self.typed = ""
        self._typed_at = 0.0

    # --- moving ---

    def on_key(self, event: events.Key) -> None:
        """Gather the digits typed before `b`."""
        if event.character is not None and event.character in "123456789":
            self._type(event.character)

    def _type(self, digit: str) -> None:
        now = time.monotonic()
        kept = self.typed if now - self._typed_at < DIGITS_SECONDS else ""
        self.typed, self._typed_at = (kept + digit)[-DIGITS_MAX:], now
        self.set_timer(DIGITS_SECONDS, self._forget_typed)
        self.show_status()

    def _forget_typed(self) -> None:
        if time.monotonic() - self._typed_at >= DIGITS_SECONDS:
            self.typed = ""
            self.show_status()

    def take_typed(self) -> int | None:
        """Return the number typed just before, and forget it."""
        fresh = time.monotonic() - self._typed_at < DIGITS_SECONDS
        number = int(self.typed) if self.typed and fresh else None
        self.typed = ""
        return number

    def show_status(self) -> None:
        """Say what is under the cursor; for subclasses."""

    def action_zoom_in(self) -> None:
        """Look from nearer."""
        self.view.zoom_in()

    def action_zoom_out(self) -> None:
        """Look from farther."""
        self.view.zoom_out()

    def action_zoom_fit(self) -> None:
        """Show the whole hall; after a digit this is a digit."""
        if self.typed:
            self._type("0")
        else:
            self.view.zoom_fit()

    def _move(self, direction: Direction) -> None:
        self.view.move(direction)

    def action_left(self) -> None:
        """Go left."""
        self._move("left")

    def action_right(self) -> None:
        """Go right."""
        self._move("right")

    def action_up(self) -> None:
        """Go up."""
        self._move("up")

    def action_down(self) -> None:
        """Go down."""
        self._move("down")

    def action_page_up(self) -> None:
        """Go a page up."""
        self._move("page_up")

    def action_page_down(self) -> None:
        """Go a page down."""
        self._move("page_down")

    def action_row_start(self) -> None:
        """Go to the start of the row."""
        self._move("row_start")

    def action_row_end(self) -> None:
        """Go to the end of the row."""
        self._move("row_end")

    def action_previous_section(self) -> None:
        """Go to the section before."""
        self._move("previous_section")

    def action_next_section(self) -> None:
        """Go to the next section."""
        self._move("next_section")

    def action_run_left(self) -> None:
        """Choose one more seat to the left."""
        self.view.extend("left")

    def action_run_right(self) -> None:
        """Choose one more seat to the right."""
        self.view.extend("right")

    # --- finding ---

    def action_find(self) -> None:
        """Ask for a place, an order or a name."""
        field = Field(name="place", words=tr("seat, row, section, order or name"))
        form = Form(tr("Find"), [field], accept=tr("Find"))
        self.app.push_screen(form, self._find)

    def _find(self, values: dict[str, str] | None) -> None:
        if values is None or self.seat_map is None:
            return
        typed = values["place"].strip()
        found = find_place(self.seat_map, typed)
        if found:
            self.view.go_to(found[0])
            self.view.highlight(found)
        elif typed:
            self.view.highlight(())
            self.app.post_message(OrderSought(typed))

    def action_list(self) -> None:
        """Go to a seat by plain lists: section, row, seat."""
        seat_map = self.seat_map
        if seat_map is None:
            return
        rows = rows_of(seat_map)
        sections = sorted({seat_map.row_sections[row] for row in rows})
        entries = [Entry(words=seat_map.sections[s], value=s) for s in sections]
        self.app.push_screen(Pick[int](tr("Section"), entries), self._list_rows)

    def _list_rows(self, section: int | None) -> None:
        seat_map = self.seat_map
        if section is None or seat_map is None:
            return
        entries = [
            Entry(
                words=seat_map.rows[row],
                value=row,
                help=tr("free {count}", count=len(self.free_among(seats))),
            )
            for row, seats in rows_of(seat_map).items()
            if seat_map.row_sections[row] == section
        ]
        self.app.push_screen(Pick[int](tr("Row"), entries), self._list_seats)

    def _list_seats(self, row: int | None) -> None:
        seat_map = self.seat_map
        if row is None or seat_map is None:
            return
        entries = [
            Entry(words=seat_map.labels[seat], value=seat, help=self.words_for(seat))
            for seat in rows_of(seat_map)[row]
        ]
        self.app.push_screen(Pick[int](tr("Seat"), entries), self._go_to_picked)

    def _go_to_picked(self, seat: int | None) -> None:
        if seat is not None:
            self.view.go_to(seat)

    def free_among(self, seats: Iterable[int]) -> list[int]:
        """Return those of the seats that nobody has."""
        return [seat for seat in seats if self.view.states[seat] == FREE]

    def words_for(self, seat: int) -> str:
        """Say how a seat stands; subclasses know more."""
        return tr("free") if self.free_among([seat]) else ""

    def commands(self) -> Iterable[Command]:
        """Offer every section and row, and the seats of the section under the cursor."""
        seat_map = self.seat_map
        if seat_map is None or self.view.cursor is None:
            return
        here = seat_map.row_sections[seat_map.seat_rows[self.view.cursor]]
        for row, seats in rows_of(seat_map).items():
            section = seat_map.row_sections[row]
            words = f"{seat_map.sections[section]} {seat_map.rows[row]}"
            yield Command(words=words, run=partial(self.view.go_to, seats[0]), help=tr("row"))
            if section == here:
                for seat in seats:
                    go = partial(self.view.go_to, seat)
                    yield Command(words=seat_map.labels[seat], run=go, help=tr("seat"))

    # --- colours ---

    def action_colour(self) -> None:
        """Colour by the next of price, status and availability."""
        self.view.action_next_colours()
        counter(self).tell(tr("coloured by {what}", what=tr(self.view.appearance.mode)))
        self.seats_changed()

    def action_filter(self) -> None:
        """Ask which category shall stand out."""
        if self.seat_map is None:
            return
        entries = [Entry(words=tr("all categories"), value=-1)]
        entries += [Entry(words=n, value=at) for at, n in enumerate(self.seat_map.categories)]
        self.app.push_screen(Pick[int](tr("Category"), entries), self._filter)

    def _filter(self, category: int | None) -> None:
        if category is not None:
            self.view.set_filter(None if category < 0 else (category,))
            self.seats_changed()
