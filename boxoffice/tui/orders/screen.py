"""The mode Orders."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static

from boxoffice.core.language import tr
from boxoffice.core.model import Caller
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Question
from boxoffice.tui.messages import HoldTaken
from boxoffice.tui.orders import messages, telling
from boxoffice.tui.orders.exchange import REFERENCE, SEATS, Plan
from boxoffice.tui.receipt import ReceiptDialog
from boxoffice.tui.screen import CounterScreen
from boxoffice.tui.table import Table
from boxoffice.tui.words import customer_name

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from boxoffice.core.model import Order

CANCEL, EXCHANGE, RECEIPT, DETAILS = "cancel", "exchange", "receipt", "details"
SELL = "sell"


class OrdersScreen(CounterScreen):
    """Finds orders and does with one what a customer asks for."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "orders.details",
        "orders.find",
        "orders.sell",
        "orders.receipt",
        "orders.cancel",
        "orders.exchange",
    )
    AUTO_FOCUS = "Table"

    def __init__(self) -> None:
        super().__init__()
        self._orders: dict[str, Order] = {}
        self._text = ""
        self._searched = False

    def compose_body(self) -> ComposeResult:
        """Yield the line to search by, and what it found."""
        with Horizontal(classes="field"):
            yield Label(f" {tr('find')}  ", markup=False)
            yield Input(placeholder=tr("reservation, name or seat"), id="wanted", compact=True)
        yield Static("", id="nothing", classes="empty", markup=False)
        yield Table(
            tr("reservation"),
            tr("state"),
            tr("name"),
            tr("seats"),
            tr("total"),
            tr("date"),
            tr("concert"),
            id="orders",
        )

    def compose_side(self) -> ComposeResult:
        """Yield the details of the order under the cursor."""
        with VerticalScroll(can_focus=False):
            yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        """Show the newest orders."""
        self.show_facts(title=tr("orders"))
        self._find("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer what can be done with the order under the cursor."""
        order = self._chosen
        if action in (DETAILS, RECEIPT):
            return order is not None
        if action == CANCEL:
            return order is not None and order.state in (telling.HELD, telling.PAID)
        if action == SELL:  # a cart without a name is in somebody's hands
            return order is not None and order.state == telling.HELD and bool(order.hold_name)
        if action == EXCHANGE:
            return order is not None and order.state == telling.PAID
        return True

    # --- finding ---

    def action_find(self) -> None:
        """Type what to find."""
        self.query_one("#wanted", Input).focus()

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Find, and go to what is found."""
        self._searched = True
        self._find(submitted.value)

    def seek(self, text: str) -> None:
        """Find something that was typed elsewhere."""
        self.query_one("#wanted", Input).value = text
        self._searched = True
        self._find(text)

    def _find(self, text: str) -> None:
        self._text = text
        office = self.desk.office
        self.desk.read(
            self,
            tr("orders"),
            lambda: office.find_orders(text),
            messages.OrdersFound,
            group="orders",
        )

    def on_orders_found(self, found: messages.OrdersFound) -> None:
        """Show what was found, and go to it."""
        self._orders = {order.reservation: order for order in found.orders}
        table, nothing = self.query_one(Table), self.query_one("#nothing", Static)
        lines = {name: telling.order_line(order) for name, order in self._orders.items()}
        table.show(lines)
        table.display = bool(lines)
        nothing.display = not lines
        nothing.update(self._nothing_words())
        if lines and (self._searched or self.focused is None):
            table.focus()
        self._searched = False
        self._draw_details()

    def _nothing_words(self) -> str:
        if not self._text:
            return tr("no orders yet")
        return tr("nothing found for {text}", text=visible(self._text))

    def go_back(self) -> bool:
        """Go from the search to the list, and from what was found to the newest orders."""
        if isinstance(self.focused, Input) and self._orders:
            self.query_one(Table).focus()
            return True
        if self._text:
            self.query_one("#wanted", Input).value = ""
            self._find("")
            return True
        return False

    @property
    def _chosen(self) -> Order | None:
        name = self.query_one(Table).chosen if self.is_mounted else None
        return self._orders.get(name) if name else None

    def on_data_table_row_highlighted(self) -> None:
        """Show the order under the cursor."""
        self._draw_details()

    def _draw_details(self) -> None:
        order = self._chosen
        lines = telling.details(order) if order else []
        self.query_one("#details", Static).update("\n".join(lines))
        self.refresh_bindings()

    # --- one order, read again before anything is done with it ---

    def action_details(self) -> None:
        """Show all of the order."""
        self._read(DETAILS)

    def action_receipt(self) -> None:
        """Show its receipt."""
        self._read(RECEIPT)

    def action_sell(self) -> None:
        """Take seats that were held for somebody into the cart."""
        self._read(SELL)

    def action_cancel(self) -> None:
        """Cancel it, after a question."""
        self._read(CANCEL)

    def _read(self, purpose: str) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        name, office = chosen.reservation, self.desk.office
        self.desk.read(
            self,
            name,
            lambda: office.show_order(name),
            partial(messages.OrderRead, purpose=purpose),
            group="order",
        )

    def on_order_read(self, read: messages.OrderRead) -> None:
        """Do what the order was read for."""
        order = read.order
        if read.purpose == RECEIPT:
            self.app.push_screen(ReceiptDialog(order))
        elif read.purpose == SELL:
            self.post_message(HoldTaken(order))
        elif read.purpose == CANCEL:
            self._ask_cancel(order)
        else:
            lines = telling.details(order)
            self.app.push_screen(Question[None](lines[0], lines[1:], safe=tr("Back"), choices={}))

    # --- cancelling ---

    def _ask_cancel(self, order: Order) -> None:
        seats = tr("seats {seats}", seats=" ".join(order.seats))
        question = Question[bool](
            tr("Cancel {reservation}?", reservation=order.reservation),
            [f"{visible(customer_name(order))}, {seats}", "", telling.refund_words(order)],
            safe=tr("Keep it"),
            choices={tr("Cancel it"): True},
        )
        self.app.push_screen(question, lambda yes: self._cancel(order) if yes else None)

    def _cancel(self, order: Order) -> None:
        office, caller = self.desk.office, _for(order)
        self.desk.change(
            self,
            tr("cancel {reservation}", reservation=order.reservation),
            lambda key: office.cancel(order.reservation, caller, key=key),
            messages.OrderCancelled,
        )

    def on_order_cancelled(self, done: messages.OrderCancelled) -> None:
        """Say what is to be given back."""
        cancelled = done.cancelled
        self._find(self._text)
        title = tr("{reservation} is cancelled", reservation=cancelled.reservation)
        lines = [telling.refunded_words(cancelled)]
        self.app.push_screen(Question[None](title, lines, safe=tr("Done"), choices={}))

    # --- exchanging ---

    def action_exchange(self) -> None:
        """Exchange its seats: first read what the others cost."""
        chosen = self._chosen
        if chosen is None:
            return
        name, office = chosen.reservation, self.desk.office
        performance = chosen.performance
        self.desk.read(
            self,
            name,
            lambda: Plan(
                order=office.show_order(name),
                hall=office.seat_map(performance),
                states=office.seat_states(performance),
            ),
            messages.ExchangePlanned,
            group="order",
        )

    def on_exchange_planned(self, planned: messages.ExchangePlanned) -> None:
        """Ask for the new seats, then whether the money is right."""
        plan = planned.plan
        self.app.push_screen(plan.form(), lambda values: self._ask_exchange(plan, values))

    def _ask_exchange(self, plan: Plan, values: dict[str, str] | None) -> None:
        if values is None:
            return
        labels, _ = plan.labels(values[SEATS])
        question = Question[bool](
            tr("Exchange {reservation}?", reservation=plan.order.reservation),
            [
                f"{' '.join(plan.order.seats)} -> {' '.join(labels)}",
                "",
                plan.difference_words(labels),
            ],
            safe=tr("Back"),
            choices={tr("Exchange"): True},
        )
        reference = values.get(REFERENCE, "")
        self.app.push_screen(
            question, lambda yes: self._exchange(plan, labels, reference) if yes else None
        )

    def _exchange(self, plan: Plan, labels: list[str], reference: str) -> None:
        order, office = plan.order, self.desk.office
        caller, tender = _for(order), plan.tender(labels, reference)
        self.desk.change(
            self,
            tr("exchange {reservation}", reservation=order.reservation),
            lambda key: office.exchange(
                order.reservation,
                caller,
                seats=labels,
                types=plan.types(labels),
                key=key,
                tender=tender,
            ),
            messages.OrderExchanged,
        )

    def on_order_exchanged(self, done: messages.OrderExchanged) -> None:
        """Say what is to be collected or given back, and which order it is now."""
        self._find(self._text)
        paid = done.exchange.paid
        title = tr("Exchanged: now {reservation}", reservation=paid.reservation)
        lines = [" ".join(paid.seats), "", telling.exchanged_words(done.exchange)]
        self.app.push_screen(Question[None](title, lines, safe=tr("Done"), choices={}))


def _for(order: Order) -> Caller:
    return Caller(staff=True, user=str(order.user))
