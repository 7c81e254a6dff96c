"""The nouns of administration: what stands in the programme, and what was changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations

from boxoffice.core.model.booking import Money  # noqa: TC001 - the same


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVenue:
    """A venue as staff see it."""

    id: int
    name: str
    time_zone: str
    seats: int
    sections: int
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedConcert:
    """A concert as staff see it, on sale or not; ``performances`` are those not cancelled."""

    id: int
    name: str
    venue: str
    currency: str
    performances: int
    cancelled: int
    first_date: datetime | None
    last_date: datetime | None
    on_sale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerformance:
    """A performance as staff see it, whatever became of it, with its seats counted."""

    performance: int
    state: str  # announced, open, closed, cancelled
    date: datetime
    sale_opens: datetime
    sale_closes: datetime
    total_seats: int
    free_seats: int
    held_seats: int
    sold_seats: int
    blocked_seats: int
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPerformance:
    """A performance whose date or sale window was set anew."""

    performance: int
    concert: int
    date: datetime
    sale_opens: datetime
    sale_closes: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The performances made from a file, in its order, and how many seats they have."""

    performances: tuple[int, ...]
    seats: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """What was given back in one way: ``by`` is the tender that it was paid with."""

    by: str  # balance, cash, card, complimentary
    reservations: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledPerformance:
    """A performance called off: holds released, payments refunded the way they were made.

    The state is ``cancelling`` until all of them are: the same key goes on.
    """

    performance: int
    state: str  # cancelled, cancelling
    cancelled_at: datetime
    released: int
    refunded: int
    refunds: tuple[Refunded, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledConcert:
    """A concert called off: each of its performances still to come."""

    concert: int
    performances: tuple[int, ...]
    state: str  # cancelled, cancelling
    released: int
    refunded: int
    refunds: tuple[Refunded, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedBalance:
    """A balance that an admin credited, or debited where ``corrected`` is below zero."""

    user: int
    corrected: Money
    balance: Money
    entry: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymisedUser:
    """A user whose name is forgotten; reservations and ledger stay with the number.

    ``holds`` counts the reservations that lost the name or note of a hold, ``places`` the
    places in queues that ended.
    """

    user: int
    name: str
    holds: int
    places: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus:
    """The queue of a concert: how it stands, and all of its settings as they are in force.

    ``wait_seconds`` is how long somebody who joins now would wait, None when unknown.
    """

    concert: int
    state: str  # closed, pre, open, paused, drain
    waiting: int
    admitted: int
    wait_seconds: int | None
    held_seats: int
    settings: dict[str, float]
