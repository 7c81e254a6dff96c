"""The counter: a live seat map in the terminal, with the queue and the orders beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.config import Settings


def run(settings: Settings, *, performance: int | None = None, ascii: bool = False) -> int:  # noqa: A002
    """Run the counter in this terminal until it is left, and return an exit code."""
    from boxoffice.tui.running import run_counter  # noqa: PLC0415 - Textual is only for who runs it

    return run_counter(settings, performance=performance, ascii_only=ascii)


def serve(command: list[str], *, announce: Callable[[str], None]) -> None:
    """Serve the counter to a browser on this machine until a signal; raises InputInvalid.

    Each tab runs ``command``; ``announce`` is given the address to open.
    """
    from boxoffice.tui import web  # noqa: PLC0415 - only for who wants a browser

    web.serve(command, announce=announce)
