"""The last line: the keys that work now, the most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from boxoffice.tui.actions import available, footer_words

if TYPE_CHECKING:
    from textual.screen import Screen


class Footer(Widget):
    """One line of keys; follows the focus and whatever switches actions on and off."""

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._draw_anew)

    def _draw_anew(self, _: Screen[object]) -> None:
        self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        entries = footer_words(available(self.screen), self.size.width)
        parts: list[Content | str] = [" "]
        for keys, words in entries:
            parts += [Content.styled(keys, "bold $accent"), f" {words}  "]
        return Content.assemble(*parts).truncate(self.size.width)
