"""The counter in a browser on this machine: the same program, drawn by a page."""

from __future__ import annotations

import shlex
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING

from boxoffice.core.errors import InputInvalid
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

SESSIONS_MAX = 4
PORT_MAX = 65_535
NEEDED = ("textual_serve", "aiohttp")  # what the extra `web` installs


def serve(
    command: str | list[str],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    announce: Callable[[str], None],
    sessions_max: int = SESSIONS_MAX,
) -> None:
    """Serve a Textual command to one browser of this machine until SIGINT, SIGTERM or SIGHUP.

    `announce` is given the address to open, which works once, when it can be opened; port 0 is
    any free one. Every tab is a process of the command with this environment. Raises
    InputInvalid if the extra is missing, the host is no loopback address or the port is taken.
    """
    if not all(map(find_spec, NEEDED)):
        raise InputInvalid(
            tr("the counter in a browser needs packages that are not installed"),
            hint="pip install 'boxoffice[web]'",
        )
    if not _is_loopback(host):
        raise InputInvalid(
            tr("{host} is not a loopback address of this machine", host=host),
            hint=tr("use 127.0.0.1 or ::1"),
        )
    if not 0 <= port <= PORT_MAX:
        raise InputInvalid(
            tr("{port} is not a port", port=port),
            hint=tr("ports go to {last}; 0 finds a free one", last=PORT_MAX),
        )
    from boxoffice.tui.web.server import CounterServer  # noqa: PLC0415 - it needs the extra

    words = shlex.split(command) if isinstance(command, str) else command
    CounterServer(words, host, port, announce=announce, sessions_max=sessions_max).run()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name may mean another machine tomorrow
        return False
