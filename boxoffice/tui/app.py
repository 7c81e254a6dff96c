"""The counter as an application: modes, and what is the same on every screen.

How a screen is added
    1. List its actions in ``keys.py`` (``Action(id="group.name", ...)``).
    2. Subclass ``screen.CounterScreen``: ``BINDINGS = bindings("group.name", ...)``, a method
       ``action_name`` for each, ``compose_body`` and ``compose_side``; switch actions off with
       ``check_action`` and call ``refresh_bindings()`` when that changes. Footer, help,
       palette and docs/counter.md follow by themselves.
    3. Look and change through ``self.desk`` (see ``desk.py``): the answer arrives as a message
       of your own. CallRefused that you do not stop is shown by the app.
    4. ``self.show_facts(title=, date=, free=)`` fills the header; override ``go_back``,
       ``seats_held``, ``serve`` and ``commands`` where the screen has something to say.
    5. A mode's first screen goes into ``MODES``; others are pushed: ``app.push_screen(...)``.

From anywhere, ``counter(widget)`` is this app: ``.tell(words, "warning")`` for toasts, ``.desk``,
``.link``, ``.ascii_only``, ``.clerk``, ``.post_message(PerformanceChosen(7))`` to open a map,
``.tell_link("polling")`` for what a watcher of seats heard.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from rich.text import Text
from textual import events
from textual.app import App
from textual.reactive import reactive
from textual.widgets import Input

from boxoffice.core import errors
from boxoffice.core.audit import current_principal
from boxoffice.core.language import tr
from boxoffice.core.text import visible
from boxoffice.tui import left_behind, messages
from boxoffice.tui.actions import bindings
from boxoffice.tui.checking import Checking
from boxoffice.tui.desk import Desk
from boxoffice.tui.dialogs import EnterRepeats, Form, Question
from boxoffice.tui.doctor import DoctorScreen
from boxoffice.tui.help import HelpDialog
from boxoffice.tui.link import Link
from boxoffice.tui.orders.screen import OrdersScreen
from boxoffice.tui.palette import offered
from boxoffice.tui.pick import Pick
from boxoffice.tui.queue.screen import QueueScreen
from boxoffice.tui.screen import Command, CounterScreen, Fitting, too_small
from boxoffice.tui.sell.performances import PerformancesScreen
from boxoffice.tui.sell.screen import SellScreen
from boxoffice.tui.terminal.driver import forgiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType
    from textual.binding import BindingType
    from textual.notifications import SeverityLevel
    from textual.screen import Screen

    from boxoffice.core.config import Settings
    from boxoffice.tui.programme import Listed

OUTCOME_UNKNOWN = 7  # the exit code of the command line for it
MODE_ACTIONS = ("performances", "queue", "orders")
START, SELL = "start", "sell"
NOTES_MAX = 6


class CounterApp(App[int], inherit_bindings=False):
    """The counter; ``clock`` counts seconds and only tells repeats from presses."""

    CSS_PATH = "counter.tcss"
    ENABLE_COMMAND_PALETTE = False
    DEFAULT_MODE = START
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        START: DoctorScreen,
        SELL: PerformancesScreen,
        "queue": QueueScreen,
        "orders": OrdersScreen,
    }
    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "app.help",
        "app.palette",
        "app.performances",
        "app.queue",
        "app.orders",
        "app.focus_next",
        "app.back",
        "app.quit",
    )
    link: reactive[Link] = reactive(Link())

    def __init__(
        self,
        settings: Settings,
        *,
        performance: int | None = None,
        ascii_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.ascii_only = ascii_only
        self.clerk = visible(current_principal(settings.acting_role).name.replace(":", " "))
        self.programme: tuple[Listed, ...] = ()  # as last read, for the palette
        self.notes: list[str] = []  # what happened with seats and money, the newest last
        self.last_receipt: str | None = None
        self._performance = performance
        self._enter = EnterRepeats(clock)
        self._recent = messages.RecentWords(clock)
        super().__init__()
        self.driver_class = forgiving(self) or self.driver_class
        self.desk = Desk(self, settings)

    # --- input ---

    async def on_event(self, event: events.Event) -> None:
        """Follow the terminal's size, and drop keys that nobody can have meant."""
        if isinstance(event, events.Resize):
            for screen in self.screen_stack:
                if isinstance(screen, Fitting):
                    screen.fit(event.size)
        elif self._is_unmeant(event):
            return
        await super().on_event(event)

    def _is_unmeant(self, event: events.Event) -> bool:
        """Tell a key on a covered screen, and an Enter that a held key repeats.

        What is sent to a screen may act on the dialog that opens meanwhile, so that a repeat is
        dropped wherever it is heard.
        """
        if not isinstance(event, events.Key):
            return isinstance(event, events.MouseEvent) and too_small(self.size)
        if event.key == "enter" and not event.is_forwarded and self._enter.is_repeat():
            filling_in = isinstance(self.screen, Form) and isinstance(self.focused, Input)
            return not filling_in  # going from field to field is quick work
        return too_small(self.size) and event.key != "ctrl+q"

    # --- modes ---

    def on_examined(self) -> None:
        """Begin selling once both servers were seen, or somebody goes on without the queue."""
        self.switch_mode(SELL)
        if self._performance is not None:
            self.post_message(messages.PerformanceChosen(self._performance))
        self.call_later(left_behind.show, self)  # above the map that is being opened

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer the modes only once the start is over."""
        return not (action in MODE_ACTIONS and self.current_mode == START)

    async def action_performances(self) -> None:
        """Go to Sell; from its seat map back to the list."""
        if self.current_mode == SELL and len(self.screen_stack) > 1:
            await self.action_back()
        else:
            self.switch_mode(SELL)

    def action_queue(self) -> None:
        """Go to Queue."""
        self.switch_mode("queue")

    def action_orders(self) -> None:
        """Go to Orders."""
        self.switch_mode("orders")

    def on_performance_chosen(self, chosen: messages.PerformanceChosen) -> None:
        """Open the map of a performance, above the list of performances."""
        self.switch_mode(SELL)
        maps = [screen for screen in self.screen_stack if isinstance(screen, SellScreen)]
        if any(screen.performance == chosen.performance for screen in maps):
            return
        self._leave_maps(lambda: self._open_map(SellScreen(chosen.performance)))

    def on_hold_taken(self, taken: messages.HoldTaken) -> None:
        """Open the map with a cart that was kept for somebody."""
        order = taken.order
        self.switch_mode(SELL)
        self._leave_maps(lambda: self._open_map(SellScreen(order.performance, order)))

    def _leave_maps(self, go_on: Callable[[], None]) -> None:
        """Go on; a cart that is left behind is released, after a question."""
        maps = [screen for screen in self.screen_stack if isinstance(screen, SellScreen)]
        held = sum(screen.seats_held() for screen in maps)
        if not held:
            go_on()
            return

        def answered(leave: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if leave:
                for screen in maps:
                    screen.abandon()
                go_on()

        question = Question[bool](
            tr("Release the cart?"),
            [tr("{count} seats are held and not paid", count=held)],
            safe=tr("Stay"),
            choices={tr("Release and go on"): True},
        )
        self.push_screen(question, answered)

    def _open_map(self, screen: SellScreen) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def on_customer_chosen(self, chosen: messages.CustomerChosen) -> None:
        """Sell to somebody: the screen of Sell that is open knows where."""
        self.switch_mode(SELL)
        screen = self.screen
        if isinstance(screen, CounterScreen):
            screen.serve(chosen)

    def on_order_sought(self, sought: messages.OrderSought) -> None:
        """Look for an order, in Orders."""
        self.switch_mode("orders")
        self.call_later(self._seek, sought.text)

    def _seek(self, text: str) -> None:
        if isinstance(self.screen, OrdersScreen):
            self.screen.seek(text)

    async def action_back(self) -> None:
        """Put errors away, or go back one level: in the screen, of screens, to Sell."""
        if any(toast.severity == "error" for toast in self._notifications):
            self.clear_notifications()
            return
        screen = self.screen
        if isinstance(screen, CounterScreen) and screen.go_back():
            return
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self.current_mode not in (START, SELL):
            self.switch_mode(SELL)

    # --- help, palette, quitting ---

    def action_help(self) -> None:
        """Show what the keys do now."""
        self.push_screen(HelpDialog(self.screen))

    def action_palette(self) -> None:
        """Offer everything that can be done now, by name."""
        self.push_screen(Pick[Command](tr("What is to be done?"), offered(self)), self._run_command)

    def _run_command(self, command: Command | None) -> None:
        if command is not None:
            self.call_later(command.run)

    def screens(self) -> Iterator[CounterScreen]:
        """Yield the screens of every mode that was opened."""
        for stack in self._screen_stacks.values():
            yield from (screen for screen in stack if isinstance(screen, CounterScreen))

    async def action_quit(self) -> None:
        """Leave, after a question while seats are held or a change is under way."""
        held = sum(screen.seats_held() for screen in self.screens())
        reasons = [tr("{count} seats are held and not paid", count=held)] if held else []
        if self.desk.busy:
            reasons.append(tr("a change is still under way"))
        if not reasons:
            self.exit(0)
            return
        question = Question[bool](
            tr("Leave the counter?"), reasons, safe=tr("Stay"), choices={tr("Leave"): True}
        )
        self.push_screen(question, lambda leave: self.exit(0) if leave else None)

    def exit(
        self,
        result: int | None = None,
        return_code: int = 0,
        message: RenderableType | None = None,
    ) -> None:
        """Leave; where an outcome is unknown, say how to learn it once the screen is gone."""
        outcomes = self.open_outcomes()
        if outcomes and message is None:
            message = Text(outcomes)
            return_code = return_code or OUTCOME_UNKNOWN
        super().exit(result, return_code, message)

    def open_outcomes(self) -> str:
        """Say how to learn what became of changes in doubt; nothing where there are none."""
        lines = [f"{what}: boxoffice status {key}" for key, what in self.desk.unknown.items()]
        return "\n".join([tr("It may or may not have happened:"), *lines]) if lines else ""

    # --- telling ---

    def note(self, words: str) -> None:
        """Remember what happened with seats and money, for the side panel."""
        self.notes = [*self.notes, f"{self._now():%H:%M} {words}"][-NOTES_MAX:]

    def tell(self, words: str, severity: SeverityLevel = "information") -> None:
        """Show a toast: information 3 s, warning 6 s, an error until Esc; the same words once."""
        if self._recent.is_news(f"{severity} {words}"):
            self.notify(
                "\n".join(map(visible, words.splitlines())),
                severity=severity,
                timeout=messages.TOAST_SECONDS[severity],
                markup=False,
            )

    def on_call_refused(self, refused: messages.CallRefused) -> None:
        """Say what was refused, and what would help."""
        lost = isinstance(refused.error, errors.Unavailable | errors.Unknown)
        self.tell(refused.text, "error" if lost else "warning")

    def on_bug_met(self, met: messages.BugMet) -> None:
        """Say what cannot be right, and how to learn whether a change happened."""
        place = met.error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        lines = [tr("a bug: {kind} at {place}", kind=type(met.error).__name__, place=where)]
        if met.key:
            lines += ["", tr("do not repeat it before asking what became of it:")]
            lines.append(f"boxoffice status {met.key}")
        self.push_screen(Question[None](met.words, lines, safe=tr("Go on"), choices={}))

    # --- the link and the outcomes of changes ---

    def on_link_seen(self, seen: messages.LinkSeen) -> None:
        """Remember whether the servers answer."""
        self.link = self.link.after(seen.error, self._now())

    def tell_link(self, state: str) -> None:
        """Take over what a watcher of seats heard: live, polling or offline."""
        self.link = self.link.told(state, self._now())

    def hear_queue(self) -> None:
        """Take over that the queue has answered."""
        self.link = self.link.after_queue()

    def _now(self) -> datetime:
        return datetime.now(ZoneInfo(self.settings.time_zone))

    def on_change_ended(self, ended: messages.ChangeEnded) -> None:
        """Hand its answer over and begin the next change."""
        self.desk.hand_over(ended)

    def on_outcome_opened(self, opened: messages.OutcomeOpened) -> None:
        """Block everything until it is known what became of a change."""
        self.push_screen(Checking(opened.key, opened.words))

    def on_outcome_settled(self, settled: messages.OutcomeSettled) -> None:
        """Go on, and say how it ended."""
        for screen in self.screen_stack:
            if isinstance(screen, Checking) and screen.key == settled.key:
                screen.settle()
        if settled.done:
            self.tell(tr("{what}: checked, it was done once", what=settled.words))
        else:
            self.tell(tr("{what}: checked, it was not done", what=settled.words), "warning")
