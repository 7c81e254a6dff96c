"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from tests.conftest import Box

T = TypeVar("T")

DEADLINE_SECONDS = 30
LOOK_SECONDS = 0.01
BLOCKED = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def wait_until(condition: Callable[[], T], what: str) -> T:
    """Ask until the answer is yes, and return it."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(LOOK_SECONDS)
    return answer


@contextmanager
def blocked(box: Box, act: Callable[[], T]) -> Iterator[Future[T]]:
    """Start `act` beside the test and go on once it waits for a lock that the test holds."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(act)
        wait_until(lambda: running.done() or box.rows(BLOCKED), "somebody waits for a lock")
        assert not running.done(), running.result()
        yield running
