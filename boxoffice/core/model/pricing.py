"""The nouns of prices and of seats that the house keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations

from boxoffice.core.model.booking import Money  # noqa: TC001

# What everybody pays whom nothing else is said of; the database has the same word.
ORDINARY = "adult"
BLOCK_KINDS = ("house", "technical", "companion")


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPrice:
    """What a seat of a category costs somebody of a price type."""

    category: str
    type: str
    price: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """All prices of a performance, by category, the ordinary one first."""

    performance: int
    prices: tuple[CategoryPrice, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatBlock:
    """A seat that the house keeps, ``until`` a time where there is one."""

    seat: str
    kind: str  # one of BLOCK_KINDS
    until: datetime | None
    note: str | None
    section: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedSeats:
    """Seats just blocked."""

    performance: int
    seats: tuple[str, ...]
    kind: str
    until: datetime | None
    note: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblockedSeats:
    """Seats just given back to the sale; those that were not blocked are not named."""

    performance: int
    seats: tuple[str, ...]
    replayed: bool = False
