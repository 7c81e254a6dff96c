"""A hall on the screen that follows every change of its seats, whoever makes it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from textual import work
from textual.worker import get_current_worker

from boxoffice.core import language
from boxoffice.core.errors import BoxOfficeError, DatabaseUnavailable
from boxoffice.core.language import tr
from boxoffice.core.model import LinkChanged, SeatsChanged, SeatsRead
from boxoffice.tui.map.palette import ASCII, UNICODE
from boxoffice.tui.map.view import SeatMapView
from boxoffice.tui.messages import BugMet
from boxoffice.tui.screen import CounterScreen, counter
from boxoffice.tui.sell.messages import MapRead, SeatsTold, WatchEnded
from boxoffice.tui.words import day_and_time

if TYPE_CHECKING:
    from boxoffice.core.live import Told, Watch
    from boxoffice.core.model import SeatMap
    from boxoffice.core.office import Office

WATCH_AGAIN_SECONDS = 5.0  # after what cannot happen
WATCH_SECONDS = 0.25  # how soon the watching thread sees that the screen is left
# Changes are drawn together, this often; less often where a frame takes long.
FRAME_SECONDS, SLOW_FRAME_SECONDS = 1 / 15, 1 / 5
FRAME_SHARE_MAX = 0.25


class FollowingScreen(CounterScreen):
    """Reads the hall of a performance, then what happens in it.

    A thread watches and leaves what it is told in the inbox; one message wakes the screen,
    which draws everything that came meanwhile as one frame.
    """

    AUTO_FOCUS = "SeatMapView"

    def __init__(self, performance: int) -> None:
        super().__init__()
        self.performance = performance
        self.seat_map: SeatMap | None = None
        self._eyes: Watch | None = None
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

    # Textual calls the handler of every class that has one, so that a handler here must not be
    # overridden: what subclasses add stands in methods that are.

    def on_mount(self) -> None:
        """Begin."""
        self.begin()

    def begin(self) -> None:
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
        """Show what was read."""
        self.show_map(read)

    def show_map(self, read: MapRead) -> None:
        """Show the hall, and begin to watch it."""
        self.seat_map = read.seat_map
        self.view.show(read.seat_map, read.states.states)
        self.show_header()
        self._watch(self.desk.office)

    @work(thread=True, exclusive=True, exit_on_error=False, group="watch")
    def _watch(self, office: Office) -> None:
        worker = get_current_worker()
        watch = self._eyes = office.watch(self.performance)
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
        except Exception as error:  # noqa: BLE001 - told, instead of lost in a thread
            self.post_message(BugMet(tr("seat map"), error))
            self.post_message(WatchEnded(DatabaseUnavailable()))
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
        """Say that the map is not followed now, and begin again soon."""
        counter(self).tell(language.of(ended.error)[0], "error")
        counter(self).tell_link("offline")
        self.set_timer(WATCH_AGAIN_SECONDS, lambda: self._watch(self.desk.office))

    def look_again(self) -> None:
        """Have all seats read anew: something here was not as it looked."""
        if self._eyes is not None:
            self._eyes.doubt()

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
