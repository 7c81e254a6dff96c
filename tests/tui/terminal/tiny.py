"""A small guarded app for a process of its own: `tiny.py REPORT_FD WAY...`.

It says "ready" to the report once it runs, and "orderly" if it came to its last line; with
"patient" there is no last resort.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
import threading
import time
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.widgets import Static

from boxoffice.tui.terminal import guard
from boxoffice.tui.terminal.leaving import LEAVE_SECONDS

REPORT = int(sys.argv[1])
WAYS = set(sys.argv[2:])


class Tiny(App):
    BINDINGS: ClassVar = [("q", "quit", "quit")]

    def compose(self) -> ComposeResult:
        """Show cells that differ all in colour, so that a frame is hundreds of kilobytes."""
        if "draws-much" in WAYS:
            yield Static(Text.assemble(*((".", f"color({n % 256})") for n in range(48_000))))

    def on_mount(self) -> None:
        if "worker-blocks" in WAYS:
            self.block_a_worker()
        self.call_after_refresh(self.tell)

    def tell(self) -> None:
        os.write(REPORT, b"ready\n")
        if "loop-blocks" in WAYS:
            time.sleep(3600)

    @work(thread=True)
    def block_a_worker(self) -> None:
        threading.Event().wait()


if "owns-terminal" in WAYS:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if "ignores-hangup" in WAYS:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
app = Tiny()
with guard(
    app, last_words=lambda: "last words", leave_seconds=3600 if "patient" in WAYS else LEAVE_SECONDS
) as watching:
    if "signalled-early" in WAYS:
        os.kill(os.getpid(), signal.SIGTERM)
    app.run()
sys.stderr.write("kept in a buffer until the interpreter ends")
os.write(REPORT, b"orderly\n")
sys.exit(watching.exit_code)
