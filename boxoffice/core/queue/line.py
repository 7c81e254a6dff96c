"""The line as a whole: moving it, showing it, serving somebody out of it, selling beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import StaffAllowanceUsed
from boxoffice.core.model import Line
from boxoffice.core.queue.places import EPOCH
from boxoffice.core.queue.scripts import Recall, run, tag

if TYPE_CHECKING:
    from datetime import datetime

    from redis import Redis

    from boxoffice.core.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A queue as staff see it: figures, and the ids of the first people; before a draw, nobody."""

    line: Line
    wait_seconds: int | None
    waiting: tuple[int, ...]
    admitted: tuple[tuple[int, datetime], ...]


def admit(redis: Redis, concert: int, settings: Settings) -> Line:
    """Remove the ended and the absent, admit who may be admitted, and count the line."""
    state, waiting, admitted, capacity, rate = run(redis, "admit", concert, settings, ())
    return Line(
        concert=concert,
        state=state,
        waiting=waiting,
        admitted=admitted,
        capacity=capacity,
        rate_per_minute=rate,
    )


def show(redis: Redis, concert: int, settings: Settings, people_max: int) -> Shown:
    """Count the line and name, by id, the first `people_max` who wait and who are admitted."""
    reply = run(redis, "show", concert, settings, (), people_max)
    state, waiting, admitted, capacity, rate, wait, waiters, guests = reply
    pairs = zip(guests[::2], guests[1::2], strict=True)
    return Shown(
        line=Line(
            concert=concert,
            state=state,
            waiting=waiting,
            admitted=admitted,
            capacity=capacity,
            rate_per_minute=rate,
        ),
        wait_seconds=wait,
        waiting=tuple(int(user) for user in waiters),
        admitted=tuple(
            (int(user), EPOCH + timedelta(milliseconds=int(end))) for user, end in pairs
        ),
    )


def drawn(redis: Redis, concert: int) -> int | None:
    """Return how many places were drawn by lot, None before that or where it was lost."""
    found: Any = redis.hget(f"{tag(concert)}:line", "drawn")
    return None if found is None else int(found)


def serve(redis: Redis, concert: int, user: int, settings: Settings) -> bool:
    """End the place of a user served at the counter; say whether there was one."""
    try:
        return bool(run(redis, "serve", concert, settings, (), user) == 1)
    except Recall as wanted:
        if wanted.required:  # nobody is in a queue that was not begun, or that was lost
            return False
        raise


def may_sell(redis: Redis, concert: int, settings: Settings, session: str) -> None:
    """Count a session of staff as selling beside the line, for a minute.

    Raises StaffAllowanceUsed when as many others sell as the concert allows.
    """
    try:
        reply = run(redis, "staff", concert, settings, (f"{tag(concert)}:staff",), session)
    except Recall:  # a line that is not there is no reason to stop a sale beside it
        return
    allowed, selling, most = reply
    if not allowed:
        raise StaffAllowanceUsed(
            "{selling} others are selling beside the queue, and {most} may at once",
            selling=selling,
            most=int(most),
        )
