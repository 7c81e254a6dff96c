"""The seat map of a performance, live: what is seen, before anything is sold."""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.worker import get_current_worker

from boxoffice.core import language
from boxoffice.core.errors import BoxOfficeError
from boxoffice.core.language import tr
from boxoffice.core.model import FREE, LinkChanged, SeatsChanged, SeatsRead
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form
from boxoffice.tui.map.palette import ASCII, UNICODE
from boxoffice.tui.map.view import SeatMapView
from boxoffice.tui.messages import OrderSought
from boxoffice.tui.pick import Entry, Pick
from boxoffice.tui.screen import Command, CounterScreen, counter
from boxoffice.tui.sell.finding import find_place, rows_of
from boxoffice.tui.sell.messages import MapRead, SeatsTold, StatesRead, WatchEnded
from boxoffice.tui.words import day_and_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events
    from textual.binding import BindingType

    from boxoffice.core.live import Told
    from boxoffice.core.model import SeatMap
    from boxoffice.core.office import Office
    from boxoffice.tui.map.moves import Direction

WATCH_SECONDS = 0.25  # how soon the watching thread sees that the screen is left
# Changes are drawn together, this often; less often where a frame takes long.
FRAME_SECONDS, SLOW_FRAME_SECONDS = 1 / 15, 1 / 5
FRAME_SHARE_MAX = 0.25
DIGITS_SECONDS = 3.0
DIGITS_MAX = 3


class MapScreen(CounterScreen):
    """A hall that follows every change of its seats, whoever makes it."""

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
        "map.legend",
    )
    AUTO_FOCUS = "SeatMapView"

    def __init__(self, performance: int) -> None:
        super().__init__()
        self.performance = performance
        self.seat_map: SeatMap | None = None
        self.typed = ""
        self._typed_at = 0.0
        self._inbox: deque[Told] = deque()
        self._woken = False
        self._drained_at = 0.0
        self._frame_seconds = FRAME_SECONDS

    @property
    def view(self) -> SeatMapView:
        """Return the map."""
        return self.query_one(SeatMapView)

    def make_view(self) -> SeatMapView:
        """Make the map as this terminal can show it."""
        return SeatMapView(glyphs=ASCII if counter(self).ascii_only else UNICODE)

    def on_mount(self) -> None:
        """Read the hall."""
        office, performance = self.desk.office, self.performance
        self.desk.read(
            self,
            tr("seat map"),
            lambda: (office.seat_map(performance), office.seat_states(performance)),
            lambda read: MapRead(*read),
            group="map",
        )

    def on_map_read(self, read: MapRead) -> None:
        """Show the hall, and begin to watch it."""
        self.seat_map = read.seat_map
        self.view.show(read.seat_map, read.states.states)
        self.show_header()
        self._watch(self.desk.office)

    # --- following ---

    @work(thread=True, exclusive=True, exit_on_error=False, group="watch")
    def _watch(self, office: Office) -> None:
        worker = get_current_worker()
        watch = office.watch(self.performance)
        try:
            while not worker.is_cancelled:
                told = watch.next(WATCH_SECONDS)
                if told is not None:
                    self._inbox.append(told)
                    if not self._woken:
                        self._woken = True
                        self.post_message(SeatsTold())
        except BoxOfficeError as error:
            self.post_message(WatchEnded(error))
        finally:
            watch.close()

    def on_seats_told(self) -> None:
        """Draw what changed, at once or with the next frame."""
        wait = self._drained_at + self._frame_seconds - time.monotonic()
        if wait > 0:
            self.set_timer(wait, self._drain)
        else:
            self._drain()

    def _drain(self) -> None:
        self._woken = False
        self._drained_at = time.monotonic()
        changes: list[tuple[int, int]] = []
        while self._inbox:
            told = self._inbox.popleft()
            if isinstance(told, SeatsChanged):
                changes += told.changes
            elif isinstance(told, SeatsRead):
                changes.clear()
                self.view.apply_all(told.states)
            elif isinstance(told, LinkChanged):
                counter(self).tell_link(told.state)
        if changes:
            self.view.apply(changes)
        self.show_header()
        self.seats_changed()
        self.call_after_refresh(self._pace, self._drained_at)

    def _pace(self, began: float) -> None:
        """Draw less often where a frame takes more than its share of the time."""
        slow = time.monotonic() - began > FRAME_SECONDS * FRAME_SHARE_MAX
        self._frame_seconds = SLOW_FRAME_SECONDS if slow else FRAME_SECONDS

    def seats_changed(self) -> None:
        """Follow up on a change of seats; for subclasses."""

    def on_watch_ended(self, ended: WatchEnded) -> None:
        """Say that the map is not followed any more."""
        counter(self).tell(language.of(ended.error)[0], "error")

    def read_states(self) -> None:
        """Read at once how the seats stand: something here was not as it looked."""
        office, performance = self.desk.office, self.performance
        self.desk.read(
            self,
            tr("seat map"),
            lambda: office.seat_states(performance),
            StatesRead,
            group="states",
        )

    def on_states_read(self, read: StatesRead) -> None:
        """Show how the seats stand."""
        self.view.apply_all(read.states.states)
        self.show_header()

    def show_header(self) -> None:
        """Fill the header: concert, date, free seats and, of those before, how many are held."""
        if self.seat_map is None:
            return
        counts = self.view.counts
        held = f" (-{counts.held})" if counts.held else ""
        self.show_facts(
            title=self.seat_map.concert_name,
            date=day_and_time(self.seat_map.date),
            free=tr("free {count}", count=counts.free) + held,
        )

    # --- moving ---

    def on_key(self, event: events.Key) -> None:
        """Gather the digits typed before `b`."""
        if event.character is not None and event.character in "123456789":
            self._type(event.character)

    def _type(self, digit: str) -> None:
        now = time.monotonic()
        kept = self.typed if now - self._typed_at < DIGITS_SECONDS else ""
        self.typed, self._typed_at = (kept + digit)[-DIGITS_MAX:], now
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
        return [seat for seat in seats if self.view.state_of(seat) == FREE]

    def words_for(self, seat: int) -> str:
        """Say how a seat stands; for subclasses."""
        raise NotImplementedError

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
        entries = [Entry[int](words=tr("all categories"), value=-1)]
        entries += [Entry(words=n, value=at) for at, n in enumerate(self.seat_map.categories)]
        self.app.push_screen(Pick[int](tr("Category"), entries), self._filter)

    def _filter(self, category: int | None) -> None:
        if category is not None:
            self.view.set_filter(None if category < 0 else (category,))
            self.seats_changed()
