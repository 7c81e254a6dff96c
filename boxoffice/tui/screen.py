"""What every screen of the counter has: header, body, side panel, footer, and a smallest size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.tui.footer import Footer
from boxoffice.tui.header import Header, HeaderFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode
    from textual.geometry import Size

    from boxoffice.tui.app import CounterApp
    from boxoffice.tui.desk import Desk
    from boxoffice.tui.messages import CustomerChosen

WIDTH_MIN, HEIGHT_MIN = 60, 18
SIDE_FROM_WIDTH = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Something that the palette offers, by name."""

    words: str
    run: Callable[[], object]
    help: str = ""


def too_small(size: Size) -> bool:
    """Tell whether the terminal is smaller than the counter can be drawn in."""
    return size.width < WIDTH_MIN or size.height < HEIGHT_MIN


class TooSmall(Static):
    """Covers the screen while the terminal is too small; everything below is kept."""

    def __init__(self) -> None:
        super().__init__(tr("needs {size}", size=f"{WIDTH_MIN}x{HEIGHT_MIN}"), markup=False)


class Fitting(Screen[T]):
    """A screen that follows the size of the terminal with the classes -too-small and -wide."""

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was shown."""
        self.fit(self.app.size)

    def fit(self, size: Size) -> None:
        """Set the classes of a size."""
        self.set_class(too_small(size), "-too-small")
        self.set_class(size.width >= SIDE_FROM_WIDTH, "-wide")
        self.set_class(counter(self).ascii_only, "-ascii")


class CounterScreen(Fitting[None]):
    """A screen of a mode; subclasses fill body and side panel, and say which actions they have.

    ``BINDINGS = bindings("group.name", ...)`` names actions of the table in ``keys.py``; footer,
    help and palette follow from it and from ``check_action``.
    """

    BINDINGS: ClassVar[list[BindingType]] = []

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Header()
        with Horizontal(id="middle"):
            with Vertical(id="body"):
                yield from self.compose_body()
            with Vertical(id="side"):
                yield from self.compose_side()
        yield Footer()
        yield TooSmall()

    def compose_body(self) -> ComposeResult:
        """Yield what stands in the middle."""
        yield from ()

    def compose_side(self) -> ComposeResult:
        """Yield what stands in the side panel of 30 columns, shown from 100 columns on."""
        yield from ()

    @property
    def desk(self) -> Desk:
        """Return the way to the office."""
        return counter(self).desk

    def show_facts(self, *, title: str = "", date: str = "", free: str = "") -> None:
        """Say in the header what this screen is about."""
        self.query_one(Header).facts = HeaderFacts(title=title, date=date, free=free)

    # --- what the app asks a screen ---

    def go_back(self) -> bool:
        """Go back one level inside the screen, and tell whether there was one."""
        return False

    def seats_held(self) -> int:
        """Count the seats held here that leaving the counter would abandon."""
        return 0

    def serve(self, customer: CustomerChosen) -> None:
        """Sell to this customer from now on; for the screens of Sell."""

    def commands(self) -> Iterable[Command]:
        """Return what the palette offers beside the actions (seats by label, say)."""
        return ()


def counter(node: DOMNode) -> CounterApp:
    """Return the app that a widget or screen belongs to."""
    return cast("CounterApp", node.app)
