"""Reserve, pay, cancel: one story across seats, accounts and events.

Each step is one statement (core/sql), so a process may die anywhere: it happened or it did
not. What a statement would not do is explained afterwards, by reading.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from boxoffice.core import answers, errors, prices, seats
from boxoffice.core.access import OTHER_CONCERT, OTHER_CONCERT_HINT
from boxoffice.core.idempotency import (
    ABANDONED,
    DONE,
    Answer,
    recall,
    run_statement,
)
from boxoffice.core.model import (
    BALANCE,
    WALK_IN,
    CancelledReservation,
    HeldReservation,
    Money,
    PaidReservation,
)
from boxoffice.core.references import parse_reservation, reservation_reference
from boxoffice.core.reservations import standing
from boxoffice.core.terms import hold_parameters, hold_request, no_performance, settlement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from boxoffice.core.access import Buyer
    from boxoffice.core.idempotency import Request
    from boxoffice.core.model import Tender
    from boxoffice.core.seats import Wanted

BEST_ATTEMPTS_MAX = 5
# An attempt fails where somebody else changed the same reservation while it waited.
CHANGE_ATTEMPTS_MAX = 5
T = TypeVar("T")
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
    PerformanceNotFound, SeatNotFound, PriceTypeNotFound, SeatBlocked, SeatTaken, SaleNotOpen,
    SaleClosed, NotAdmitted, UserNotFound, KeyReused.
    """
    request = hold_request(performance, wanted, buyer, key)
    former = _refuse_or_recall(connection, request, buyer)
    if former is None and wanted.best:
        former = recall(connection, request)
    if former is not None:
        return answers.held(former, replayed=True)
    hold = partial(
        hold_seats, connection, performance, buyer, request, hold_seconds, types=wanted.types
    )
    if not wanted.best:
        return hold(wanted.labels)
    for _ in range(BEST_ATTEMPTS_MAX - 1):
        with suppress(errors.SeatTaken):
            return hold(seats.choose_best(connection, performance, wanted).seats)
    return hold(seats.choose_best(connection, performance, wanted).seats)


def hold_seats(  # noqa: PLR0913
    connection: Connection,
    performance: int,
    buyer: Buyer,
    request: Request,
    hold_seconds: float,
    labels: Sequence[str],
    types: Sequence[str] = (),
    ask: Callable[[Connection, Mapping[str, Any]], seats.Held] = seats.hold,
) -> HeldReservation:
    """Hold named seats once a key; `ask` runs the statement. Raises what reserve does."""
    parameters = hold_parameters(performance, labels, buyer, request, hold_seconds, types)
    held = ask(connection, parameters)
    if held.outcome == "in_flight":  # the same key, executed by somebody else, is done now
        held = ask(connection, parameters)
    if held.outcome == ABANDONED:
        raise errors.OperationAbandoned
    if held.outcome == DONE and held.request != request.fingerprint:
        raise errors.KeyReused
    if held.stored is None:
        if held.outcome == "price_type_not_found":
            raise prices.unknown_type(connection, performance, types)
        raise _hold_refused(held, performance, labels)
    return answers.held(held.stored, replayed=held.outcome == DONE)


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


def _hold_refused(
    held: seats.Held, performance: int, labels: Sequence[str]
) -> errors.BoxOfficeError:
    outcome = held.outcome
    if outcome == "seat_taken":
        return seats.taken(held.unfree)
    if outcome == "seat_blocked":
        return errors.SeatBlocked("the house keeps {seats}", seats=seats.named(held.unfree))
    if outcome == "seat_not_found":
        unknown = [label for label in labels if label not in held.known]
        return errors.SeatNotFound(
            "performance {performance} has no seat {seats}",
            performance=performance,
            seats=seats.named(unknown),
        )
    if outcome == "performance_not_found":
        return no_performance(performance)
    if outcome == "not_admitted":
        return errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    return {"sale_not_open": errors.SaleNotOpen, "sale_closed": errors.SaleClosed}[outcome]()


def pay(
    connection: Connection, reference: str, buyer: Buyer, *, key: str, tender: Tender = BALANCE
) -> PaidReservation:
    """Pay a held reservation from its owner's balance, or with another tender.

    Raises ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled, PerformanceCancelled,
    InsufficientBalance, WalkInHasNoBalance, AmountInvalid for too little cash, NotAdmitted,
    KeyReused.
    """
    stored, replayed = pay_once(connection, reference, buyer, key, tender)
    return answers.paid(stored, replayed=replayed)


def pay_once(
    connection: Connection, reference: str, buyer: Buyer, key: str, tender: Tender
) -> Answer:
    """Pay, and return the stored answer and whether it is a replay. Raises what pay does."""
    return attempt(
        lambda: settle(connection, "pay", reference, buyer, key, tender),
        lambda: _explain_refused_payment(connection, reference, buyer, tender),
    )


def attempt(change: Callable[[], T | None], explain: Callable[[], T | None]) -> T:
    """Attempt to change a reservation until that is done, or `explain` knows what it came to.

    It knows nothing where somebody else changed the same reservation in between. Raises what
    either does, and DatabaseUnavailable when others change it all the time.
    """
    for _ in range(CHANGE_ATTEMPTS_MAX):
        answer = change()
        if answer is None:
            answer = explain()
        if answer is not None:
            return answer
    raise errors.DatabaseUnavailable("others are changing this reservation", hint="try again")


def cancel(
    connection: Connection, reference: str, buyer: Buyer, *, key: str
) -> CancelledReservation:
    """Cancel a reservation: free its seats and refund what was paid.

    A second time gives the answer again and refunds nothing. Raises ReservationNotFound,
    HoldExpired, PerformanceBegun, KeyReused, and Forbidden for a customer's own cancel of what
    was not paid from the balance, or after somebody came in with it.
    """

    def cancel_once() -> CancelledReservation | None:
        answer = settle(connection, "cancel", reference, buyer, key)
        return None if answer is None else answers.cancelled(answer[0], replayed=answer[1])

    return attempt(cancel_once, lambda: _cancelled_before(connection, reference, buyer))


def settle(  # noqa: PLR0913
    connection: Connection,
    command: str,
    reference: str,
    buyer: Buyer,
    key: str,
    tender: Tender | None = None,
) -> Answer | None:
    """Run `command` (pay, cancel) once a key; None where it did nothing. Raises KeyReused."""
    request, parameters = settlement(command, reference, buyer, key, tender)
    try:
        former = _refuse_or_recall(connection, request, buyer)
    except errors.TokenInvalid:
        # The token ended with a payment: to be told so is better than to hear of tokens.
        state = standing(connection, parameters["reference"], buyer.user).state
        if state in SETTLED:
            raise SETTLED[state] from None
        raise
    if former is not None:
        return former, True
    return run_statement(connection, command, request, parameters)


def _explain_refused_payment(
    connection: Connection, reference: str, buyer: Buyer, tender: Tender
) -> None:
    """Raise the reason; none is left where the first charge, or a seat, came in between."""
    row = standing(connection, reference, buyer.user)
    if row.state in SETTLED:
        raise SETTLED[row.state]
    if row.state == "expired" or row.ended:
        raise errors.HoldExpired
    if row.called_off:
        raise errors.PerformanceCancelled
    if buyer.concert not in (None, row.concert_id):
        raise errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    if tender.total not in (None, row.total):
        raise errors.PriceChanged
    if tender.received is not None and tender.received < row.total:
        raise errors.AmountInvalid("the cash does not cover the price", hint="")
    if tender.kind != BALANCE.kind or row.total == 0:
        return
    if buyer.user == int(WALK_IN):
        raise errors.WalkInHasNoBalance(
            "a walk-in customer has no balance to pay from", hint="take another tender"
        )
    if row.balance is None:
        raise errors.InsufficientBalance


def _cancelled_before(
    connection: Connection, reference: str, buyer: Buyer
) -> CancelledReservation | None:
    """Answer for what is cancelled, or raise why it cannot be; None: it can be by now."""
    row = standing(connection, reference, buyer.user)
    if row.state == "paid" and buyer.staff is None:
        if row.begun:
            raise errors.PerformanceBegun
        if row.tender != BALANCE.kind:
            raise errors.Forbidden(
                "what was paid at the counter is given back there", hint="ask at the counter"
            )
        if row.checked_in_at is not None:
            raise errors.Forbidden(
                "somebody has come in with this reservation", hint="ask at the counter"
            )
    if row.state == "expired" or (row.state == "held" and row.ended):
        raise errors.HoldExpired("the hold had already ended; there is nothing to cancel")
    if row.state != "cancelled":
        return None
    refund = row.total if row.payment == "refunded" else 0
    return CancelledReservation(
        reservation=reservation_reference(*parse_reservation(reference)),
        state="cancelled",
        refund=Money(amount=refund, currency=row.currency),
        balance=Money(amount=row.balance or 0, currency=row.currency),
        tender=row.tender,
        replayed=True,
    )
