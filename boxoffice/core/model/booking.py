"""The nouns of queueing, looking and booking.

Their field names are the JSON fields of the command line, so renaming one is a breaking
change. Money counts the currency's minor unit; times carry an offset.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations
from typing import Any

# The customer of a sale without an account; the database knows this user by the same number.
WALK_IN = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in the minor unit of its currency (won, cents)."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: a customer by the token of a place in the queue, or staff for a user."""

    token: str | None = None
    stub: str | None = None  # gives the token's place back should the queue have lost it
    staff: bool = False
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """Seats by label to be held for a user, by staff, as one of many."""

    performance: int
    seats: tuple[str, ...]
    user: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """A reservation to be paid from the balance of its user, by staff, as one of many."""

    reservation: str
    user: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who can have a balance and reservations."""

    user: int
    name: str
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A venue as imported; ``skipped`` says what of the plan was not taken."""

    venue: int
    name: str
    seats: int
    sections: int
    categories: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """One dated showing of a concert; ``price_types`` are those beside the ordinary one."""

    performance: int
    date: datetime
    sale_opens: datetime
    sale_closes: datetime
    total_seats: int
    free_seats: int
    price_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concert:
    """A concert in one line: where, when, how much, how many seats are free."""

    id: int
    name: str
    venue: str
    performances: int
    first_date: datetime | None
    last_date: datetime | None
    on_sale: bool
    free_seats: int
    price_from: Money | None
    price_to: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcertDetail(Concert):
    """A concert with all its performances."""

    dates: tuple[Performance, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedPerformance(Performance):
    """A performance just made, or made before under the same key."""

    concert: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat of one performance; ``seat`` is the label that ``reserve`` takes."""

    seat: str
    section: str
    row: str
    number: str
    category: str
    price: Money
    state: str  # free, held, sold, blocked
    block: str | None = None  # why it is blocked, for staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the queue of a concert, or the admission it became.

    ``position`` counts from 1 and, like ``ahead``, is None when admitted and before a draw;
    ``wait_seconds`` is None when unknown. ``stub`` is told when a place is taken, and a
    fresh one now and then by a poll: with the token it gives the place back should Redis lose it.
    """

    concert: int
    user: int
    state: str  # waiting, admitted
    position: int | None
    ahead: int | None
    wait_seconds: int | None
    poll_seconds: float
    admitted_until: datetime | None
    token: str
    stub: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The draw of a concert's places: the seed's hash before, the seed after it was held.

    ``drawn`` counts the places in it once it was held, None where that is not known any more.
    """

    concert: int
    state: str  # of the queue
    commitment: str
    seed: str | None
    drawn: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A place in a queue that was given up."""

    concert: int
    user: int
    state: str  # left
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReservation:
    """Seats held for a user until ``held_until``, and the payment that waits.

    ``types`` are the price types that go with ``seats``, where not all of them are ordinary.
    """

    reservation: str
    performance: int
    seats: tuple[str, ...]
    total: Money
    state: str  # held
    held_until: datetime
    payment: str
    hold_name: str | None = None
    hold_note: str | None = None
    types: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidReservation:
    """A reservation just paid and the balance left.

    ``received`` and ``change`` are of a cash payment.
    """

    reservation: str
    payment: str
    state: str  # paid
    paid: Money
    balance: Money
    seats: tuple[str, ...]
    paid_at: datetime
    tender: str = "balance"
    received: Money | None = None
    change: Money | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledReservation:
    """A reservation just cancelled; ``refund`` is zero where nothing had been paid.

    It goes out as the payment came in: to the balance, in cash, to the card, or not at all.
    """

    reservation: str
    state: str  # cancelled
    refund: Money
    balance: Money
    tender: str = "balance"
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A reservation of a user as it stands now."""

    reservation: str
    concert: int
    concert_name: str
    performance: int
    date: datetime
    seats: tuple[str, ...]
    state: str  # held, paid, cancelled, expired
    total: Money
    held_until: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """Money added to a balance; ``entry`` is its ledger entry."""

    user: int
    charged: Money
    balance: Money
    entry: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One line of a balance's history."""

    entry: int
    type: str  # charge, use, refund
    amount: Money
    balance_after: Money
    reservation: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The balance of a user, with its history (newest first) where asked for."""

    user: int
    balance: Money
    history: tuple[LedgerEntry, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What became of an operation key; what is in progress has nothing to tell yet."""

    key: str
    state: str  # done, abandoned, in_progress
    command: str | None
    result: Any  # the noun that the command answered with, where it is done
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The queue of one concert in figures."""

    concert: int
    state: str  # closed, pre, open, paused, drain
    waiting: int
    admitted: int
    capacity: int
    rate_per_minute: int
    replayed: bool = False
