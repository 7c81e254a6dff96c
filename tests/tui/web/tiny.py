"""A small counter: it writes what happens to the file that its environment names."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.widgets import Static

from boxoffice.tui.terminal import guard

if TYPE_CHECKING:
    from textual.events import Click, Key

LOG = Path(os.environ["BOXOFFICE_TINY_LOG"])


class Tiny(App):
    def compose(self) -> ComposeResult:
        yield Static("TINY COUNTER 콘서트 ■ ✓")

    def tell(self, what: str) -> None:
        with LOG.open("a") as log:
            log.write(what + "\n")

    def on_mount(self) -> None:
        self.tell(f"opened {self.size.width}x{self.size.height}")
        if "deaf" in sys.argv:
            time.sleep(3600)

    def on_click(self, event: Click) -> None:
        self.tell(f"clicked {event.screen_x},{event.screen_y}")

    def on_key(self, event: Key) -> None:
        self.tell(f"pressed {event.key}")


app = Tiny()
if "deaf" in sys.argv:
    app.run()
else:
    with guard(app):
        app.run()
