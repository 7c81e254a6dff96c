"""Whether the servers answer: Postgres for selling, Redis for hearing of changes at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from datetime import datetime

GLYPHS = {"live": "●", "polling": "◐", "offline": "○"}
ASCII_GLYPHS = {"live": "*", "polling": "+", "offline": "!"}
POLL_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of both servers; ``since`` is when Postgres was lost.

    Redis is asked for the queue and listened to for seats, and either can fail alone.
    """

    database: bool = True
    redis: bool = True
    queue: bool = True
    since: datetime | None = None

    @property
    def state(self) -> str:
        """Return live, polling (Redis is gone, selling goes on) or offline."""
        if not self.database:
            return "offline"
        return "live" if self.redis and self.queue else "polling"

    def after(self, error: errors.BoxOfficeError | None, now: datetime) -> Link:
        """Return the link after a call that ended so; a refusal is an answer, too."""
        if isinstance(error, errors.QueueUnavailable):
            return replace(self, queue=False)
        lost = errors.DatabaseUnavailable | errors.StoreUnavailable | errors.OutcomeUnknown
        if isinstance(error, lost):
            return replace(self, database=False, since=self.since or now)
        return replace(self, database=True, since=None)

    def after_queue(self) -> Link:
        """Return the link after the queue has answered."""
        return replace(self, queue=True)

    def told(self, state: str, now: datetime) -> Link:
        """Return the link as a watcher of seats tells it."""
        if state == "offline":
            return replace(self, database=False, since=self.since or now)
        return Link(redis=state == "live")

    def words(self, *, ascii_only: bool) -> str:
        """Say how it stands, with a glyph that tells it without colour."""
        glyph = (ASCII_GLYPHS if ascii_only else GLYPHS)[self.state]
        return f"{glyph} {self._words()}"

    def _words(self) -> str:
        if self.state == "offline":
            assert self.since is not None
            return tr("offline since {time}", time=f"{self.since:%H:%M}")
        if self.state == "polling":
            return tr("polling {seconds} s", seconds=POLL_SECONDS)
        return tr("live")
