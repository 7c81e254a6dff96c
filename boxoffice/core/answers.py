"""Stored answers as nouns: what an operation says the first time and at every repetition.

An operation's answer is kept as JSON under its key, and what it hands back is always built
from that, so a replay and `status` cannot say anything else.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from boxoffice.core.model import (
    CancelledReservation,
    Charge,
    ConcertDetail,
    CreatedPerformance,
    Exchange,
    HeldReservation,
    Money,
    PaidReservation,
    User,
    Venue,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def held(stored: Mapping[str, Any], *, replayed: bool = False) -> HeldReservation:
    """Build the answer of a reserve."""
    return HeldReservation(
        reservation=stored["reservation"],
        performance=stored["performance"],
        seats=tuple(stored["seats"]),
        total=Money(**stored["total"]),
        state=stored["state"],
        held_until=_local(stored["held_until"], stored["time_zone"]),
        payment=stored["payment"],
        hold_name=stored.get("hold_name"),
        hold_note=stored.get("hold_note"),
        replayed=replayed,
    )


def paid(stored: Mapping[str, Any], *, replayed: bool = False) -> PaidReservation:
    """Build the answer of a payment."""
    currency = stored["paid"]["currency"]
    received = stored.get("received")  # of nothing that was paid before there were tenders
    change = None if received is None else received - stored["paid"]["amount"]
    return PaidReservation(
        reservation=stored["reservation"],
        payment=stored["payment"],
        state=stored["state"],
        paid=Money(**stored["paid"]),
        balance=Money(**stored["balance"]),
        seats=tuple(stored["seats"]),
        paid_at=_local(stored["paid_at"], stored["time_zone"]),
        tender=stored.get("tender", "balance"),
        received=None if received is None else Money(amount=received, currency=currency),
        change=None if change is None else Money(amount=change, currency=currency),
        replayed=replayed,
    )


def cancelled(stored: Mapping[str, Any], *, replayed: bool = False) -> CancelledReservation:
    """Build the answer of a cancel."""
    return CancelledReservation(
        reservation=stored["reservation"],
        state=stored["state"],
        refund=Money(**stored["refund"]),
        balance=Money(**stored["balance"]),
        tender=stored.get("tender", "balance"),
        replayed=replayed,
    )


def exchanged(stored: Mapping[str, Any], *, replayed: bool = False) -> Exchange:
    """Build the answer of an exchange from those of its steps."""
    gone, new = cancelled(stored["cancelled"]), paid(stored["paid"])
    difference = Money(amount=new.paid.amount - gone.refund.amount, currency=new.paid.currency)
    return Exchange(cancelled=gone, paid=new, difference=difference, replayed=replayed)


def charged(stored: Mapping[str, Any], *, replayed: bool = False) -> Charge:
    """Build the answer of a charge."""
    return Charge(
        user=stored["user"],
        charged=Money(**stored["charged"]),
        balance=Money(**stored["balance"]),
        entry=stored["entry"],
        replayed=replayed,
    )


def added(stored: Mapping[str, Any], *, replayed: bool = False) -> User:
    """Build the answer of adding a user."""
    return User(user=stored["user"], name=stored["name"], replayed=replayed)


def imported(stored: Mapping[str, Any], *, replayed: bool = False) -> Venue:
    """Build the answer of importing a venue."""
    lists = {name: tuple(stored[name]) for name in ("categories", "skipped")}
    return Venue(**{**stored, **lists}, replayed=replayed)


def concert(stored: Mapping[str, Any], *, replayed: bool = False) -> ConcertDetail:
    """Build the answer of creating a concert, which has no dates yet."""
    return ConcertDetail(**stored, dates=(), replayed=replayed)


def performance(stored: Mapping[str, Any], *, replayed: bool = False) -> CreatedPerformance:
    """Build the answer of creating a performance."""
    times = {name: datetime.fromisoformat(stored[name]) for name in PERFORMANCE_TIMES}
    return CreatedPerformance(**{**stored, **times}, replayed=replayed)


PERFORMANCE_TIMES = ("date", "sale_opens", "sale_closes")
BUILDERS = {
    "reserve": held,
    "add seats": held,
    "release seats": held,
    "keep hold": held,
    "pay": paid,
    "cancel": cancelled,
    "exchange": exchanged,
    "charge": charged,
    "user add": added,
    "venue import": imported,
    "concert create": concert,
    "performance create": performance,
}


def _local(time: str, zone: str) -> datetime:
    return datetime.fromisoformat(time).astimezone(ZoneInfo(zone))
