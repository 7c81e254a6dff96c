"""What happens while somebody sells: one message a fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.model import (
        Balance,
        Charge,
        Customer,
        HeldReservation,
        Order,
        PaidReservation,
        QueueView,
        SeatMap,
        SeatStates,
        User,
    )
    from boxoffice.tui.programme import Listed
    from boxoffice.tui.sell.till import Chosen


class ProgrammeRead(Message):
    """What is on sale was read."""

    def __init__(self, programme: tuple[Listed, ...]) -> None:
        super().__init__()
        self.programme = programme


class MapRead(Message):
    """A hall was read, and how its seats stand."""

    def __init__(self, seat_map: SeatMap, states: SeatStates) -> None:
        super().__init__()
        self.seat_map, self.states = seat_map, states


class PricesRead(Message):
    """The prices of a hall were read again, and what the seats of the cart cost."""

    def __init__(self, seat_map: SeatMap, order: Order) -> None:
        super().__init__()
        self.seat_map, self.order = seat_map, order


class SeatsTold(Message, bubble=False):
    """The watch has something to tell; it waits in the inbox."""


class WatchEnded(Message, bubble=False):
    """The watch cannot go on."""

    def __init__(self, error: BoxOfficeError) -> None:
        super().__init__()
        self.error = error


class ClockRead(Message):
    """The server's time, in seconds since the epoch, at a moment of our own clock."""

    def __init__(self, server: float, own: float) -> None:
        super().__init__()
        self.server, self.own = server, own


class ClockUnread(Message, bubble=False):
    """The server's time cannot be read now; the link in the header says why."""


class QueueSeen(Message):
    """The queue of the concert was read."""

    def __init__(self, view: QueueView) -> None:
        super().__init__()
        self.view = view


class QueueUnseen(Message):
    """The queue cannot be asked now."""


class CartChanged(Message):
    """The cart is this now (None: empty).

    ``labels`` are the seats that were asked for, ``chosen`` those that the server chose.
    """

    def __init__(
        self, held: HeldReservation | None, labels: Sequence[str], chosen: Chosen | None
    ) -> None:
        super().__init__()
        self.held, self.labels, self.chosen = held, tuple(labels), chosen


class HoldKept(Message):
    """The cart is held for somebody, for long."""

    def __init__(self, held: HeldReservation) -> None:
        super().__init__()
        self.held = held


class SeatsRefused(Message):
    """Seats that were asked for could not be had, or given back."""

    def __init__(self, words: str, error: BoxOfficeError, labels: Sequence[str]) -> None:
        super().__init__()
        self.words, self.error, self.labels = words, error, tuple(labels)


class CartCompared(Message):
    """What the server says of the cart after it was away."""

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order


class BuyerChosen(Message):
    """Somebody else is sold to from now on, the cart (None: empty) with it."""

    def __init__(self, held: HeldReservation | None) -> None:
        super().__init__()
        self.held = held


class CustomersFound(Message):
    """Customers whose names hold what was typed."""

    def __init__(self, typed: str, customers: list[Customer]) -> None:
        super().__init__()
        self.typed, self.customers = typed, customers


class CustomerAdded(Message):
    """Somebody has an account now."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


class BalanceRead(Message):
    """The balance of whoever is sold to, before the question how it is paid."""

    def __init__(self, balance: Balance) -> None:
        super().__init__()
        self.balance = balance


class ToppedUp(Message):
    """Money was added to the balance of whoever is sold to."""

    def __init__(self, charge: Charge) -> None:
        super().__init__()
        self.charge = charge


class Paid(Message):
    """The cart is paid."""

    def __init__(self, paid: PaidReservation) -> None:
        super().__init__()
        self.paid = paid


class PaymentRefused(Message):
    """Nothing was charged."""

    def __init__(self, error: BoxOfficeError) -> None:
        super().__init__()
        self.error = error


class PlaceEnded(Message, bubble=False):
    """The customer's place in the queue is over, as far as the queue can be reached."""


class ReceiptRead(Message):
    """An order was read, to show its receipt, and with ``save`` to write it into a file."""

    def __init__(self, order: Order, *, save: bool = False) -> None:
        super().__init__()
        self.order, self.save = order, save
