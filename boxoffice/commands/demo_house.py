"""The world of the demo: a theatre, three evenings, and guests who have bought a part of them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from boxoffice.commands import people
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from boxoffice.core.model import Caller, CreatedPerformance, Seat
    from boxoffice.core.office import Office

CONCERT = "Winter Nights"
PRICES = {"VIP": 154_000, "R": 132_000, "S": 99_000, "A": 66_000}
DAYS_AHEAD = (30, 31, 32)
SOLD_SHARES = (0.55, 0.25, 0.05)
GUESTS = 20
GUEST_BALANCE = 10_000_000
PARTY_SEATS_MIN, PARTY_SEATS_MAX = 2, 9
CUSTOMERS = ("mina", "joon")
CROWD = ("early-bird", "night-owl")


def make(office: Office, tell: Callable[[str], None]) -> list[CreatedPerformance]:
    """Make what is missing: every step has a key of its own, so a second run finds it done."""
    from boxoffice.core.examples import EXAMPLES
    from boxoffice.core.plans import write_plan

    file = io.BytesIO()
    write_plan(EXAMPLES["theatre"](), file)
    file.seek(0)
    venue = office.import_venue(file, key="demo-venue")
    tell(
        tr(
            "{venue}: {seats} seats in {sections} sections",
            venue=venue.name,
            seats=venue.seats,
            sections=venue.sections,
        )
    )
    office.create_concert(CONCERT, venue.name, key="demo-concert")
    guests = [f"guest-{number:02}" for number in range(1, GUESTS + 1)]
    for name in (*CUSTOMERS, *CROWD, *guests):
        office.add_user(name, key=f"demo-user-{name}")
    nights = [_make_night(office, days) for days in DAYS_AHEAD]
    for night, share in zip(nights, SOLD_SHARES, strict=True):
        if not night.replayed:
            _sell_some(office, night, guests, share, tell)
    return nights


def _make_night(office: Office, days: int) -> CreatedPerformance:
    from zoneinfo import ZoneInfo

    today = datetime.now(ZoneInfo(office.settings.time_zone)).date()
    date = today + timedelta(days=days)
    return office.create_performance(
        CONCERT,
        datetime.fromisoformat(f"{date}T19:30"),
        prices=PRICES,
        key=f"demo-night-{date}",
    )


def _sell_some(
    office: Office,
    night: CreatedPerformance,
    guests: Sequence[str],
    share: float,
    tell: Callable[[str], None],
) -> None:
    """Sell a share of the house to guests in parties, the better seats first."""
    from random import Random

    chance = Random(night.performance)  # noqa: S311 - the same house every time
    seats = office.list_seats(night.performance, _staff(None))
    wanted = int(share * len(seats))
    sold = 0
    for number, party in enumerate(_parties(seats, chance)):
        if sold >= wanted:
            break
        guest = guests[number % len(guests)]
        caller = _staff(guest)
        key = f"demo-{night.performance}-{number}"
        held = office.reserve(night.performance, caller, seats=party, key=f"{key}-reserve")
        if office.balance(guest).balance.amount < held.total.amount:
            office.charge(GUEST_BALANCE, guest, key=f"{key}-charge")
        office.pay(held.reservation, caller, key=f"{key}-pay")
        sold += len(party)
    tell(
        tr(
            "{evening}: {sold} of {seats} seats sold",
            evening=people.evening(night.date),
            sold=sold,
            seats=night.total_seats,
        )
    )


def _parties(seats: Sequence[Seat], chance: Random) -> Iterator[list[str]]:
    """Split the house into neighbours of one row, and leave some of them at home."""
    at = 0
    while at < len(seats):
        size = chance.randint(PARTY_SEATS_MIN, PARTY_SEATS_MAX)
        row = (seats[at].section, seats[at].row)
        party = [s.seat for s in seats[at : at + size] if (s.section, s.row) == row]
        at += len(party)
        if chance.random() < 0.7:  # noqa: PLR2004 - seven parties of ten come
            yield party


def _staff(user: str | None) -> Caller:
    from boxoffice.core.model import Caller

    return Caller(staff=True, user=user)
