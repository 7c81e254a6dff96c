"""Watching a performance: every change of its seats, whoever makes it.

Redis hints at what to read again and Postgres is read; every two seconds a cheap question
shows whether anything was missed, and then everything is read anew. Without Redis that
question alone carries the map; without Postgres there is nothing to show but the last state.
"""

from __future__ import annotations

import random
import time
from collections import deque
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Any

from boxoffice.core import seat_maps
from boxoffice.core.errors import BoxOfficeError, Unavailable
from boxoffice.core.events import HINT_CHANNEL
from boxoffice.core.model import FREE, LinkChanged, SeatsChanged, SeatsRead

if TYPE_CHECKING:
    from boxoffice.core.stores import Stores

LIVE, POLLING, OFFLINE = "live", "polling", "offline"
LOOK_SECONDS = 2.0
# Whoever waits looks up so often whether the watch was closed.
LOOK_UP_SECONDS = 0.25
# Hints that come within this time are read together.
GATHER_SECONDS = 0.05
HINTED_SEATS_MAX = 500  # of more, reading everything is cheaper
LISTEN_AGAIN_SECONDS = 1.0
SILENCE_SECONDS = 3 * LOOK_SECONDS
BACK_OFF_SECONDS, BACK_OFF_SECONDS_MAX = 0.5, 8.0

Told = SeatsRead | SeatsChanged | LinkChanged


class Watch:
    """The eyes of one reader on one performance; used by one thread, closed by any."""

    def __init__(self, stores: Stores, performance: int) -> None:
        self._stores = stores
        self._performance = performance
        self._told: deque[Told] = deque()
        self._closed = Event()
        self._doubted = Event()
        self._link = ""
        self._states = bytearray()
        self._versions: Any = []
        self._totals = (-1, -1)
        self._ear = _Ear(stores, performance)
        self._look_at = 0.0
        self._back_off_seconds = BACK_OFF_SECONDS

    def close(self) -> None:
        """End the watch; whoever waits in `next` is let go."""
        self._closed.set()

    def doubt(self) -> None:
        """Have everything read anew and told soon; for any thread.

        Whoever read the seats beside the watch could show them older than what it has told.
        """
        self._doubted.set()

    def next(self, timeout_seconds: float) -> Told | None:
        """Return the next thing to tell, or None when nothing happened in that time.

        The first is a LinkChanged, then a SeatsRead. Raises PerformanceNotFound.
        """
        deadline = time.monotonic() + timeout_seconds
        while not self._told and not self._closed.is_set():
            self._ear.listen()
            now = time.monotonic()
            if now >= self._look_at or self._doubted.is_set():
                self._guarded(self._look)
            elif now >= deadline:
                return None
            else:
                self._wait(min(deadline, self._look_at) - now)
        if self._closed.is_set():
            self._ear.close()
            return None
        return self._told.popleft()

    def _wait(self, seconds: float) -> None:
        """Wait for hints, and read what they name."""
        if not self._ear.hears:
            self._closed.wait(min(seconds, LISTEN_AGAIN_SECONDS))
            return
        labels = self._ear.hear(min(seconds, LOOK_UP_SECONDS), GATHER_SECONDS)
        if self._link == OFFLINE:
            return  # what was hinted at is read with all else when the database is back
        if not self._ear.hears:
            self._look_at = 0.0  # to be polling, and to know it
        elif labels is not None:
            self._guarded(lambda: self._read_hinted(labels))

    def _guarded(self, look: Any) -> None:  # noqa: ANN401 - a function without arguments
        """Look at the database; while that fails, look again less and less often."""
        try:
            look()
        except Unavailable:
            self._tell_link(OFFLINE)
            self._totals = (-1, -1)  # all is read anew when it is back
            pause = self._back_off_seconds * random.uniform(0.5, 1)  # noqa: S311 - no secret
            self._look_at = time.monotonic() + pause
            self._back_off_seconds = min(2 * self._back_off_seconds, BACK_OFF_SECONDS_MAX)
            return
        self._back_off_seconds = BACK_OFF_SECONDS
        self._tell_link(LIVE if self._ear.hears else POLLING)

    def _look(self) -> None:
        """Ask whether all that changed was seen; read everything where it was not."""
        self._ear.ping()
        if self._link == OFFLINE:
            self._stores.revive()
        if self._doubted.is_set():
            self._doubted.clear()
            self._totals = (-1, -1)
        with self._stores.database() as connection:
            if seat_maps.read_totals(connection, self._performance) != self._totals:
                self._read_everything(connection)
        self._look_at = time.monotonic() + LOOK_SECONDS

    def _read_everything(self, connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy is not imported here
        read = seat_maps.read_states(connection, self._performance)
        self._states, self._versions = bytearray(read.states), read.versions
        self._totals = (sum(read.versions), read.states.count(FREE))
        self._told.append(SeatsRead(states=read.states))

    def _read_hinted(self, labels: frozenset[str]) -> None:
        with self._stores.database() as connection:
            if not self._states or not labels or len(labels) > HINTED_SEATS_MAX:
                self._read_everything(connection)
                return
            rows = seat_maps.read_changes(connection, self._performance, sorted(labels))
        changes = tuple((index, state) for index, state, _ in rows if self._states[index] != state)
        versions, free = self._totals
        for index, state, version in rows:
            versions += version - self._versions[index]
            free += (state == FREE) - (self._states[index] == FREE)
            self._states[index], self._versions[index] = state, version
        self._totals = (versions, free)
        if changes:
            self._told.append(SeatsChanged(changes=changes))

    def _tell_link(self, link: str) -> None:
        if link != self._link:
            self._link = link
            self._told.appendleft(LinkChanged(state=link))


class _Ear:
    """Listens to hints about one performance, while Redis is there."""

    def __init__(self, stores: Stores, performance: int) -> None:
        self._stores = stores
        self._performance = str(performance)
        self._subscription: Any = None
        self._listen_at = 0.0
        self._heard_at = 0.0
        self._subscribed = 0

    @property
    def hears(self) -> bool:
        """Whether hints reach us, as far as we know."""
        return self._subscription is not None

    def listen(self) -> None:
        """Subscribe, if we have not and Redis may be back."""
        now = time.monotonic()
        if self.hears or now < self._listen_at:
            return
        self._listen_at = now + LISTEN_AGAIN_SECONDS
        try:
            self._subscription = self._stores.subscribe(HINT_CHANNEL)
        except BoxOfficeError:
            with suppress(BoxOfficeError):
                self._stores.revive()
            return
        self._heard_at = now
        self._subscribed = 0

    def hear(self, seconds: float, gather_seconds: float) -> frozenset[str] | None:
        """Wait so long for hints; return the seats they name, none: all, None: no hint came."""
        labels: set[str] = set()
        everything = False
        end = time.monotonic() + seconds
        hinted = False
        while self.hears and (left := end - time.monotonic()) > 0:
            message = self._message(left)
            if message is None:
                continue
            if not hinted:
                hinted, end = True, min(end, time.monotonic() + gather_seconds)
            labels.update(message)
            everything = everything or not message
        if not hinted:
            return None
        return frozenset() if everything else frozenset(labels)

    def _message(self, seconds: float) -> list[str] | None:
        """Wait for one message; return the seats it names, or None for what is no hint of ours."""
        try:
            message = self._subscription.get_message(timeout=seconds)
        except Exception:  # noqa: BLE001 - whatever broke, hints come no more
            self.close()
            return None
        if message is None:
            return None
        self._heard_at = time.monotonic()
        if message["type"] == "subscribe":
            # The first is the answer to listening; another one follows a gap in which any
            # number of hints may have been lost.
            self._subscribed += 1
            return None if self._subscribed == 1 else []
        if message["type"] != "message":
            return None
        performance, *labels = message["data"].decode(errors="replace").split("\n")
        if any(not label.isprintable() or "\ufffd" in label for label in labels):
            labels = []  # no seat is called so: whatever it means, all is read
        return labels if performance == self._performance else None

    def ping(self) -> None:
        """Let Redis say that it is there; take long silence for its absence."""
        if not self.hears:
            return
        if time.monotonic() - self._heard_at > SILENCE_SECONDS:
            self.close()
            return
        try:
            self._subscription.ping()
        except Exception:  # noqa: BLE001
            self.close()

    def close(self) -> None:
        """Stop listening."""
        if self._subscription is not None:
            subscription, self._subscription = self._subscription, None
            subscription.close()
