"""Servers of the tests: started as an unprivileged user, in folders of their own, always ended."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from boxoffice.core.embedded.users import server_user
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"
PORTS = (20_000, 32_000)
PLACES = f"{os.defpath}:/usr/sbin:/sbin:/usr/local/sbin"
LOG_TAIL_CHARACTERS = 2_000
GONE_SECONDS = 10


def require_program(name: str, package: str) -> str:
    """Return the path of a program, or leave the test out with one line."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:{PLACES}")
    if not found:
        pytest.skip(f"no {name} here (Debian: apt install {package})")
    return found


def free_port() -> int:
    """Return a port that nobody has now, below those that the kernel gives to clients."""
    while True:
        port = random.randint(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def answers(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


class Daemons:
    """The servers of one test and the folder of their files; all end with it."""

    def __init__(self) -> None:
        # Not below pytest's folders: those are closed to the servers' user, and their paths are
        # too long for a socket.
        self.folder = Path(tempfile.mkdtemp(prefix="bo-"))
        self.user = server_user(self.folder / "none")
        self._give(self.folder)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def make_folder(self, name: str) -> Path:
        """Make a folder that the servers' user may write."""
        made = self.folder / name
        made.mkdir(mode=0o700)
        self._give(made)
        return made

    def write(self, name: str, text: str) -> Path:
        """Write a file that the servers' user may read."""
        path = self.folder / name
        path.write_text(text)
        self._give(path)
        return path

    def start(
        self, name: str, argv: list[str | Path], ready: Callable[[], object], **environment: str
    ) -> None:
        """Start a server and wait until it is ready; its words go to NAME.log."""
        with self._log(name).open("ab") as words:
            process = subprocess.Popen(
                argv,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                env={"PATH": PLACES, "LC_ALL": "C", "TZ": "UTC", **environment},
                start_new_session=True,
                **self.user.process_options,
            )
        self._running[name] = process
        wait_until(lambda: process.poll() is not None or ready(), f"{name} is ready")
        assert process.poll() is None, f"{name} ended:\n{self.words(name)}"

    def run(self, *argv: str | Path) -> str:
        """Run a program to its end as the servers' user and return what it said."""
        done = subprocess.run(
            argv,
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={"PATH": PLACES, "LC_ALL": "C"},
            check=False,
            **self.user.process_options,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def kill(self, name: str) -> None:
        """Kill a server and whatever it started in its session."""
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(GONE_SECONDS)

    def words(self, name: str) -> str:
        """Return the last words of a server's log."""
        return self._log(name).read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]

    def close(self) -> None:
        """End every server and delete all files."""
        for name in reversed(list(self._running)):
            self.kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _give(self, path: Path) -> None:
        if self.user.switch:
            os.chown(path, self.user.uid, self.user.gid)
