"""The mode Queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from boxoffice.core import language
from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form
from boxoffice.tui.messages import CustomerChosen
from boxoffice.tui.queue.reading import (
    QueueRead,
    admitted_lines,
    figures,
    read_queue,
    waiting_lines,
)
from boxoffice.tui.screen import CounterScreen, counter
from boxoffice.tui.table import Table

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.model import Line, QueueView, Waiter

REFRESH_SECONDS = 2.0
CAPACITY_DIGITS_MAX = 9
OPEN, PAUSED, RECOVER = "open", "paused", "recover"


class QueueSeen(Message):
    """A queue was read."""

    def __init__(self, read: QueueRead) -> None:
        super().__init__()
        self.read = read


class QueueUnread(Message):
    """A queue could not be read."""

    def __init__(self, error: BoxOfficeError) -> None:
        super().__init__()
        self.error = error


class QueueConfigured(Message):
    """A queue has other settings now."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line


class QueueScreen(CounterScreen):
    """Who waits and who is in, of one concert at a time; read again while it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "queue.sell",
        "queue.pause",
        "queue.capacity",
        "queue.next_concert",
        "queue.previous_concert",
    )
    AUTO_FOCUS = "#waiting"

    def __init__(self) -> None:
        super().__init__()
        self._read: QueueRead | None = None
        self._wanted: int | None = None
        self._reading = False

    def compose_body(self) -> ComposeResult:
        """Yield the figures and both lists."""
        yield Static("", id="figures", markup=False)
        with Horizontal(id="lists"):
            with Vertical():
                yield Static(tr("reading ..."), id="nobody", classes="empty", markup=False)
                yield Table(tr("place"), tr("waiting"), id="waiting")
            yield Table(tr("until"), tr("admitted"), id="admitted")

    def compose_side(self) -> ComposeResult:
        """Yield the same figures, one a line."""
        yield Static("", id="side-figures", markup=False)

    def on_mount(self) -> None:
        """Read now and from now on."""
        self.show_facts(title=tr("queue"))
        self.set_interval(REFRESH_SECONDS, self._refresh)

    def on_screen_resume(self) -> None:
        """Read at once where the mode is entered."""
        self._refresh()

    # --- reading ---

    def _refresh(self) -> None:
        if self._reading or not self.is_current:
            return
        self._reading = True
        wanted = self._wanted
        office = self.desk.office
        self.desk.read(
            self,
            tr("queue"),
            lambda: read_queue(office, wanted),
            QueueSeen,
            group="queue",
            refused=QueueUnread,
        )

    def on_queue_unread(self, unread: QueueUnread) -> None:
        """Say in place of the lists that the queue cannot be read; the next look may work."""
        self._reading = False
        self._read = None
        self._say(language.of(unread.error)[0])

    def on_queue_seen(self, seen: QueueSeen) -> None:
        """Show the queue."""
        self._reading = False
        counter(self).hear_queue()
        read = seen.read
        if read.concerts and self._wanted not in (None, read.concert.id):
            self._refresh()  # another concert was chosen meanwhile
            return
        self._read = read
        if read.view is None:
            self._say(tr("no concert: `boxoffice demo` makes one"))
            return
        self._wanted = read.concert.id
        self._show(read)

    def _show(self, read: QueueRead) -> None:
        assert read.view is not None
        view = read.view
        number = f"  {read.at + 1}/{len(read.concerts)}" if len(read.concerts) > 1 else ""
        self.show_facts(title=read.concert.name, date=tr("queue") + number)
        counted = figures(view)
        self.query_one("#figures", Static).update(
            "\n".join("   ".join(f"{w} {f}" for w, f in part) for part in _halves(counted))
        )
        self.query_one("#side-figures", Static).update(
            "\n".join(f"{words:<12}{figure}" for words, figure in counted.items())
        )
        zone = ZoneInfo(counter(self).settings.time_zone)
        self.query_one("#waiting", Table).show(waiting_lines(view.waiting))
        self.query_one("#admitted", Table).show(admitted_lines(view.admitted, zone))
        self._say("" if view.waiting else _why_nobody(view))

    def _say(self, words: str) -> None:
        """Say something in place of the waiting, or with nothing to say show them."""
        nobody = self.query_one("#nobody", Static)
        nobody.update(visible(words))
        nobody.display = bool(words)
        waiting = self.query_one("#waiting")
        if words and waiting.has_focus:
            self.query_one("#admitted").focus()
        waiting.display = not words
        self.query_one("#admitted").display = self._read is not None and bool(self._read.concerts)

    # --- doing ---

    def action_sell(self) -> None:
        """Sell to the customer under the cursor."""
        customer = self._customer()
        if customer is None or self._read is None:
            return
        self.post_message(
            CustomerChosen(
                user=customer.user,
                name=customer.name,
                concert=self._read.concert.id,
                queued=True,
            )
        )

    def _customer(self) -> Waiter | None:
        if self._read is None or self._read.view is None or not isinstance(self.focused, Table):
            return None
        view, chosen = self._read.view, self.focused.chosen
        people = view.waiting if self.focused.id == "waiting" else view.admitted
        return next((one for one in people if str(one.user) == chosen), None)

    def action_next_concert(self) -> None:
        """Show the queue of the next concert."""
        self._turn(1)

    def action_previous_concert(self) -> None:
        """Show the queue of the concert before."""
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self._read is None or not self._read.concerts:
            return
        concerts = self._read.concerts
        self._wanted = concerts[(self._read.at + step) % len(concerts)].id
        self._refresh()

    def action_pause(self) -> None:
        """Stop letting in, or go on; a queue that is not open at all is the admin's to open."""
        if self._read is None or self._read.view is None:
            return
        state = self._read.view.line.state
        if state == RECOVER:
            counter(self).tell(tr("the queue takes people back after a loss, and then opens"))
            return
        if state not in (OPEN, PAUSED):
            counter(self).tell(
                tr("the queue is {state}; an admin opens it", state=tr(state)), "warning"
            )
            return
        self._configure(tr("queue"), state=OPEN if state == PAUSED else PAUSED)

    def action_capacity(self) -> None:
        """Ask how many are to be admitted at once."""
        if self._read is None or self._read.view is None:
            return
        now = str(self._read.view.line.capacity)
        field = Field(name="capacity", words=tr("admitted at once"), value=now, check=_wrong_number)
        form = Form(tr("Capacity of the queue"), [field], accept=tr("Change"))
        self.app.push_screen(form, self._set_capacity)

    def _set_capacity(self, values: dict[str, str] | None) -> None:
        if values is not None:
            self._configure(tr("capacity"), capacity=int(values["capacity"]))

    def _configure(self, words: str, **changes: str | int) -> None:
        assert self._read is not None
        concert = str(self._read.concert.id)
        office = self.desk.office
        self.desk.change(
            self, words, lambda _: office.configure_queue(concert, **changes), QueueConfigured
        )

    def on_queue_configured(self, configured: QueueConfigured) -> None:
        """Show the change at once."""
        line = configured.line
        counter(self).tell(
            tr("queue {state}, {count} at once", state=tr(line.state), count=line.capacity)
        )
        self._refresh()


def _why_nobody(view: QueueView) -> str:
    """Say why nobody is named: nobody waits, or their order is not drawn yet."""
    if view.line.waiting:
        return tr("{count} in the draw at the start", count=view.line.waiting)
    return tr("nobody waiting")


def _wrong_number(text: str) -> str:
    digits = text.strip()
    fits = digits.isdecimal() and len(digits) <= CAPACITY_DIGITS_MAX and int(digits) > 0
    return "" if fits else tr("a whole number from 1")


def _halves(counted: dict[str, str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    pairs = list(counted.items())
    return pairs[:3], pairs[3:]
