"""The terminal while a line is typed: each key arrives at once, and is not shown by the kernel.

The former mode comes back at the end of every question, also of a process that is told to end.
Only one that is killed outright leaves the mode to its shell, which sets its own.
"""

from __future__ import annotations

import signal
import termios
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCAL = 3  # the flags of the line discipline among what termios tells


@contextmanager
def by_key(descriptor: int) -> Iterator[None]:
    """Let keys arrive one by one for as long as this lasts; Ctrl-C and Ctrl-Z stay what they are.

    Does nothing to a terminal that has gone.
    """
    try:
        former, keyed = termios.tcgetattr(descriptor), termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    keyed[LOCAL] &= ~(termios.ICANON | termios.ECHO)

    def put(mode: list[int | list[bytes | int]]) -> None:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, mode)

    def end(number: int, _frame: object) -> None:
        put(former)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    handlers = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, end),
        signal.SIGCONT: signal.signal(signal.SIGCONT, lambda *_: put(keyed)),  # after Ctrl-Z
    }
    put(keyed)
    try:
        yield
    finally:
        put(former)
        for number, handler in handlers.items():
            signal.signal(number, handler)
