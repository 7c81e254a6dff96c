"""The first screen of Sell: the performances that can be sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from boxoffice.core.language import tr
from boxoffice.tui.actions import bindings
from boxoffice.tui.messages import PerformanceChosen
from boxoffice.tui.programme import read_programme
from boxoffice.tui.screen import CounterScreen, counter
from boxoffice.tui.sell.messages import ProgrammeRead
from boxoffice.tui.table import Table
from boxoffice.tui.words import fitted

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.tui.messages import CustomerChosen
    from boxoffice.tui.programme import Listed

NAME_CELLS_MAX = 28


class PerformancesScreen(CounterScreen):
    """Lists what is on sale; Enter opens the seat map."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("performances.open", "performances.again")
    AUTO_FOCUS = "#performances"

    def __init__(self) -> None:
        super().__init__()
        self._customer: CustomerChosen | None = None

    def compose_body(self) -> ComposeResult:
        """Yield the list, and words for an empty one."""
        yield Static(tr("reading ..."), id="nothing", classes="empty", markup=False)
        yield Table(
            tr("date"), tr("concert"), tr("venue"), tr("free"), tr("seats"), id="performances"
        )

    def on_screen_resume(self) -> None:
        """Read the list whenever it is shown."""
        self.show_facts(title=tr("performances"))
        self.action_again()

    def action_again(self) -> None:
        """Read the list."""
        office = self.desk.office
        self.desk.read(
            self,
            tr("performances"),
            lambda: read_programme(office),
            ProgrammeRead,
            group="programme",
        )

    def on_programme_read(self, read: ProgrammeRead) -> None:
        """Show the list."""
        counter(self).programme = read.programme
        nothing = self.query_one("#nothing", Static)
        nothing.update(tr("no concert: `boxoffice demo` makes one"))
        nothing.display = not read.programme
        table = self.query_one("#performances", Table)
        table.display = bool(read.programme)
        table.show({str(one.performance.performance): _line(one) for one in read.programme})
        table.focus()

    def action_open(self) -> None:
        """Open the seat map of the line under the cursor."""
        chosen = self.query_one("#performances", Table).chosen
        if chosen is not None:
            self.post_message(PerformanceChosen(int(chosen)))

    def serve(self, customer: CustomerChosen) -> None:
        """Open the next performance of the concert that somebody waits for."""
        for one in counter(self).programme:
            if one.concert == customer.concert:
                # Both to the app, so that the map is open when the customer is served there.
                self.app.post_message(PerformanceChosen(one.performance.performance))
                self.app.post_message(customer)
                return


def _line(one: Listed) -> tuple[str, ...]:
    performance = one.performance
    free = str(performance.free_seats) if performance.free_seats else tr("sold out")
    return (
        f"{performance.date:%Y-%m-%d %H:%M}",
        fitted(one.concert_name, NAME_CELLS_MAX),
        fitted(one.venue, NAME_CELLS_MAX),
        free,
        str(performance.total_seats),
    )
