"""Finding out what became of a change whose answer was lost, without ever doing it twice."""

from __future__ import annotations

from random import uniform
from typing import TYPE_CHECKING, TypeVar

from boxoffice.core.errors import OperationNotSeen, Unavailable, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boxoffice.core.model import Operation

T = TypeVar("T")

BACK_OFF_SECONDS_MIN, BACK_OFF_SECONDS_MAX = 0.5, 8.0
JITTER = 0.2


class Abandoned(Exception):
    """The counter is being left before the outcome is known."""


def waits() -> Iterator[float]:
    """Yield how long to wait before each question, in seconds: doubling, spread by a fifth."""
    seconds = BACK_OFF_SECONDS_MIN
    while True:
        yield seconds * uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
        seconds = min(2 * seconds, BACK_OFF_SECONDS_MAX)


def settle(
    key: str,
    call: Callable[[str], T],
    status: Callable[[str], Operation],
    pause: Callable[[float], bool],
) -> T:
    """Return the answer of a change in doubt, or raise the error that it ended in.

    The stored answer of the key is asked for; where the database knows none, the same call
    with the same key is conclusive: it waits for a first one still under way and gives its
    answer. ``pause`` waits so many seconds and tells whether to go on; raises Abandoned.
    """
    for seconds in waits():
        if not pause(seconds):
            raise Abandoned
        try:
            return _ask(key, call, status)
        except (Unavailable, Unknown):
            continue
    raise AssertionError("waits never end")


def _ask(key: str, call: Callable[[str], T], status: Callable[[str], Operation]) -> T:
    try:
        answer: T = status(key).result
    except OperationNotSeen:
        return call(key)
    return answer
