"""Child processes: running one to its end, leaving a server behind, finding and ending it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.embedded import locks
from boxoffice.core.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.embedded.store import Store
    from boxoffice.core.embedded.users import ServerUser

RUN_SECONDS = 120.0
STOP_SECONDS = 20.0
KILL_SECONDS = 5.0
WORDS_MAX = 300
LOG_TAIL_BYTES = 16 * 1024
# The shell leaves at once and takes the role of parent with it: the server belongs to init,
# so it never becomes a zombie of a long-lived caller.
LEAVE_BEHIND = ("/bin/sh", "-c", '"$@" &', "sh")


def run(
    user: ServerUser,
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    words: str = "",
    keep: Sequence[int] = (),
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end as the servers' user, away from the caller's terminal."""
    return subprocess.run(  # noqa: S603 - our own binaries and arguments, no shell
        argv,
        cwd=cwd,
        input=words,
        pass_fds=keep,
        env=_environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
        umask=0o077,
        timeout=RUN_SECONDS,
        check=False,
        **user.process_options,
    )


def leave_running(
    user: ServerUser, argv: Sequence[str], *, cwd: Path, log: Path, life: int
) -> None:
    """Start a server in its own session that outlives the caller and holds nothing of his.

    Only the log and the lock of its life are inherited.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    words = os.open(log, flags, 0o600)
    try:
        subprocess.run(  # noqa: S603 - the shell sees the arguments as "$@", never as text
            (*LEAVE_BEHIND, *argv),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            pass_fds=(life,),
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            timeout=RUN_SECONDS,
            check=True,
            **user.process_options,
        )
    finally:
        os.close(words)


def _environment() -> dict[str, str]:
    """Return what a server may know: no PGDATA, PGPORT or locale of the caller leaks in."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **kept}


def stop(store: Store, server: str, *, main: int | None, gently: signal.Signals) -> None:
    """End a server: ask its main process, then kill whatever of it is left.

    Raises StoreUnavailable if something lives on, for instance in another container.
    """
    life = store.life(server)
    if locks.held(life) and main in _tagged(store, server):
        _signal(main, gently)
        _wait_gone(life, STOP_SECONDS)
    deadline = time.monotonic() + KILL_SECONDS
    while locks.held(life):
        for pid in _tagged(store, server):
            _signal(pid, signal.SIGKILL)
        if _wait_gone(life, locks.POLL_SECONDS):
            return
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                "{server} of {folder} runs where it cannot be reached or stopped",
                hint="stop it there (another container?), or set BOXOFFICE_HOME to another folder",
                server=server,
                folder=store.folder,
            )


def main_process(store: Store, server: str, recorded: str) -> int | None:
    """Return the pid that a server wrote down, if that process is this store's server."""
    pid = int(recorded) if recorded.isdecimal() else None
    return pid if pid in _tagged(store, server) else None


def _tagged(store: Store, server: str) -> list[int]:
    """Find a server's processes: this store's tag in the title, and its lock in their hands."""
    mark = f"{store.tag}-{server}".encode()
    return [pid for pid, title in _titles() if mark in title and _holds(pid, store, server)]


def _titles() -> list[tuple[int, bytes]]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended while we looked
            found.append((int(entry.parent.name), entry.read_bytes()))
    return found


def _holds(pid: int, store: Store, server: str) -> bool:
    """Whether a process has the server's lock file open.

    Root in a container may not look at another user's files; there the owner must do.
    """
    process = Path(f"/proc/{pid}")
    try:
        life = store.life(server).stat()
        return any(_same(opened, life) for opened in (process / "fd").iterdir())
    except PermissionError:
        return _owner(process) in (_owner(store.data(server)), _owner(store.new(server)))
    except OSError:
        return False


def _owner(path: Path) -> int | None:
    try:
        return path.lstat().st_uid
    except FileNotFoundError:
        return None


def _same(opened: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(opened.stat(), wanted)
    except FileNotFoundError:
        return False  # closed meanwhile, or no file at all


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_gone(life: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while locks.held(life):
        if time.monotonic() > deadline:
            return False
        time.sleep(locks.POLL_SECONDS)
    return True


def last_words(log: Path, offset: int) -> str:
    """Return the line in which a server said why it ended, or an empty text."""
    try:
        with log.open("rb") as file:
            file.seek(max(offset, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return shortened(text)


def shortened(text: str) -> str:
    """Return the telling line of a program's last words, without control characters."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if any(sign in line for sign in ("FATAL", "PANIC", "error:"))]
    line = (telling or lines or [""])[-1 if not telling else 0]
    return "".join(char if char.isprintable() else " " for char in line)[:WORDS_MAX]
