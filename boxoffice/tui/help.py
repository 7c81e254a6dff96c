"""Help: what every key does now, where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.tui.actions import available, by_group
from boxoffice.tui.dialogs import Dialog
from boxoffice.tui.words import padded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.screen import Screen

KEYS_CELLS = 14


def help_lines(ids: Iterable[str]) -> Content:
    """Return the keys and words of these actions, by group."""
    lines: list[Content] = []
    for title, actions in by_group(ids):
        lines += [Content(""), Content.styled(tr(title), "bold")]
        for action in actions:
            keys = padded(" ".join(action.shown_keys), KEYS_CELLS)
            lines.append(Content.assemble((f" {keys} ", "$accent"), tr(action.words)))
    return Content("\n").join(lines[1:])


class HelpDialog(Dialog[None]):
    """The keys that work on the screen below."""

    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, asked_on: Screen[object]) -> None:
        super().__init__(tr("Keys"))
        self._ids = list(available(asked_on))

    def compose_body(self) -> ComposeResult:
        """Yield the keys; the arrows scroll."""
        with VerticalScroll(classes="lines"):
            yield Static(help_lines(self._ids))
