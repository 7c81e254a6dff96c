"""Time that runs out, by the clock of the server that decides about it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.language import tr

if TYPE_CHECKING:
    from datetime import datetime

    from boxoffice.core.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """So many seconds from now on, and the template of what is said of them (``{left}``)."""

    ends: float  # by this process's monotonic clock
    words: str

    @property
    def seconds(self) -> float:
        """Return how much time is left, at least 0."""
        return max(0.0, self.ends - time.monotonic())

    @property
    def left(self) -> str:
        """Write how much time is left, in minutes and seconds."""
        minutes, seconds = divmod(int(self.seconds + 0.5), 60)
        return f"{minutes}:{seconds:02}"

    @property
    def line(self) -> str:
        """Say how much time is left."""
        return tr(self.words, left=self.left)


def count_down(office: Office, end: datetime, words: str) -> Countdown:
    """Count down to a moment of the server's clock, which alone says how far away it is.

    The host's own clock may be wrong by any amount; it only measures what passes from now on.
    """
    asked = time.monotonic()
    return Countdown(ends=asked + (end - office.clock()).total_seconds(), words=words)


def seconds_from_now(seconds: float, words: str) -> Countdown:
    """Count down so many seconds."""
    return Countdown(ends=time.monotonic() + seconds, words=words)
