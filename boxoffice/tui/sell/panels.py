"""The lines below the map and the panel beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult  # noqa: TC002 - Textual reads it
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Sequence


class CartLine(Static):
    """The cart in one line: seats, total, how long it is held, and a warning."""

    def __init__(self) -> None:
        super().__init__("", id="cart", markup=False)


class StatusLine(Static):
    """The seat under the cursor, the customer, the zoom, the queue."""

    def __init__(self) -> None:
        super().__init__("", id="status", markup=False)


class SidePanel(Vertical):
    """Prices, signs, the cart seat by seat, and what happened; from 100 columns on."""

    def compose(self) -> ComposeResult:
        """Yield room for both."""
        yield Static("", id="legend", markup=False)
        yield Static("", id="side-cart", markup=False)
        yield Static("", id="feed", markup=False)

    def show_legend(self, legend: Content, signs: Content) -> None:
        """Show prices and signs."""
        gap = Content("")
        self.query_one("#legend", Static).update(Content("\n").join([legend, gap, signs, gap]))

    def show_cart(self, lines: Sequence[str], feed: Sequence[str]) -> None:
        """Show the cart seat by seat, and the queue and what happened."""
        self.query_one("#side-cart", Static).update("\n".join(lines))
        self.query_one("#feed", Static).update("\n" + "\n".join(feed))
