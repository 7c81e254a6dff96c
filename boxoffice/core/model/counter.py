"""The nouns of the counter: seat maps, carts and tenders, orders, and the queue as staff see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations
from typing import TYPE_CHECKING

from boxoffice.core.model.booking import (  # noqa: TC001 - the same
    CancelledReservation,
    Line,
    Money,
    PaidReservation,
)
from boxoffice.core.model.pricing import ORDINARY

if TYPE_CHECKING:
    from collections.abc import Sequence

TENDERS = ("balance", "cash", "card", "complimentary")
WHEELCHAIR, COMPANION, OBSTRUCTED = 1, 2, 4
FREE, HELD, SOLD, BLOCKED = b"fhsb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Something of a hall that is no seat and has a name, as a bar: its middle in map units."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatMap:
    """A performance and its hall; seats are counted from 0 in plan order, prices in minor units.

    ``attributes`` has a byte a seat: WHEELCHAIR, COMPANION and OBSTRUCTED, added up.
    ``type_prices`` are those of other price types, None where a category has none.
    ``focal`` is where the best seats are near, in the map units of ``xs`` and ``ys``; ``areas``
    are what else the plan names, but for the stage.
    """

    performance: int
    concert: int
    concert_name: str
    venue: str
    date: datetime
    time_zone: str
    sale_opens: datetime
    sale_closes: datetime
    currency: str
    sections: tuple[str, ...]
    rows: tuple[str, ...]
    row_sections: tuple[int, ...]
    categories: tuple[str, ...]
    prices: tuple[int, ...]
    labels: tuple[str, ...]
    numbers: tuple[str, ...]
    seat_rows: Sequence[int]
    seat_categories: Sequence[int]
    xs: Sequence[float]
    ys: Sequence[float]
    attributes: bytes
    focal: tuple[float, float]
    indexes: dict[str, int] = field(repr=False, compare=False)
    type_prices: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    areas: tuple[Area, ...] = ()

    def index_of(self, label: str) -> int | None:
        """Return which seat has a label, or None."""
        return self.indexes.get(label)

    def price(self, seat: int, price_type: str = ORDINARY) -> int | None:
        """Return what a seat costs somebody, in minor units; None where there is no such price."""
        amounts = self.prices if price_type == ORDINARY else self.type_prices.get(price_type)
        return None if amounts is None else amounts[self.seat_categories[seat]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatStates:
    """How every seat of a performance stands: a letter (FREE, HELD, SOLD, BLOCKED) and a version.

    A seat's version grows by one with every change, so their sum is the map's own version.
    """

    states: bytes
    versions: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsRead:
    """The states of all seats as just read, a letter each."""

    states: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsChanged:
    """What changed since: seats by index and their letters now."""

    changes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged:
    """How a watcher hears of changes from now on."""

    state: str  # live, polling, offline


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSeats:
    """The best seats for a group, the step (1 to 4) that found them, and that step in words."""

    seats: tuple[str, ...]
    step: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """How a payment is made.

    ``received`` is the cash handed over, in minor units; ``note`` is the reference of a card
    payment, or why tickets are complimentary; ``total`` is what was agreed, in minor units: a
    reservation that costs something else by now is not paid.
    """

    kind: str  # one of TENDERS
    note: str | None = None
    received: int | None = None
    total: int | None = None


BALANCE = Tender(kind="balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Seats exchanged for others; ``difference`` is what the customer adds, below zero: gets."""

    cancelled: CancelledReservation
    paid: PaidReservation
    difference: Money
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A reservation with all that a counter needs to know of it.

    ``prices``, in minor units, and price ``types`` go with ``seats``.
    """

    reservation: str
    payment: str
    user: int
    user_name: str
    concert: int
    concert_name: str
    venue: str
    performance: int
    date: datetime
    seats: tuple[str, ...]
    prices: tuple[int, ...]
    types: tuple[str, ...]
    state: str  # held, paid, cancelled, expired
    total: Money
    tender: str
    received: Money | None
    note: str | None
    hold_name: str | None
    hold_note: str | None
    held_until: datetime
    created_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody with an account, as found by name."""

    user: int
    name: str
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """Somebody in a queue: waiting at ``position`` (from 1), or admitted ``until`` a time."""

    user: int
    name: str
    position: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """The queue of a concert as staff see it; the first people of it by name.

    ``wait_seconds`` is how long somebody who joins now would wait, None when unknown.
    """

    line: Line
    wait_seconds: int | None
    held_seats: int
    waiting: tuple[Waiter, ...]
    admitted: tuple[Waiter, ...]
