"""The nouns of tickets and of the doors where they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations

from boxoffice.core.model.booking import Money  # noqa: TC001


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A seat that is paid, and the code that whoever sits there comes in with."""

    code: str
    reservation: str
    concert: int
    concert_name: str
    venue: str
    performance: int
    date: datetime
    seat: str
    section: str
    row: str
    price_type: str
    price: Money
    user: int
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTicket:
    """A sold seat, and when and where somebody came in with its ticket.

    The code is there only where an admin asked for it.
    """

    seat: str
    section: str
    row: str
    price_type: str
    reservation: str
    user: int
    checked_in_at: datetime | None
    gate: str | None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """Somebody who just came in; where a door had no network, the time is that of its clock."""

    performance: int
    reservation: str
    seat: str
    section: str
    row: str
    price_type: str
    checked_in_at: datetime
    gate: str | None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorTicket:
    """A ticket as a list for a door without network has it: not its code, but the code's hash.

    The state is `valid`, `used` (before the list was made) or `cancelled`.
    """

    hash: str
    state: str
    seat: str
    section: str
    row: str
    price_type: str
    checked_in_at: datetime | None = None
    gate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorList:
    """The tickets of a performance as they were at a time, for a door without network."""

    performance: int
    concert: str
    venue: str
    date: datetime
    made_at: datetime
    tickets: tuple[DoorTicket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEntry:
    """A line of a door's journal: who came in, by the hash of the code, when and where."""

    hash: str
    at: datetime
    gate: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedCheckIn:
    """What became of a line of a door's journal.

    The state is `recorded`, `known` (recorded by an upload before), `used` (somebody else came in
    with the same ticket, then and there as told), `cancelled` or `unknown`.
    """

    state: str
    seat: str | None
    at: datetime
    gate: str | None
    first_at: datetime | None = None
    first_gate: str | None = None
