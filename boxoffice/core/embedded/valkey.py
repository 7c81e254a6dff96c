"""The private Valkey: a socket of its own, an append-only file, no network."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from boxoffice.core.embedded import locks, processes, warm
from boxoffice.core.embedded.store import make_for

if TYPE_CHECKING:
    from boxoffice.core.embedded.store import Store
    from boxoffice.core.embedded.users import ServerUser

NAME = "valkey"
PID_FILE = "valkey.pid"

OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "timeout": "0",
    "daemonize": "no",
    "dir": ".",
    "pidfile": PID_FILE,
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "logfile": "",
    "loglevel": "warning",
}


def start(store: Store, user: ServerUser, state: warm.State) -> int:
    """Start Valkey and return where its words begin in the log."""
    data, log = store.data(NAME), store.log(NAME)
    with locks.life(store.life(NAME)) as life:
        if not data.exists():
            make_for(user, data)
        offset = log.stat().st_size if log.exists() else 0
        options = {
            **OPTIONS,
            "unixsocket": socket(state),
            "proc-title-template": f"{{title}} {store.tag}-{NAME}",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        processes.leave_running(user, [state.valkey_server, *words], cwd=data, log=log, life=life)
    return offset


def stop(store: Store) -> None:
    """Stop Valkey after it has written its append-only file to disk."""
    processes.stop(store, NAME, main=main_process(store), gently=signal.SIGTERM)


def main_process(store: Store) -> int | None:
    """Return Valkey's pid while it lives."""
    try:
        recorded, _ = warm.read_small(f"{store.data(NAME)}/{PID_FILE}")
    except OSError:
        return None
    return processes.main_process(store, NAME, recorded.decode("ascii", "replace").strip())


def socket(state: warm.State) -> str:
    """Return the path of Valkey's socket."""
    return f"{state.socket_folder}/{warm.VALKEY_SOCKET}"
