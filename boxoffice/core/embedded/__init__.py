"""A private Postgres and Valkey for whoever configured none.

The four functions here are the whole interface. ``attach`` is on the path of every command,
so this module and ``warm`` import next to nothing; what starts, stops and looks closely is
imported when it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.embedded import warm

if TYPE_CHECKING:
    from boxoffice.core.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Where the two running servers are reached."""

    database_url: str
    redis_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server: ``state`` is ``running``, ``starting`` or ``stopped``; its size in bytes."""

    state: str
    version: str | None
    pid: int | None
    size_bytes: int
    binary: str | None
    log_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatus:
    """The pair of servers and where their data and sockets are."""

    running: bool
    data_folder: str
    socket_folder: str | None
    postgres: ServerStatus
    valkey: ServerStatus


def attach(settings: Settings) -> Servers:
    """Return the running servers, after starting whatever is missing.

    The database ``boxoffice`` exists then; its schema is the caller's work. Raises
    StoreUnavailable when the servers cannot run here.
    """
    state = warm.ready(warm.store_folder(settings))
    if state is None:
        from boxoffice.core.embedded.supervisor import bring_up

        state = bring_up(settings)
    return Servers(
        database_url=f"postgresql+psycopg://boxoffice@/boxoffice?host={state.socket_folder}",
        redis_url=f"unix://{state.socket_folder}/{warm.VALKEY_SOCKET}",
    )


def start(settings: Settings) -> Servers:
    """Start whatever is missing and return the servers; raises StoreUnavailable."""
    return attach(settings)


def stop(settings: Settings) -> None:
    """Stop both servers and keep their data; raises StoreUnavailable if they do not stop."""
    from boxoffice.core.embedded.supervisor import take_down

    take_down(settings)


def reset(settings: Settings) -> None:
    """Stop both servers and delete their data; raises StoreUnavailable for a foreign folder."""
    from boxoffice.core.embedded.supervisor import wipe

    wipe(settings)


def status(settings: Settings) -> StoreStatus:
    """Look at both servers without changing or waiting for anything."""
    from boxoffice.core.embedded.inspection import inspect

    return inspect(settings)
