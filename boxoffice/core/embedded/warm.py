"""Are the servers there? Answered without a lock, a child process or a heavy import.

The state file, written by the starter, says where the sockets are. Nothing in it is
believed: the folder must be ours alone, Postgres must have written `ready`, its socket must
be bound by a living process, and Valkey must answer.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boxoffice.core.config import Settings

STATE_FILE = "state"
STATE_TITLE = "boxoffice store, state 1"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
SMALL_FILE_BYTES_MAX = 64 * 1024
LOG_BYTES_MAX = 1024 * 1024
PING_SECONDS = 1.0
LOGS = ("postgres.log", "valkey.log")
POSTMASTER_STATUS_LINE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the last starter left behind for everybody else."""

    socket_folder: str
    server_uid: str
    bindir: str
    postgres_version: str
    valkey_server: str
    valkey_version: str

    def text(self) -> str:
        """Return the state file's lines; escapes keep any path on one line of ASCII."""
        values = (getattr(self, field.name) for field in fields(self))
        lines = (value.encode("unicode_escape").decode("ascii") for value in values)
        return "\n".join((STATE_TITLE, *lines, ""))


def store_folder(settings: Settings) -> str:
    """Return the folder of the servers' data, logs and state."""
    return os.path.join(settings.data_dir, "store")  # noqa: PTH118 - plain strings are faster here


def ready(folder: str) -> State | None:
    """Return the state if both servers take work now, else None."""
    state = read_state(folder)
    if state is None or not sound(state):
        return None
    if not postgres_ready(folder, state) or not valkey_ready(state):
        return None
    _bound_logs(folder)
    return state


def read_state(folder: str) -> State | None:
    """Return the recorded state, or None if there is none of this version and user."""
    try:
        text, owner = read_small(f"{folder}/{STATE_FILE}")
        title, *lines = text.decode("ascii").splitlines()
        values = [line.encode("ascii").decode("unicode_escape") for line in lines]
    except (OSError, ValueError):
        return None
    names = [field.name for field in fields(State)]
    if title != STATE_TITLE or owner != os.geteuid() or len(values) != len(names):
        return None
    return State(**dict(zip(names, values, strict=True)))


def sound(state: State) -> bool:
    """Whether the socket folder is a true folder that only the servers' user may enter."""
    try:
        found = os.lstat(state.socket_folder)
    except OSError:
        return False
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    return private and str(found.st_uid) == state.server_uid


def postgres_ready(folder: str, state: State) -> bool:
    """Whether Postgres says that it is ready and a living process owns its socket."""
    lines = postmaster_lines(folder)
    if len(lines) < POSTMASTER_STATUS_LINE or lines[POSTMASTER_STATUS_LINE - 1].strip() != "ready":
        return False
    return bound(f"{state.socket_folder}/{POSTGRES_SOCKET}")


def postmaster_lines(folder: str) -> list[str]:
    """Return the lines of Postgres's own pid file; none if it is absent."""
    try:
        return read_small(f"{folder}/postgres/postmaster.pid")[0].decode("ascii").splitlines()
    except (OSError, ValueError):
        return []


def bound(path: str) -> bool:
    """Whether a living process has bound this socket, though it may not listen yet.

    A datagram socket cannot talk to a stream socket, and the kernel says so only after it
    has found the owner: the answer costs Postgres no connection and no new process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            return error.errno == errno.EPROTOTYPE
    return False


def valkey_ready(state: State) -> bool:
    """Whether Valkey answers PING; while it loads its file it answers something else."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PING_SECONDS)
            client.connect(f"{state.socket_folder}/{VALKEY_SOCKET}")
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def read_small(path: str) -> tuple[bytes, int]:
    """Return the start of a file and its owner; never follows a link or waits for a pipe."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(descriptor, SMALL_FILE_BYTES_MAX), os.fstat(descriptor).st_uid
    finally:
        os.close(descriptor)


def _bound_logs(folder: str) -> None:
    """Empty a log past its limit; the servers append, so they go on at its new end."""
    for name in LOGS:
        path = f"{folder}/{name}"
        try:
            if os.stat(path).st_size > LOG_BYTES_MAX:  # noqa: PTH116 - no Path on the warm path
                os.truncate(path, 0)
        except OSError:
            continue  # a log is never a reason to refuse work
