"""The first line: what is being sold, whether the servers answer, what is free, who sells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from boxoffice.core.text import cells, visible
from boxoffice.tui.words import fitted

if TYPE_CHECKING:
    from boxoffice.tui.app import CounterApp

NAME = "boxoffice"
GAP = "  "
TITLE_CELLS_MIN = 12
STYLES = {"live": "$text-success", "polling": "$text-warning", "offline": "$text-error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """What a screen says of itself in the header; everything may be empty."""

    title: str = ""
    date: str = ""
    free: str = ""


def header_parts(facts: HeaderFacts, link: str, clerk: str, width: int) -> tuple[str, str, str]:
    """Return what stands left, the link, and what stands right, together one line.

    What matters least goes first where it is narrow: the program's name, the clerk, then the
    end of the title. The link and the free seats always stay.
    """
    name, title = NAME, visible(facts.title)
    while True:
        right = GAP.join(filter(None, (facts.free, clerk)))
        left = " " + "".join(part + GAP for part in (name, title, facts.date) if part)
        missing = cells(left + link + GAP + right) + 1 - width
        if missing <= 0:
            return left, link, " " * -missing + GAP + right + " "
        if name:
            name = ""
        elif clerk:
            clerk = ""
        elif cells(title) > TITLE_CELLS_MIN:
            title = fitted(title, max(TITLE_CELLS_MIN, cells(title) - missing))
        elif facts.date:
            facts = replace(facts, date="")
        else:
            return left, link, GAP + right


class Header(Widget):
    """One line, drawn anew when a fact or the link changes."""

    facts: reactive[HeaderFacts] = reactive(HeaderFacts())

    def on_mount(self) -> None:
        """Follow the link of the whole counter."""
        self.watch(self.app, "link", self.refresh_line, init=False)

    def refresh_line(self) -> None:
        """Draw the line anew."""
        self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        app = cast("CounterApp", self.app)
        link = app.link.words(ascii_only=app.ascii_only)
        left, middle, right = header_parts(self.facts, link, app.clerk, self.size.width)
        return Content.assemble(
            left, Content.styled(middle, STYLES[app.link.state]), right
        ).truncate(self.size.width)
