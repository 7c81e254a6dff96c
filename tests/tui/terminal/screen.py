"""A pseudo-terminal and a process on it, with all that it drew."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TINY = Path(__file__).with_name("tiny.py")
WAIT_SECONDS = 30
ROWS, COLUMNS = 120, 400  # one frame is more than a terminal that nobody reads can take


class Screen:
    """The terminal's side; nothing that is drawn is read while it is `stalled`."""

    def __init__(
        self, *command: str, environment: dict[str, str] | None = None, stalled: bool = False
    ) -> None:
        self.master, self.slave = map(os.fdopen, pty.openpty(), ("rb+", "rb+"), (0, 0))
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.modes = termios.tcgetattr(self.slave)
        self.drawn = b""
        self._stop, self._stopper = os.pipe()
        self._reader = threading.Thread(target=self._read)
        if not stalled:
            self._reader.start()
        self._report, told = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, *(word.format(report=told) for word in command)],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env=environment,
            pass_fds=[told],
            start_new_session=True,
        )
        os.close(told)

    def _read(self) -> None:
        while self._stop not in select.select([self.master, self._stop], [], [])[0]:
            self.drawn += os.read(self.master.fileno(), 65536)
        while select.select([self.master], [], [], 0)[0]:
            self.drawn += os.read(self.master.fileno(), 65536)

    def _stop_reading(self) -> None:
        os.write(self._stopper, b".")
        if self._reader.ident:
            self._reader.join()

    def press(self, key: str) -> None:
        self.master.write(key.encode())

    def told(self) -> bytes:
        """Return the next thing that the process reports, or nothing once it has gone."""
        return os.read(self._report, 100)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window does."""
        self._stop_reading()
        self.slave.close()
        self.master.close()

    def left(self) -> tuple[int, bytes]:
        """Wait for the end, and return the exit code and the last report."""
        code = self.process.wait(WAIT_SECONDS)
        return code, self.told()

    def restored(self) -> bool:
        """Tell whether modes and screen are as they were."""
        self._stop_reading()
        normal, alternate = (self.drawn.rfind(b"\x1b[?1049" + end) for end in (b"l", b"h"))
        return termios.tcgetattr(self.slave) == self.modes and normal > alternate > -1

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.hang_up()
        for fd in (self._report, self._stop, self._stopper):
            os.close(fd)


@contextmanager
def on_screen(*ways: str, stalled: bool = False) -> Iterator[Screen]:
    """Start the small app, wait until it runs, and leave nothing behind."""
    with closing(Screen(str(TINY), "{report}", *ways, stalled=stalled)) as screen:
        if "signalled-early" not in ways:
            assert screen.told() == b"ready\n", screen.drawn
        yield screen
