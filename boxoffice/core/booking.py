"""Reserve, pay, cancel: one story across seats, accounts and events.

Each step is one statement (core/sql), so a process may die anywhere: it happened or it did
not. What a statement would not do is explained afterwards, by reading.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from boxoffice.core import answers, errors, seats
from boxoffice.core.access import OTHER_CONCERT, OTHER_CONCERT_HINT
from boxoffice.core.idempotency import Answer, make_request, recall, run_statement
from boxoffice.core.model import (
    BALANCE,
    CancelledReservation,
    Exchange,
    HeldReservation,
    Money,
    PaidReservation,
)
from boxoffice.core.references import (
    NONCE_BITS,
    PERFORMANCE_BITS,
    parse_reservation,
    payment_reference,
    reservation_reference,
)
from boxoffice.core.reservations import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.access import Buyer
    from boxoffice.core.idempotency import Request
    from boxoffice.core.model import Tender
    from boxoffice.core.seats import Wanted

BEST_ATTEMPTS_MAX = 5
PAYMENT_ATTEMPTS_MAX = 2
SETTLED = {"paid": errors.AlreadyPaid, "cancelled": errors.AlreadyCancelled}


def reserve(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    performance: int,
    wanted: Wanted,
    buyer: Buyer,
    *,
    key: str,
    hold_seconds: float,
) -> HeldReservation:
    """Hold seats for a buyer, all of them or none, for `hold_seconds` from now.

    The best few are chosen anew when somebody else takes them in between. Raises
    PerformanceNotFound, SeatNotFound, SeatBlocked, SeatTaken, SaleNotOpen, SaleClosed,
    NotAdmitted, UserNotFound, KeyReused.
    """
    if not 0 < performance < 1 << PERFORMANCE_BITS:
        raise _no_performance(performance)
    request = make_request(
        key,
        "reserve",
        performance=performance,
        user=buyer.user,
        labels=sorted(wanted.labels),
        best=[wanted.best, wanted.section, wanted.category],
    )
    former = _refuse_or_recall(connection, request, buyer)
    if former is None and wanted.best:
        former = recall(connection, request)
    if former is not None:
        return answers.held(former, replayed=True)
    hold = partial(_hold, connection, performance, buyer, request, hold_seconds)
    if not wanted.best:
        return hold(wanted.labels)
    for _ in range(BEST_ATTEMPTS_MAX - 1):
        with suppress(errors.SeatTaken):
            return hold(seats.choose_best(connection, performance, wanted).seats)
    return hold(seats.choose_best(connection, performance, wanted).seats)


def _hold(  # noqa: PLR0913
    connection: Connection,
    performance: int,
    buyer: Buyer,
    request: Request,
    hold_seconds: float,
    labels: Sequence[str],
    ask: Callable[[Connection, Mapping[str, Any]], seats.Held] = seats.hold,
) -> HeldReservation:
    parameters = _hold_parameters(performance, labels, buyer, request, hold_seconds)
    held = ask(connection, parameters)
    if held.outcome == "in_flight":  # the same key, executed by somebody else, is done now
        held = ask(connection, parameters)
    if held.outcome == "replayed" and held.request != request.fingerprint:
        raise errors.KeyReused
    if held.stored is None:
        raise _hold_refused(held.outcome, performance, labels, held.labels or ())
    return answers.held(held.stored, replayed=held.outcome == "replayed")


def _refuse_or_recall(
    connection: Connection, request: Request, buyer: Buyer
) -> dict[str, Any] | None:
    """Let a buyer who may not act now have only the answer that the key got before."""
    if buyer.refusal is None:
        return None
    former = recall(connection, request)
    if former is None:
        raise buyer.refusal
    return former


def _hold_parameters(
    performance: int, labels: Sequence[str], buyer: Buyer, request: Request, hold_seconds: float
) -> dict[str, Any]:
    nonce = secrets.randbits(NONCE_BITS)
    return {
        "performance": performance,
        "labels": list(labels),
        "reservation": nonce,
        "reference": reservation_reference(performance, nonce),
        "payment_reference": payment_reference(performance, nonce),
        "hold_seconds": hold_seconds,
        "key": request.key,
        "request": request.fingerprint,
        **by(buyer),
    }


def _hold_refused(
    outcome: str, performance: int, labels: Sequence[str], fault: Sequence[str]
) -> errors.BoxOfficeError:
    if outcome == "seat_taken":
        return seats.taken(fault)
    if outcome == "seat_blocked":
        return errors.SeatBlocked(f"the house keeps {seats.named(fault)}")
    if outcome == "seat_not_found":
        unknown = [label for label in labels if label not in fault]
        return errors.SeatNotFound(f"performance {performance} has no seat {seats.named(unknown)}")
    if outcome == "performance_not_found":
        return _no_performance(performance)
    if outcome == "not_admitted":
        return errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    return {"sale_not_open": errors.SaleNotOpen, "sale_closed": errors.SaleClosed}[outcome]()


def _no_performance(performance: int) -> errors.PerformanceNotFound:
    return errors.PerformanceNotFound(f"there is no performance {performance}")


def pay(
    connection: Connection, reference: str, buyer: Buyer, *, key: str, tender: Tender = BALANCE
) -> PaidReservation:
    """Pay a held reservation from its owner's balance, or with another tender.

    Raises ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled,
    InsufficientBalance, AmountInvalid for too little cash, NotAdmitted, KeyReused.
    """
    for _ in range(PAYMENT_ATTEMPTS_MAX):
        answer = _settle(connection, "pay", reference, buyer, key, tender)
        if answer is not None:
            break
        _explain_refused_payment(connection, reference, buyer, tender)
    else:
        raise errors.HoldExpired
    stored, replayed = answer
    return answers.paid(stored, replayed=replayed)


def cancel(
    connection: Connection, reference: str, buyer: Buyer, *, key: str
) -> CancelledReservation:
    """Cancel a reservation: free its seats and refund what was paid.

    A second time gives the answer again and refunds nothing. Raises ReservationNotFound,
    HoldExpired, PerformanceBegun, KeyReused.
    """
    answer = _settle(connection, "cancel", reference, buyer, key)
    if answer is None:
        return _cancelled_before(connection, reference, buyer)
    stored, replayed = answer
    return answers.cancelled(stored, replayed=replayed)


def exchange(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    reference: str,
    buyer: Buyer,
    labels: Sequence[str],
    tender: Tender,
    *,
    key: str,
    hold_seconds: float,
) -> Exchange:
    """Exchange the seats of a paid reservation for others of the same performance.

    Runs in the transaction of `connection`: the new seats are held, the old ones given back
    and refunded, the new ones paid, or nothing happens. Each step has a key made from `key`.
    Raises what they raise, and ReservationNotPaid.
    """
    performance, _ = parse_reservation(reference)
    old = standing(connection, reference, buyer.user)
    request = make_request(f"{key}:reserve", "exchange", old=reference, labels=sorted(labels))
    held = _hold(connection, performance, buyer, request, hold_seconds, labels, ask=seats.hold_once)
    if old.state != "paid" and not held.replayed:
        raise errors.ReservationNotPaid
    cancelled = cancel(connection, reference, buyer, key=f"{key}:cancel")
    paid = pay(connection, held.reservation, buyer, key=f"{key}:pay", tender=tender)
    difference = Money(amount=held.total.amount - old.total, currency=old.currency)
    return Exchange(cancelled=cancelled, paid=paid, difference=difference)


def _settle(  # noqa: PLR0913
    connection: Connection,
    command: str,
    reference: str,
    buyer: Buyer,
    key: str,
    tender: Tender | None = None,
) -> Answer | None:
    performance, nonce = parse_reservation(reference)
    canonical = reservation_reference(performance, nonce)
    terms = {} if tender is None else asdict(tender)
    request = make_request(key, command, reservation=canonical, user=buyer.user, **terms)
    try:
        former = _refuse_or_recall(connection, request, buyer)
    except errors.TokenInvalid:
        # The token ended with a payment: to be told so is better than to hear of tokens.
        state = standing(connection, canonical, buyer.user).state
        if state in SETTLED:
            raise SETTLED[state] from None
        raise
    if former is not None:
        return former, True
    parameters = {
        "performance": performance,
        "reservation": nonce,
        "reference": canonical,
        "payment_reference": payment_reference(performance, nonce),
        "event": f"{command}:{canonical}",
        "tender": tender and tender.kind,
        "received": tender and tender.received,
        "note": tender and tender.note,
        **by(buyer),
    }
    return run_statement(connection, command, request, parameters)


def _explain_refused_payment(
    connection: Connection, reference: str, buyer: Buyer, tender: Tender
) -> None:
    """Raise the reason; none is left where the first charge came while the payment waited."""
    row = standing(connection, reference, buyer.user)
    if row.state in SETTLED:
        raise SETTLED[row.state]
    if row.state == "expired" or row.ended:
        raise errors.HoldExpired
    if buyer.concert not in (None, row.concert_id):
        raise errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    if tender.received is not None and tender.received < row.total:
        raise errors.AmountInvalid("the cash does not cover the price", hint="")
    if row.balance is None:
        raise errors.InsufficientBalance


def _cancelled_before(connection: Connection, reference: str, buyer: Buyer) -> CancelledReservation:
    row = standing(connection, reference, buyer.user)
    if row.state == "paid":
        raise errors.PerformanceBegun
    if row.state != "cancelled":
        raise errors.HoldExpired("the hold had already ended; there is nothing to cancel")
    refund = row.total if row.payment == "refunded" else 0
    return CancelledReservation(
        reservation=reservation_reference(*parse_reservation(reference)),
        state="cancelled",
        refund=Money(amount=refund, currency=row.currency),
        balance=Money(amount=row.balance or 0, currency=row.currency),
        tender=row.tender,
        replayed=True,
    )


def by(buyer: Buyer) -> dict[str, Any]:
    """Name the parameters that say for whom a statement acts, and by which staff."""
    return {
        "user": buyer.user,
        "concert": buyer.concert,
        "staff": buyer.staff and buyer.staff.name,
        "terminal": buyer.staff and buyer.staff.terminal,
    }
