"""What was begun on this host and has no known end: asked for when the counter starts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui.dialogs import Dialog
from boxoffice.tui.screen import counter

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from boxoffice.core.journal import Entry
    from boxoffice.tui.app import CounterApp
    from boxoffice.tui.messages import CallRefused

SHOWN_MAX = 12


def show(app: CounterApp) -> None:
    """Show what was left behind, if anything was, above everything else."""
    entries = app.desk.left_behind()
    if entries:
        app.push_screen(LeftBehind(entries))


class Settled(Message):
    """What became of each of some operations, by key: done, abandoned or in_progress."""

    def __init__(self, states: dict[str, str]) -> None:
        super().__init__()
        self.states = states


class LeftBehind(Dialog[None]):
    """Says what was left behind, settles it, and says how each ended."""

    def __init__(self, entries: list[Entry]) -> None:
        title = tr("{count} unresolved operations", count=len(entries))
        super().__init__(tr("1 unresolved operation") if len(entries) == 1 else title)
        self._entries = entries

    def compose_body(self) -> ComposeResult:
        """Yield a line for each operation."""
        with VerticalScroll(classes="lines", can_focus=False):
            yield Static(self._lines({}), id="left", markup=False)

    def on_mount(self) -> None:
        """Ask what became of each; where nothing did, nothing will any more."""
        desk = counter(self).desk
        desk.read(
            self,
            self.heading,
            lambda: desk.settle_left_behind(self._entries),
            Settled,
            group="left behind",
        )

    def on_settled(self, settled: Settled) -> None:
        """Say how each ended."""
        self._tell(self._lines(settled.states))

    def on_call_refused(self, refused: CallRefused) -> None:
        """Say that they stay unresolved, until the next start or `boxoffice status`."""
        refused.stop()
        self._tell(refused.text)

    def _tell(self, words: str) -> None:
        self.query_one("#left", Static).update(words)

    def _lines(self, states: dict[str, str]) -> str:
        lines = [self._line(entry, states) for entry in self._entries[:SHOWN_MAX]]
        more = len(self._entries) - SHOWN_MAX
        return "\n".join(lines + ([tr("and {count} more", count=more)] if more > 0 else []))

    def _line(self, entry: Entry, states: dict[str, str]) -> str:
        zone = ZoneInfo(counter(self).settings.time_zone)
        what = " ".join(map(str, entry.about.values()))
        if entry.command != "counter":
            what = f"{entry.command} {what}".rstrip()
        ended = {
            "": tr("being asked for ..."),
            "done": tr("it was done once"),
            "abandoned": tr("it was not done, and will not be"),
            "in_progress": tr("it is still under way: boxoffice status {key}", key=entry.key),
        }[states.get(entry.key, "")]
        return f"{entry.at.astimezone(zone):%m-%d %H:%M} {visible(what)}: {visible(ended)}"
