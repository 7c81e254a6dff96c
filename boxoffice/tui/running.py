"""Running the counter in this terminal, from the first look at it to the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from boxoffice.tui.app import CounterApp
from boxoffice.tui.terminal import end_soon, guard, probe_width

if TYPE_CHECKING:
    from boxoffice.core.config import Settings


def run_counter(settings: Settings, *, performance: int | None, ascii_only: bool) -> int:
    """Run the counter until it is left, and return an exit code."""
    ascii_only = ascii_only or probe_width(sys.stdin) not in (1, None)
    app = CounterApp(settings, performance=performance, ascii_only=ascii_only)
    with guard(app, last_words=lambda: f"{app.open_outcomes()}\n") as watching:
        app.run()
        app.desk.close()
    end_soon(watching.exit_code)
    return watching.exit_code
