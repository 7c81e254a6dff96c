"""A table of lines: the cursor stays with its line when the lines are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import DataTable

from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.binding import BindingType


class Table(DataTable[Text], inherit_bindings=False):
    """Lines with a key each; Enter is left to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "table.up", "table.down", "table.page_up", "table.page_down", "table.top", "table.bottom"
    )

    def __init__(self, *columns: str, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(id=id, cursor_type="row")
        self._columns = columns
        self._lines: dict[str, tuple[str, ...]] = {}

    def on_mount(self) -> None:
        """Head the columns."""
        self.add_columns(*map(Text, self._columns))

    def show(self, lines: dict[str, Sequence[str]]) -> None:
        """Show these lines, by key; the cursor stays on its line while that is there."""
        fresh = {key: tuple(map(visible, cells)) for key, cells in lines.items()}
        if fresh == self._lines and list(fresh) == list(self._lines):
            return
        chosen = self.chosen
        self._lines = fresh
        self.clear()
        self._widen(fresh.values())
        for key, cells in fresh.items():
            self.add_row(*map(Text, cells), key=key)
        if chosen in fresh:
            self.move_cursor(row=self.get_row_index(chosen), animate=False)

    def _widen(self, lines: Iterable[tuple[str, ...]]) -> None:
        """Make room for the widest cells, before any is drawn.

        Textual measures them when it is idle; what is drawn before that stays cut.
        """
        for column, cells in zip(self.ordered_columns, zip(*lines, strict=True), strict=False):
            column.content_width = max(column.content_width, *map(cell_len, cells))

    @property
    def chosen(self) -> str | None:
        """Return the key of the line under the cursor, None in an empty table."""
        keys = list(self._lines)
        return keys[self.cursor_row] if 0 <= self.cursor_row < len(keys) else None

    def action_up(self) -> None:
        """Go a line up."""
        self.action_cursor_up()

    def action_down(self) -> None:
        """Go a line down."""
        self.action_cursor_down()

    def action_top(self) -> None:
        """Go to the first line."""
        self.action_scroll_top()

    def action_bottom(self) -> None:
        """Go to the last line."""
        self.action_scroll_bottom()
