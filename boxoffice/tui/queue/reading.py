"""Reading the queue of one concert out of those that are on sale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.language import tr
from boxoffice.tui.words import minutes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from boxoffice.core.model import Concert, QueueView, Waiter
    from boxoffice.core.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRead:
    """The concerts on sale, which of them is shown, and its queue; no concert, no queue."""

    concerts: tuple[Concert, ...]
    at: int
    view: QueueView | None

    @property
    def concert(self) -> Concert:
        """Return the concert that is shown."""
        return self.concerts[self.at]


def read_queue(office: Office, wanted: int | None) -> QueueRead:
    """Read the queue of a concert by id, or of the first one; raises QueueUnavailable."""
    concerts = tuple(office.list_concerts())
    if not concerts:
        return QueueRead(concerts=(), at=0, view=None)
    ids = [concert.id for concert in concerts]
    at = ids.index(wanted) if wanted in ids else 0
    return QueueRead(concerts=concerts, at=at, view=office.show_queue(ids[at]))


def figures(view: QueueView) -> dict[str, str]:
    """Return what is counted in a queue, by its words."""
    line = view.line
    unknown = tr("unknown")
    return {
        tr("queue"): tr(line.state),
        tr("waiting"): str(line.waiting),
        tr("admitted"): tr("{count} of {most}", count=line.admitted, most=line.capacity),
        tr("let in"): tr("{count} a minute", count=line.rate_per_minute),
        tr("wait"): unknown if view.wait_seconds is None else minutes(view.wait_seconds),
        tr("held seats"): str(view.held_seats),
    }


def waiting_lines(waiting: Sequence[Waiter]) -> dict[str, Sequence[str]]:
    """Return the lines of those who wait."""
    return {str(one.user): (str(one.position), one.name) for one in waiting}


def admitted_lines(admitted: Sequence[Waiter], zone: ZoneInfo) -> dict[str, Sequence[str]]:
    """Return the lines of those who are in, with the time until which they are."""
    return {
        str(one.user): (f"{one.until.astimezone(zone):%H:%M:%S}" if one.until else "", one.name)
        for one in admitted
    }
