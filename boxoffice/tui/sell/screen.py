"""The seat map as the clerk uses it: everything together, and whom it is sold to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from boxoffice.core.language import money, tr
from boxoffice.core.text import visible
from boxoffice.tui.actions import bindings
from boxoffice.tui.dialogs import Field, Form, Question
from boxoffice.tui.pick import Entry, Pick
from boxoffice.tui.screen import counter
from boxoffice.tui.sell.messages import (
    BuyerChosen,
    CustomerAdded,
    CustomersFound,
    QueueSeen,
    QueueUnseen,
)
from boxoffice.tui.sell.paying import PayingScreen
from boxoffice.tui.sell.till import Buyer
from boxoffice.tui.words import short_list

if TYPE_CHECKING:
    from textual.binding import BindingType

    from boxoffice.core.model import HeldReservation, Order, QueueView
    from boxoffice.tui.messages import CustomerChosen
    from boxoffice.tui.sell.messages import MapRead

QUEUE_SECONDS = 5.0


class SellScreen(PayingScreen):
    """One performance, one cart, one customer at a time."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("sell.customer")

    def __init__(self, performance: int, order: Order | None = None) -> None:
        super().__init__(performance)
        self._queue: QueueView | None = None
        self._order = order  # a hold that becomes the cart

    def begin(self) -> None:
        """Follow the queue."""
        super().begin()
        self.set_interval(QUEUE_SECONDS, self._read_queue)

    def show_map(self, read: MapRead) -> None:
        """Take the cart over that was kept, and learn whose queue it is."""
        if self._order is not None:
            self.till.take_over(self._order)
            self._order = None
        super().show_map(read)
        if self.till.seats:
            self.view.go_to(self.indexes(self.till.seats)[0])
        self._read_queue()

    # --- the queue ---

    def _read_queue(self) -> None:
        if self.seat_map is None or not self.is_current:
            return
        office, concert = self.desk.office, self.seat_map.concert
        self.desk.read(
            self,
            tr("queue"),
            lambda: office.show_queue(concert),
            QueueSeen,
            group="queue",
            refused=lambda _: QueueUnseen(),
        )

    def on_queue_seen(self, seen: QueueSeen) -> None:
        """Say how many wait."""
        self._queue = seen.view
        counter(self).hear_queue()
        self.show_status()

    def on_queue_unseen(self) -> None:
        """Say nothing of a queue that cannot be asked."""
        self._queue = None
        self.show_status()

    def queue_words(self) -> str:
        """Say how many wait."""
        if self._queue is None:
            return ""
        return tr("{count} waiting", count=self._queue.line.waiting)

    # --- the customer ---

    def action_customer(self) -> None:
        """Ask whom the cart is sold to."""
        field = Field(name="name", words=tr("name or number; empty: walk-in"))
        form = Form(tr("Customer"), [field], accept=tr("Look up"))
        self.app.push_screen(form, self._look_up)

    def _look_up(self, values: dict[str, str] | None) -> None:
        if values is None:
            return
        typed, office = values["name"].strip(), self.desk.office
        if not typed:
            self._sell_to(Buyer())
            return
        self.desk.read(
            self,
            tr("customer"),
            lambda: office.find_users(typed),
            partial(CustomersFound, typed),
            group="customers",
        )

    def on_customers_found(self, found: CustomersFound) -> None:
        """Offer who was found, and to add who was not."""
        entries = [
            Entry(
                words=visible(one.name),
                value=Buyer(user=str(one.user), name=one.name),
                help=f"{one.user}  {money(one.balance)}",
            )
            for one in found.customers
        ]
        if not any(one.name == found.typed for one in found.customers):
            words = tr("add {name} as a new customer", name=visible(found.typed))
            entries.append(Entry(words=words, value=Buyer(user="", name=found.typed)))
        self.app.push_screen(Pick[Buyer](tr("Customer"), entries), self._take_buyer)

    def _take_buyer(self, buyer: Buyer | None) -> None:
        if buyer is None:
            return
        if buyer.user:
            self._sell_to(buyer)
            return
        office = self.desk.office
        self.desk.change(
            self,
            tr("new customer"),
            lambda key: office.add_user(buyer.name, key=key),
            CustomerAdded,
        )

    def on_customer_added(self, added: CustomerAdded) -> None:
        """Sell to the new customer."""
        self._sell_to(Buyer(user=str(added.user.user), name=added.user.name))

    def serve(self, customer: CustomerChosen) -> None:
        """Sell to somebody who was chosen elsewhere, maybe in the queue."""
        queued_for = customer.concert if customer.queued else None
        self._sell_to(Buyer(user=str(customer.user), name=customer.name, queued_for=queued_for))

    def _sell_to(self, buyer: Buyer) -> None:
        """Sell to somebody; a cart of somebody else goes to them only after a question."""
        if not self.till.seats or self.till.buyer.is_walk_in or self.till.buyer == buyer:
            self._give_cart(buyer)
            return
        name = visible(buyer.name) or tr("walk-in")
        question = Question[bool](
            tr("Give the cart of {former} to {name}?", former=self.buyer_words(), name=name),
            [short_list(self.till.seats)],
            safe=tr("Stay"),
            choices={tr("Give it"): True},
        )
        self.app.push_screen(question, lambda yes: self._give_cart(buyer) if yes else None)

    def _give_cart(self, buyer: Buyer) -> None:
        till = self.till

        def done(answer: HeldReservation | None) -> BuyerChosen:
            till.buyer = buyer
            return BuyerChosen(till.take(answer))

        self.desk.change(self, tr("customer"), partial(till.assign, buyer=buyer), done)

    def on_buyer_chosen(self) -> None:
        """Say whom the cart is sold to."""
        counter(self).tell(tr("sold to {name}", name=self.buyer_words()))
        self.show_all()
