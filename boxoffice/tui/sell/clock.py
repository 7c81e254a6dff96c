"""The server's clock as seen from here: it alone decides when a hold ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class ServerClock:
    """Follows the server's time by our own monotonic clock; until it is set, the host's time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead = time.time() - monotonic()

    def set(self, server_seconds: float, own_seconds: float) -> None:
        """Take the server's time (seconds since the epoch) at a moment of our own clock."""
        self._ahead = server_seconds - own_seconds

    def seconds_until(self, moment: datetime) -> float:
        """Return how long it is to a moment by the server's clock; below zero: it has passed."""
        return moment.timestamp() - self._ahead - self._monotonic()
