"""Calling the embedded servers from processes of their own, and looking at what runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from boxoffice.core import config, embedded

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = os.geteuid() == 0
CODE = Path(__file__).parents[3]
DEADLINE_SECONDS = 20
ATTACH = (
    "from boxoffice.core import config, embedded, errors\n"
    "try:\n    print(embedded.attach(config.load()))\n"
    "except errors.StoreUnavailable as error:\n"
    "    print(f'{error.code}: {error.message} ({error.advice})')\n"
)
CHANGE_OVER = (
    "import os, subprocess, encodings.ascii, encodings.unicode_escape\n"
    "from boxoffice.core import config\n"
    "from boxoffice.core.embedded import inspection, supervisor\n"
    "os.setgroups([]); os.setgid({1}); os.setuid({0})\n"
)


def settings_of(home: Path, **more: str) -> config.Settings:
    return config.load({"BOXOFFICE_HOME": str(home)}, **more)


def attach_command(
    home: Path, *, code: str = ATTACH, user: tuple[int, int] | None = None, **options: object
) -> subprocess.Popen[str]:
    """Start a Python that attaches to the store below ``home``; a caller of its own.

    As another user (id and group) it changes over once it has loaded everything, because
    that user need not be able to reach this Python.
    """
    environment = {**os.environ, "BOXOFFICE_HOME": str(home), "PYTHONPATH": str(CODE)}
    environment.update(options.pop("env", {}))
    return subprocess.Popen(
        [sys.executable, "-c", (CHANGE_OVER.format(*user) if user else "") + code],
        env=environment,
        cwd="/",
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **options,
    )


def said(command: subprocess.Popen[str]) -> str:
    words, _ = command.communicate(timeout=DEADLINE_SECONDS)
    return words


def query(servers: embedded.Servers, text: str, *values: object) -> list[tuple]:
    with connect(servers) as connection:
        found = connection.execute(text, values)
        return found.fetchall() if found.description else []


def connect(servers: embedded.Servers) -> psycopg.Connection:
    address = servers.database_url.replace("postgresql+psycopg", "postgresql")
    return psycopg.connect(address, autocommit=True, connect_timeout=5)


def processes_of(home: Path) -> list[int]:
    """Every process whose title has the store's tag."""
    tag = (home / "store" / "made-by-boxoffice").read_bytes().strip()
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if tag in entry.read_bytes():
                found.append(int(entry.parent.name))
    return found


def main_processes(home: Path) -> list[str]:
    """The command lines of the processes that no other process of the store started."""
    pids = processes_of(home)
    mains = [pid for pid in pids if _parent(pid) not in (*pids, None)]
    return [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in mains]


def kill(*pids: int) -> None:
    """Kill processes and wait until they are gone, which takes the kernel a moment."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.01)


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
