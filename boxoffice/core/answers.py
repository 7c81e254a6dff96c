"""Stored answers as nouns: what an operation says the first time and at every repetition.

An operation's answer is kept as JSON under its key, and what it hands back is always built
from that, so a replay and `status` cannot say anything else.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from boxoffice.core import model

if TYPE_CHECKING:
    from collections.abc import Mapping


def held(stored: Mapping[str, Any], *, replayed: bool = False) -> model.HeldReservation:
    """Build the answer of a reserve."""
    return model.HeldReservation(
        reservation=stored["reservation"],
        performance=stored["performance"],
        seats=tuple(stored["seats"]),
        total=model.Money(**stored["total"]),
        state=stored["state"],
        held_until=_local(stored["held_until"], stored["time_zone"]),
        payment=stored["payment"],
        hold_name=stored.get("hold_name"),
        hold_note=stored.get("hold_note"),
        types=types_of(stored),
        replayed=replayed,
    )


def types_of(stored: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the price types of the seats of an answer, or none where all are ordinary."""
    types = tuple(stored.get("types") or ())
    return types if any(each != model.ORDINARY for each in types) else ()


def paid(stored: Mapping[str, Any], *, replayed: bool = False) -> model.PaidReservation:
    """Build the answer of a payment."""
    currency = stored["paid"]["currency"]
    received = stored.get("received")  # of nothing that was paid before there were tenders
    change = None if received is None else received - stored["paid"]["amount"]
    return model.PaidReservation(
        reservation=stored["reservation"],
        payment=stored["payment"],
        state=stored["state"],
        paid=model.Money(**stored["paid"]),
        balance=model.Money(**stored["balance"]),
        seats=tuple(stored["seats"]),
        paid_at=_local(stored["paid_at"], stored["time_zone"]),
        tender=stored.get("tender", "balance"),
        received=None if received is None else model.Money(amount=received, currency=currency),
        change=None if change is None else model.Money(amount=change, currency=currency),
        replayed=replayed,
    )


def cancelled(stored: Mapping[str, Any], *, replayed: bool = False) -> model.CancelledReservation:
    """Build the answer of a cancel."""
    return model.CancelledReservation(
        reservation=stored["reservation"],
        state=stored["state"],
        refund=model.Money(**stored["refund"]),
        balance=model.Money(**stored["balance"]),
        tender=stored.get("tender", "balance"),
        replayed=replayed,
    )


def exchanged(stored: Mapping[str, Any], *, replayed: bool = False) -> model.Exchange:
    """Build the answer of an exchange from those of its steps."""
    gone, new = cancelled(stored["cancelled"]), paid(stored["paid"])
    difference = model.Money(
        amount=new.paid.amount - gone.refund.amount, currency=new.paid.currency
    )
    return model.Exchange(cancelled=gone, paid=new, difference=difference, replayed=replayed)


def charged(stored: Mapping[str, Any], *, replayed: bool = False) -> model.Charge:
    """Build the answer of a charge."""
    return model.Charge(
        user=stored["user"],
        charged=model.Money(**stored["charged"]),
        balance=model.Money(**stored["balance"]),
        entry=stored["entry"],
        replayed=replayed,
    )


def added(stored: Mapping[str, Any], *, replayed: bool = False) -> model.User:
    """Build the answer of adding a user."""
    return model.User(user=stored["user"], name=stored["name"], replayed=replayed)


def imported(stored: Mapping[str, Any], *, replayed: bool = False) -> model.Venue:
    """Build the answer of importing a venue."""
    lists = {name: tuple(stored[name]) for name in ("categories", "skipped")}
    return model.Venue(**{**stored, **lists}, replayed=replayed)


def concert(stored: Mapping[str, Any], *, replayed: bool = False) -> model.ConcertDetail:
    """Build the answer of creating a concert, which has no dates yet."""
    return model.ConcertDetail(**stored, dates=(), replayed=replayed)


def performance(stored: Mapping[str, Any], *, replayed: bool = False) -> model.CreatedPerformance:
    """Build the answer of creating a performance."""
    times = {name: datetime.fromisoformat(stored[name]) for name in PERFORMANCE_TIMES}
    return model.CreatedPerformance(**{**stored, **times}, replayed=replayed)


def scheduled(stored: Mapping[str, Any], *, replayed: bool = False) -> model.ScheduledPerformance:
    """Build the answer of a new date or sale window."""
    times = {name: datetime.fromisoformat(stored[name]) for name in PERFORMANCE_TIMES}
    return model.ScheduledPerformance(**{**stored, **times}, replayed=replayed)


def season(stored: Mapping[str, Any], *, replayed: bool = False) -> model.Season:
    """Build the answer of importing a season."""
    return model.Season(
        performances=tuple(stored["performances"]), seats=stored["seats"], replayed=replayed
    )


def called_off_performance(
    stored: Mapping[str, Any], *, replayed: bool = False
) -> model.CancelledPerformance:
    """Build the answer of calling a performance off."""
    (since,) = stored["since"].values()
    return model.CancelledPerformance(
        performance=stored["performance"],
        cancelled_at=datetime.fromisoformat(since),
        **_given_back(stored),
        replayed=replayed,
    )


def called_off_concert(
    stored: Mapping[str, Any], *, replayed: bool = False
) -> model.CancelledConcert:
    """Build the answer of calling a concert off."""
    return model.CancelledConcert(
        concert=stored["concert"],
        performances=tuple(sorted(map(int, stored["since"]))),
        **_given_back(stored),
        replayed=replayed,
    )


def _given_back(stored: Mapping[str, Any]) -> dict[str, Any]:
    refunds = (refund | {"amount": model.Money(**refund["amount"])} for refund in stored["refunds"])
    return {name: stored[name] for name in ("state", "released", "refunded")} | {
        "refunds": tuple(model.Refunded(**refund) for refund in refunds)
    }


def corrected(stored: Mapping[str, Any], *, replayed: bool = False) -> model.CorrectedBalance:
    """Build the answer of correcting a balance."""
    return model.CorrectedBalance(
        user=stored["user"],
        corrected=model.Money(**stored["corrected"]),
        balance=model.Money(**stored["balance"]),
        entry=stored["entry"],
        replayed=replayed,
    )


def line(stored: Mapping[str, Any], *, replayed: bool = False) -> model.Line:
    """Build the answer of changing a queue."""
    return model.Line(**{**stored, "replayed": replayed})


def anonymised(stored: Mapping[str, Any], *, replayed: bool = False) -> model.AnonymisedUser:
    """Build the answer of forgetting a user's name."""
    return model.AnonymisedUser(**stored, replayed=replayed)


def changed_outbox(stored: Mapping[str, Any], *, replayed: bool = False) -> model.OutboxChange:
    """Build the answer of trying deliveries again, or of letting them go."""
    return model.OutboxChange(
        deliveries=stored["deliveries"], events=tuple(stored["events"]), replayed=replayed
    )


def price_list(stored: Mapping[str, Any], *, replayed: bool = False) -> model.PriceList:
    """Build the answer of setting prices."""
    listed = tuple(
        model.CategoryPrice(
            category=each["category"], type=each["type"], price=model.Money(**each["price"])
        )
        for each in stored["prices"]
    )
    return model.PriceList(performance=stored["performance"], prices=listed, replayed=replayed)


def blocked(stored: Mapping[str, Any], *, replayed: bool = False) -> model.BlockedSeats:
    """Build the answer of blocking seats."""
    until = stored["until"] and datetime.fromisoformat(stored["until"])
    told = {**stored, "seats": tuple(stored["seats"]), "until": until}
    return model.BlockedSeats(**told, replayed=replayed)


def unblocked(stored: Mapping[str, Any], *, replayed: bool = False) -> model.UnblockedSeats:
    """Build the answer of giving blocked seats back."""
    return model.UnblockedSeats(
        performance=stored["performance"], seats=tuple(stored["seats"]), replayed=replayed
    )


def checked_in(stored: Mapping[str, Any], *, replayed: bool = False) -> model.CheckIn:
    """Build the answer of a check-in."""
    told = {name: value for name, value in stored.items() if name != "time_zone"}
    at = _local(stored["checked_in_at"], stored["time_zone"])
    return model.CheckIn(**{**told, "checked_in_at": at}, replayed=replayed)


PERFORMANCE_TIMES = ("date", "sale_opens", "sale_closes")
BUILDERS = {
    "outbox retry": changed_outbox,
    "outbox discard": changed_outbox,
    "reserve": held,
    "add seats": held,
    "release seats": held,
    "keep hold": held,
    "set price type": held,
    "pay": paid,
    "cancel": cancelled,
    "ticket check-in": checked_in,
    "exchange": exchanged,
    "charge": charged,
    "user add": added,
    "venue import": imported,
    "concert create": concert,
    "performance create": performance,
    "performance set-price": price_list,
    "performance block": blocked,
    "performance unblock": unblocked,
    "performance reschedule": scheduled,
    "performance sale": scheduled,
    "performance import": season,
    "performance cancel": called_off_performance,
    "concert cancel": called_off_concert,
    "user correct": corrected,
    "queue set": line,
    "user anonymise": anonymised,
}


def _local(time: str, zone: str) -> datetime:
    return datetime.fromisoformat(time).astimezone(ZoneInfo(zone))
