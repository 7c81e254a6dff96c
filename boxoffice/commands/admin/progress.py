"""How far a long change has come: on stderr, for whoever waits at a terminal."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

QUIET_SECONDS = 1.0


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """Lend what is told how many of how many are done; short changes say nothing."""
    begun, written = time.monotonic(), False

    def tell(done: int, total: int) -> None:
        nonlocal written
        if sys.stderr.isatty() and time.monotonic() - begun >= QUIET_SECONDS:
            written = True
            told = tr("{done} of {total}", done=done, total=max(done, total))
            sys.stderr.write(f"\r{told}")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if written:
            sys.stderr.write("\n")
