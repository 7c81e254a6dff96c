"""What workers do, by name and plain arguments, so that anybody can do it again from a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core import model
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.office import Office

Given = dict[str, Any]


def do(office: Office, command: str, given: Given, key: str) -> Any:
    """Do what a history says under its key, and return the answer."""
    token = given.get("token")
    caller = Caller(token=token) if token else Caller(staff=True, user=given["user"])
    return ACTS[command](office, caller, given, key)


def _reserve(office: Office, caller: Caller, given: Given, key: str) -> Any:
    seats, best = given.get("seats", ()), given.get("best")
    return office.reserve(given["performance"], caller, seats=seats, best=best, key=key)


def _pay(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.pay(given["reservation"], caller, key=key)


def _cancel(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.cancel(given["reservation"], caller, key=key)


def _add_seats(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.add_seats(given["reservation"], caller, seats=given["seats"], key=key)


def _release_seats(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.release_seats(given["reservation"], caller, seats=given["seats"], key=key)


def _extend_hold(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.extend_hold(given["reservation"], caller, seconds=given["seconds"], key=key)


def _exchange(office: Office, caller: Caller, given: Given, key: str) -> Any:
    return office.exchange(given["reservation"], caller, seats=given["seats"], key=key)


def _charge(office: Office, _: Caller, given: Given, key: str) -> Any:
    return office.charge(given["amount"], given["user"], key=key)


ACTS: dict[str, Callable[[Office, Caller, Given, str], Any]] = {
    "reserve": _reserve,
    "pay": _pay,
    "cancel": _cancel,
    "add seats": _add_seats,
    "release seats": _release_seats,
    "keep hold": _extend_hold,
    "exchange": _exchange,
    "charge": _charge,
}


def told(answer: Any) -> Given:
    """Return what of an answer the database must still say at the end."""
    match answer:
        case model.HeldReservation():
            return {"reservation": answer.reservation, "seats": list(answer.seats)}
        case model.PaidReservation():
            return {"reservation": answer.reservation, "amount": answer.paid.amount}
        case model.CancelledReservation():
            return {"reservation": answer.reservation, "amount": answer.refund.amount}
        case model.Exchange():
            return {"reservation": answer.paid.reservation, "seats": list(answer.paid.seats)}
        case model.Charge():
            return {"entry": answer.entry, "amount": answer.charged.amount}
    raise AssertionError(answer)
