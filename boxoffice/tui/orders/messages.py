"""What happened to orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from boxoffice.core.model import CancelledReservation, Exchange, Order
    from boxoffice.tui.orders.exchange import Plan


class OrdersFound(Message):
    """A search ended."""

    def __init__(self, orders: list[Order]) -> None:
        super().__init__()
        self.orders = orders


class OrderRead(Message):
    """One order was read again, before something is done with it; ``purpose`` says what."""

    def __init__(self, order: Order, purpose: str) -> None:
        super().__init__()
        self.order, self.purpose = order, purpose


class ExchangePlanned(Message):
    """The hall of an order that is to be exchanged was read."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


class OrderCancelled(Message):
    """An order was cancelled."""

    def __init__(self, cancelled: CancelledReservation) -> None:
        super().__init__()
        self.cancelled = cancelled


class OrderExchanged(Message):
    """An order was exchanged for another."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
