"""The counter in a real terminal: tmux shows it, presses keys and can be taken away."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.tui.dialogs import ENTER_REPEAT_SECONDS
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

TMUX = shutil.which("tmux")
CONFIG = """
set -g status off
set -g escape-time 0
set -g default-terminal screen-256color
"""
COMMAND_SECONDS = 20
# What a terminal is left to: a shell, which tells how the program ended.
SHELL = ("sh", "-c", '"$0" "$@"; echo "left with $?"; exec sleep 3600')
LEFT = re.compile(r"^left with (\d+)$", re.MULTILINE)
SEAT = re.compile(r"^ ([A-Z]+-\d+)  ", re.MULTILINE)


class Terminal:
    """One terminal window with one program in it, on a tmux server of its own."""

    def __init__(self, folder: Path, *command: str, environment: dict[str, str], size) -> None:
        self._folder = folder
        (folder / "tmux.conf").write_text(CONFIG)
        self._environment = environment
        width, height = map(str, size)
        self._tmux("new-session", "-d", "-x", width, "-y", height, *SHELL, *command)
        self.server = int(self._ask("#{pid}"))
        self.process = wait_until(self._program, "the program runs")

    def _program(self) -> int | None:
        shell = self._ask("#{pane_pid}")
        found = subprocess.run(["pgrep", "-P", shell], capture_output=True, check=False).stdout
        return int(found) if found else None

    def _tmux(self, *words: str) -> str:
        """Run tmux itself, never what the user has configured."""
        command = [TMUX, "-u", "-S", self._folder / "s", "-f", self._folder / "tmux.conf", *words]
        ran = subprocess.run(
            command,
            capture_output=True,
            check=True,
            text=True,
            env=self._environment,
            timeout=COMMAND_SECONDS,
        )
        return ran.stdout

    def _ask(self, form: str) -> str:
        return self._tmux("display-message", "-p", form).strip()

    # --- the person in front of it ---

    @property
    def text(self) -> str:
        """Return what stands on the screen."""
        return self._tmux("capture-pane", "-p")

    @property
    def seat(self) -> str:
        """Return the label of the seat under the cursor."""
        found = SEAT.search(self.text)
        return found[1] if found else ""

    def press(self, *keys: str, times: int = 1) -> None:
        """Press keys by tmux's names for them."""
        self._tmux("send-keys", "-N", str(times), *keys)

    def type(self, text: str) -> None:
        """Type characters."""
        self._tmux("send-keys", "-l", text)

    def send_bytes(self, data: bytes) -> None:
        """Send bytes as they are, which may be no text at all."""
        self._tmux("send-keys", "-H", *(f"{byte:02x}" for byte in data))

    def enter(self, times: int = 1) -> None:
        """Press Enter as a person does, who has let go of it before; several: hold it down."""
        time.sleep(ENTER_REPEAT_SECONDS)
        self.press("Enter", times=times)

    def sees(self, *words: str) -> str:
        """Wait until all of these stand on the screen, and return it."""
        shown = [""]

        def all_there() -> bool:
            shown[0] = self.text
            return all(word in shown[0] for word in words)

        try:
            wait_until(all_there, f"{words} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{shown[0]}") from None
        return shown[0]

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    # --- its end ---

    @property
    def exit_code(self) -> int | None:
        """Return the program's exit code, or None while it runs."""
        left = LEFT.search(self.text)
        return int(left[1]) if left else None

    @property
    def is_restored(self) -> bool:
        """Tell whether the ordinary screen is back, with its cursor."""
        return self._ask("#{alternate_on} #{cursor_flag}") == "0 1"

    def lose(self, how: int | None = None) -> None:
        """Take the terminal away: tmux hangs up, or dies by a signal."""
        if how is None:
            self._tmux("kill-server")
        else:
            os.kill(self.server, how)

    def close(self) -> None:
        for process in (self.process, self.server):
            if is_running(process):
                os.kill(process, signal.SIGKILL)


def is_running(process: int) -> bool:
    """Tell whether a process runs: one that only waits to be reaped does not."""
    asked = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()[:1] not in ("", "Z")


@contextmanager
def counter(
    world, *options: str, size: tuple[int, int] = (80, 24), **environment: str
) -> Iterator[Terminal]:
    """Run the counter at the map of a world's performance, and leave nothing of it behind."""
    options = ("--performance", str(world.performance), *options)
    with window(world.box.environment | environment, *options, size=size) as terminal:
        yield terminal


@contextmanager
def window(
    environment: dict[str, str], *options: str, size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """Run `boxoffice counter` in a window."""
    folder = Path(tempfile.mkdtemp(prefix="tmux-"))  # short: it holds a socket
    command = (sys.executable, "-m", "boxoffice", "counter", *options)
    terminal = Terminal(folder, *command, environment=environment, size=size)
    try:
        yield terminal
    finally:
        terminal.close()
        shutil.rmtree(folder)
