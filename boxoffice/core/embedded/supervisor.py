"""Starting, mending, stopping and deleting the pair, one process at a time.

A starter may be killed anywhere: what it left is judged anew by the next one, from the
locks of life and the sockets, and finished or replaced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.embedded import warm
from boxoffice.core.errors import StoreUnavailable, Words

if os.name == "posix":  # elsewhere these cannot be imported, and `_explained` refuses
    from boxoffice.core.embedded import binaries, locks, postgres, processes, store, users, valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from boxoffice.core.config import Settings
    from boxoffice.core.embedded.store import Store
    from boxoffice.core.embedded.users import ServerUser

READY_SECONDS = 60.0
# A server binds its socket within milliseconds of its start, before it recovers or loads.
UNBOUND_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What the supervisor asks of either server."""

    name: str
    start: Callable[[Store, ServerUser, warm.State], int]
    stop: Callable[[Store], None]
    socket: Callable[[warm.State], str]
    ready: Callable[[Store, warm.State], bool]


def bring_up(settings: Settings) -> warm.State:
    """Start whatever is missing and wait until both servers take work."""
    with _explained(settings), locks.only_starter(store.prepare(settings).lock):
        opened = store.prepare(settings)  # again: a reset may have come between
        return warm.ready(str(opened.folder)) or _mend(settings, opened)


def take_down(settings: Settings) -> None:
    """Stop both servers; nothing happens if there are none."""
    with _explained(settings):
        opened = store.existing(settings)
        if opened is not None:
            with locks.only_starter(opened.lock):
                _stop_all(opened)


def wipe(settings: Settings) -> None:
    """Stop both servers and delete everything that this package made."""
    with _explained(settings):
        opened = store.existing(settings)
        if opened is None:
            _refuse_unmarked(Path(warm.store_folder(settings)))
            return
        with locks.only_starter(opened.lock):
            _stop_all(opened)
            store.remove_all(opened)


def _servers() -> tuple[Server, Server]:
    """Return both; Valkey first, as it starts while Postgres still makes its data."""
    return (
        Server(
            name=valkey.NAME,
            start=valkey.start,
            stop=valkey.stop,
            socket=valkey.socket,
            ready=lambda _, state: warm.valkey_ready(state),
        ),
        Server(
            name=postgres.NAME,
            start=postgres.start,
            stop=postgres.stop,
            socket=postgres.socket,
            ready=lambda opened, state: warm.postgres_ready(str(opened.folder), state),
        ),
    )


def _mend(settings: Settings, opened: Store) -> warm.State:
    user = users.server_user(opened.data(postgres.NAME))
    state = warm.read_state(str(opened.folder))
    if state is not None and not warm.sound(state):  # somebody tidied /tmp under the servers
        _stop_all(opened)
        state = None
    living = [server for server in _servers() if _reachable(server, opened, state)]
    missing = [server for server in _servers() if server.name not in {s.name for s in living}]
    if state is None or missing:
        state = _planned(settings, opened, user, state)
    offsets = {server.name: server.start(opened, user, state) for server in missing}
    for server in living:
        # It may have been dying as we looked: a killed process keeps its lock for a moment.
        if not _becomes_ready(server, opened, state):
            offsets[server.name] = server.start(opened, user, state)
            missing.append(server)
    for server in missing:
        if not _becomes_ready(server, opened, state):
            raise _ended(server, opened, offsets[server.name])
    return state


def _reachable(server: Server, opened: Store, state: warm.State | None) -> bool:
    """Whether a server lives and listens; one that lives without listening is ended.

    That is how a backend that outlives its postmaster looks, an initdb that outlives its
    starter, and a server whose socket was deleted.
    """
    made = opened.data(server.name).exists()
    deadline = time.monotonic() + (UNBOUND_SECONDS if made else 0)
    while locks.held(opened.life(server.name)):
        if state is not None and warm.bound(server.socket(state)):
            return True
        if time.monotonic() > deadline:
            server.stop(opened)
            return False
        time.sleep(locks.POLL_SECONDS)
    return False


def _planned(
    settings: Settings, opened: Store, user: ServerUser, before: warm.State | None
) -> warm.State:
    """Write down where the servers will be, before any of them runs."""
    database = binaries.find_postgres(settings, user)
    queue = binaries.find_valkey(settings, user)
    state = warm.State(
        socket_folder=before.socket_folder if before else store.make_socket_folder(user),
        server_uid=str(user.uid),
        bindir=str(database.path.parent),
        postgres_version=database.version,
        valkey_server=str(queue.path),
        valkey_version=queue.version,
    )
    store.write_whole(opened.folder / warm.STATE_FILE, state.text())
    return state


def _becomes_ready(server: Server, opened: Store, state: warm.State) -> bool:
    """Wait until a server takes work; False if it ended, StoreUnavailable past the wait."""
    deadline = time.monotonic() + READY_SECONDS
    while not server.ready(opened, state):
        if not locks.held(opened.life(server.name)):
            return False
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                "the embedded {server} has not become ready in {seconds:g} seconds",
                hint="try again; its log is {log}",
                server=server.name,
                seconds=READY_SECONDS,
                log=opened.log(server.name),
            )
        time.sleep(locks.POLL_SECONDS)
    return True


def _ended(server: Server, opened: Store, offset: int) -> StoreUnavailable:
    words = processes.last_words(opened.log(server.name), offset)
    return StoreUnavailable(
        "the embedded {server} ended as it started: {reason}",
        hint="its log is {log}",
        server=server.name,
        reason=words or Words("without a word"),
        log=opened.log(server.name),
    )


def _stop_all(opened: Store) -> None:
    for server in reversed(_servers()):
        server.stop(opened)
    state = warm.read_state(str(opened.folder))
    if state is not None:
        store.remove_sockets(state)
        (opened.folder / warm.STATE_FILE).unlink(missing_ok=True)


def _refuse_unmarked(folder: Path) -> None:
    if folder.exists():
        raise StoreUnavailable(
            "{folder} was not made by boxoffice for this user, so nothing in it is deleted",
            hint="delete it yourself if it is of no use",
            folder=folder,
        )


@contextlib.contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    """Turn what the system refuses into one clear line; raises StoreUnavailable."""
    if os.name != "posix" or not postgres.supported():
        raise StoreUnavailable(
            "the embedded servers run on Linux only",
            hint="set BOXOFFICE_DATABASE_URL and BOXOFFICE_REDIS_URL",
        )
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(_sentence(error, settings)) from None
    except subprocess.SubprocessError as error:
        raise StoreUnavailable(
            "a program did not end well: {kind}", kind=type(error).__name__
        ) from None


def _sentence(error: OSError, settings: Settings) -> Words:
    place = error.filename or warm.store_folder(settings)
    if error.errno == errno.ENOSPC:
        return Words("the disk of {place} is full", place=place)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Words(
            "{place} cannot be written by this user ({reason})", place=place, reason=error.strerror
        )
    return Words("{place}: {reason}", place=place, reason=error.strerror)
