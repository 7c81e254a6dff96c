"""The nouns of reports and exports: what docs/reports.md explains column by column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations
from typing import Any

from boxoffice.core.model.booking import Money  # noqa: TC001 - the same

SALES_BY = ("performance", "day", "hour", "clerk", "tender", "category", "price-type")
OCCUPANCY_BY = ("performance", "section", "category")
# Who acts in a report where no staff did.
CUSTOMERS = "customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesLine:
    """What was sold in one group and currency; complimentary tickets are counted apart.

    ``net`` and ``waived`` together are what the ledger's entries of these sales come to.
    """

    group: str
    group_name: str | None
    currency: str
    sold: int
    returned: int
    tickets: int
    complimentary: int
    gross: Money
    refunds: Money
    net: Money
    waived: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyLine:
    """How the seats of one group stand; ``percent`` of all of them are sold.

    ``venue`` is that of a section: another venue's may be called the same.
    """

    group: str
    group_name: str | None
    seats: int
    sold: int
    held: int
    blocked: int
    free: int
    checked_in: int
    percent: float
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLine:
    """What one clerk took and gave back by one tender; ``drawer`` is the cash to be found."""

    clerk: str
    tender: str  # one of TENDERS, or `charge`: paid into a balance
    currency: str
    sales: int
    takings: Money
    returns: int
    refunds: Money
    net: Money
    change: Money | None
    drawer: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReport:
    """The queue of a concert beside its seats; ``wait_seconds`` is null where nobody knows."""

    concert: int
    concert_name: str
    state: str  # closed, pre, open, paused, drain
    waiting: int
    admitted: int
    capacity: int
    rate_per_minute: int
    wait_seconds: int | None
    free_seats: int
    held_seats: int
    sold_seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit: who did what, for whom, and how it stood before."""

    entry: int
    at: datetime
    action: str
    clerk: str
    user: int | None
    user_name: str | None
    terminal: str | None
    key: str | None
    before: dict[str, Any] | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedReservation:
    """A reservation with all that an office needs of it; amounts in minor units."""

    reservation: str
    performance: int
    concert: str
    date: datetime
    user: int
    customer: str
    state: str  # held, paid, cancelled, expired
    seats: tuple[str, ...]
    price_types: tuple[str, ...]
    total: int
    currency: str
    tender: str | None
    created_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None
    hold_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEntry:
    """An entry of the ledger; ``amount`` in minor units, ``effect`` is what it did to the house.

    The sum of ``effect`` over one house account is that account's balance.
    """

    entry: int
    at: datetime
    type: str  # charge, use, refund, credit, debit
    user: int
    house_account: str
    tender: str
    amount: int
    effect: int
    currency: str
    balance_after: int
    performance: int | None
    reservation: str | None
