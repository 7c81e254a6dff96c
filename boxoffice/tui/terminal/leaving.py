"""Leave within a second: by a signal, a lost terminal, or past a thread that blocks."""

from __future__ import annotations

import os
import select
import signal
import termios
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from textual.app import App

LEAVE_SECONDS = 0.7  # an orderly exit takes 0.1 to 0.4; with LOOK_SECONDS it stays below 1
CRASH_SECONDS = 5.0  # a crash is told with its place, which takes longer to draw than to leave
END_SECONDS = 0.5  # what is left to do after the app's end takes hundredths of this
LOOK_SECONDS = 0.1  # how soon an exit that the app began by itself is seen
SIGNALS = (signal.SIGHUP, signal.SIGTERM)
SIGNAL_EXIT = 128  # a shell's rule: 128 + the signal's number; a lost terminal is a SIGHUP
DONE = 0  # no signal has this number
CRASHED = 1  # how Textual ends an app that met a bug

STDIN_FD = 0  # where Textual reads, and the pipe to a browser's server
STDOUT_FD = 1
STDERR_FD = 2  # where Textual draws
# What Textual's driver writes when it stops: paste, line wrap, resize reports, mouse, focus and
# keyboard modes off, then the normal screen and the cursor.
RESTORE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"
)


class Guard:
    """Watches over an app's end from a thread of its own, which nothing in the app can block."""

    def __init__(self, app: App[Any], leave_seconds: float, last_words: Callable[[], str]) -> None:
        self._app = app
        self._last_words = last_words
        self._leave_seconds = leave_seconds
        self._signalled: int | None = None
        self._ran = False
        self._done = threading.Event()
        self._attributes = terminal_attributes()
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_writer, False)
        self._thread = threading.Thread(target=self._watch, daemon=True, name="terminal-guard")

    @property
    def exit_code(self) -> int:
        """Return 128 + n after signal n (1 for a lost terminal), else the app's own code."""
        return self._signalled or self._app.return_code or 0

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching: the app has ended."""
        self._done.set()
        self.wake(DONE)
        self._thread.join()
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def wake(self, number: int, _frame: FrameType | None = None) -> None:
        """Tell the thread about a signal; one write is all that a handler may safely do."""
        with suppress(BlockingIOError):
            os.write(self._wake_writer, bytes([number]))

    def _watch(self) -> None:
        while not (self._done.is_set() or self._app_is_leaving()):
            if number := self._next_signal():
                self._signalled = SIGNAL_EXIT + number
                with suppress(RuntimeError):  # its loop has just closed: it is leaving
                    self._app.exit(return_code=self._signalled)
        crashed = self._signalled is None and self._app.return_code == CRASHED
        if not self._done.wait(CRASH_SECONDS if crashed else self._leave_seconds):
            self._break_out()

    def _break_out(self) -> None:
        try:
            self._restore_screen()
            _draw(self._last_words().encode())
        finally:
            os._exit(self.exit_code)

    def _app_is_leaving(self) -> bool:
        self._ran = self._ran or self._app.is_running
        return self._app.return_code is not None or (self._ran and not self._app.is_running)

    def _next_signal(self) -> int:
        """Wait a moment for a signal, and take a terminal that is gone for one."""
        poll = select.poll()
        poll.register(self._wake_reader, select.POLLIN)
        poll.register(STDIN_FD, 0)  # asks for nothing, so only its end is told
        for fd, _ in poll.poll(LOOK_SECONDS * 1000):
            return signal.SIGHUP if fd == STDIN_FD else os.read(self._wake_reader, 1)[0]
        return DONE

    def _restore_screen(self) -> None:
        """Do what the driver does when it stops, unless it has done it."""
        now = terminal_attributes()
        if self._attributes is None or now is None or now == self._attributes:
            return
        with suppress(OSError, termios.error):
            termios.tcsetattr(STDIN_FD, termios.TCSANOW, self._attributes)
            _draw(RESTORE)


def _draw(data: bytes) -> None:
    """Write to the screen, unless it takes nothing: waiting for it could be forever."""
    if select.select([], [STDERR_FD], [], 0)[1]:
        os.write(STDERR_FD, data)


def terminal_attributes() -> list[Any] | None:
    """Return the modes of the terminal at stdin, or None where there is none."""
    try:
        return termios.tcgetattr(STDIN_FD)
    except termios.error:
        return None


def terminal_is_gone() -> bool:
    """Tell whether stdin has lost the terminal, or the server, at its other end."""
    poll = select.poll()
    poll.register(STDIN_FD, 0)  # asks for nothing, so only its end is told
    return bool(poll.poll(0))


def end_soon(exit_code: int) -> None:
    """End the process END_SECONDS from now, if it has not ended by itself.

    Where a terminal dies while Textual leaves it, threads of its driver can be left behind, and
    Python waits for threads without end.
    """

    def end() -> None:
        time.sleep(END_SECONDS)
        os._exit(exit_code)

    threading.Thread(target=end, daemon=True, name="terminal-end").start()


def _forget_terminal() -> None:
    """Let what is still buffered go nowhere: failing to write it would change the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for fd in (STDOUT_FD, STDERR_FD):
        os.dup2(nowhere, fd)
    os.close(nowhere)


@contextmanager
def guard(
    app: App[Any],
    *,
    last_words: Callable[[], str] = str,
    leave_seconds: float = LEAVE_SECONDS,
) -> Iterator[Guard]:
    """Bound the end of what runs inside, `app.run()` above all: use it in the main thread.

    SIGHUP, SIGTERM and the loss of the terminal make the app exit in order, with the screen
    restored. Whatever began the exit, if the block is not left `leave_seconds` later, the
    screen is restored here, `last_words` are shown on it (they are asked for in another thread)
    and the process ends at once. Put nothing into the block that must be finished.
    """
    watching = Guard(app, leave_seconds, last_words)
    before = {number: signal.signal(number, watching.wake) for number in SIGNALS}
    watching.start()
    try:
        yield watching
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        watching.stop()
        if terminal_is_gone():
            _forget_terminal()
