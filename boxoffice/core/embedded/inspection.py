"""A look at the pair for `store status`: nothing is started, changed or waited for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from boxoffice.core.embedded import ServerStatus, StoreStatus, locks, postgres, valkey, warm
from boxoffice.core.embedded.store import Store, existing

if TYPE_CHECKING:
    from boxoffice.core.config import Settings


def inspect(settings: Settings) -> StoreStatus:
    """Describe both servers; a store that was never made is simply stopped."""
    folder = warm.store_folder(settings)
    opened = existing(settings) or Store(folder=Path(folder), tag="")
    state = warm.read_state(folder)
    database = _server(
        opened,
        postgres.NAME,
        main=postgres.main_process(opened),
        ready=state is not None and warm.postgres_ready(folder, state),
        version=state.postgres_version if state else None,
        binary=f"{state.bindir}/postgres" if state else None,
    )
    queue = _server(
        opened,
        valkey.NAME,
        main=valkey.main_process(opened),
        ready=state is not None and warm.valkey_ready(state),
        version=state.valkey_version if state else None,
        binary=state.valkey_server if state else None,
    )
    return StoreStatus(
        running=database.state == queue.state == "running",
        data_folder=folder,
        socket_folder=state.socket_folder if state else None,
        postgres=database,
        valkey=queue,
    )


def _server(  # noqa: PLR0913 - each argument is one thing seen
    opened: Store,
    name: str,
    *,
    main: int | None,
    ready: bool,
    version: str | None,
    binary: str | None,
) -> ServerStatus:
    alive = "starting" if locks.held(opened.life(name)) else "stopped"
    return ServerStatus(
        state="running" if ready else alive,
        version=version,
        pid=main,
        size_bytes=_size(opened.data(name)),
        binary=binary,
        log_file=str(opened.log(name)),
    )


def _size(folder: Path) -> int:
    """Add up what a folder's files take on the disk; files may vanish meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{place}/{name}").st_blocks * 512  # a block is 512 by definition
            except FileNotFoundError:
                continue
    return total
