"""Picking from a list by typing a part of a name: the palette, customers, tenders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import events  # noqa: TC002 - Textual reads the annotation
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

T = TypeVar("T")

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Generic[T]):
    """A line to pick: what it says, what it stands for, and more about it at the right."""

    words: str
    value: T
    help: str = ""


def matching(entries: Sequence[Entry[T]], text: str) -> list[Entry[T]]:
    """Return the entries that a text matches, the best first; all of them for no text."""
    if not text.strip():
        return list(entries[:SHOWN_MAX])
    matcher = Matcher(text.strip())
    scored = [(matcher.match(entry.words), entry) for entry in entries]
    found = [pair for pair in scored if pair[0] > 0]
    return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])[:SHOWN_MAX]]


class Pick(Dialog[T]):
    """A list with a line to narrow it; Enter takes the highlighted entry."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("dialog.close")]

    def __init__(self, title: str, entries: Sequence[Entry[T]]) -> None:
        super().__init__(title)
        self._entries = entries
        self._shown: list[Entry[T]] = []

    def compose_body(self) -> ComposeResult:
        """Yield the line and the list."""
        yield Input(placeholder=tr("type to narrow the list"), compact=True, classes="default")
        yield OptionList(compact=True, markup=False)

    def on_mount(self) -> None:
        """Show every entry, and leave the keys to the line."""
        self.query_one(OptionList).can_focus = False
        self._narrow("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what matches."""
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        self._shown = matching(self._entries, text)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_line(entry)) for entry in self._shown])
        if not self._shown:
            options.add_option(Option(tr("nothing matches"), disabled=True))
        options.highlighted = 0 if self._shown else None

    def on_key(self, event: events.Key) -> None:
        """Let the arrows move in the list while the line is typed in."""
        options = self.query_one(OptionList)
        moves: dict[str, Callable[[], None]] = {
            "down": options.action_cursor_down,
            "up": options.action_cursor_up,
            "pagedown": options.action_page_down,
            "pageup": options.action_page_up,
        }
        if event.key in moves:
            moves[event.key]()
            event.stop()

    def on_input_submitted(self) -> None:
        """Take the highlighted entry."""
        at = self.query_one(OptionList).highlighted
        if at is not None and self._shown:
            self.dismiss(self._shown[at].value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take an entry by the mouse."""
        self.dismiss(self._shown[event.option_index].value)


def _line(entry: Entry[T]) -> Content:
    more = f"  {visible(entry.help)}" if entry.help else ""
    return Content.assemble(visible(entry.words), (more, "dim"))
