"""Find out how things stand, before anything is asked: what an earlier session left.

In this order: operations whose outcome nobody learned, a hold that still lives, a place in the
queue. The servers are asked; the journal only says about which keys.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from boxoffice.commands import unresolved
from boxoffice.commands.guided import concert, dates, paying, seats
from boxoffice.commands.guided.asking import no_terminal
from boxoffice.commands.guided.booked import booked
from boxoffice.commands.guided.money import written
from boxoffice.commands.guided.session import Step
from boxoffice.commands.guided.who import identify
from boxoffice.commands.session import keep_stub, stub_of
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr
from boxoffice.core.model import HeldReservation, PaidReservation
from boxoffice.core.tokens import concert_of

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session
    from boxoffice.core.journal import Entry
    from boxoffice.core.model import Operation, Reservation

# Each waits for an operation in flight as long as a lock is waited for.
SETTLE_ATTEMPTS_MAX = 5
ENDED = Words("a new --key begins a new booking")
DEEDS = {
    "pay": Words("payment"),
    "reserve": Words("hold"),
    "charge": Words("top up"),
    "cancel": Words("cancel"),
}


def begin(session: Session) -> Step:
    """Return the step to begin with."""
    identify(session)
    if session.request.concert is not None:
        detail = session.office.show_concert(session.request.concert)
        session.concert, session.concert_name = detail.id, detail.name
    if _is_paid(session):
        return Step.RECEIPT
    held = _held_before(session)
    if held is not None:
        session.take_up(held)
        _tell_hold(session, held)
        return Step.WAITING
    if session.scripted:
        _require_answers(session)
    elif not session.concert and _has_place(session):
        return Step.WAITING
    return Step.CONCERT


# --- what nobody learned the outcome of ---


def _is_paid(session: Session) -> bool:
    """Resolve what is open, and tell whether that was the payment of this booking."""
    paid = _settled_payments(session)
    if session.request.key is None:
        unresolved.tell(session.office.settings)
    if session.request.key is not None:
        answer = _answer(session, "pay")
        paid = [answer] if isinstance(answer, PaidReservation) else []
    for each in paid:
        standing = session.standing(each.reservation)
        if standing.state == "paid" and _is_ours(session, standing):
            session.booked = booked(replace(each, replayed=True), standing)
            _end_place(session, standing.concert)
            return True
    return False


def _end_place(session: Session, concert: int) -> None:
    """Let the next in: a payment ends its place, but whoever paid was cut off before that."""
    with suppress(errors.NotFound, errors.Refused, errors.Unavailable):
        if session.token is None or concert_of(session.token) != concert:
            return
        if session.office.position(session.token).user == session.number:
            session.office.leave(session.token)


def _settled_payments(session: Session) -> list[PaidReservation]:
    """Settle every open operation of this user, tell each, and return the payments done."""
    from boxoffice.core.journal import journal_of

    journal = journal_of(session.office.settings)
    paid = []
    for entry in journal.unresolved():
        operation = _outcome(session, entry)
        if operation is None:
            continue
        journal.close(entry.key)
        _tell_outcome(session, entry.command, operation)
        if operation.state == "done" and isinstance(operation.result, PaidReservation):
            paid.append(operation.result)
    return paid


def _outcome(session: Session, entry: Entry) -> Operation | None:
    """Return what became of an operation of this user; None where it is left as it is.

    What this very command runs again under the same key is not settled: that would forbid it.
    Nor is what names nobody, since one host may keep the journal of many customers; to ask
    tells a customer of their own alone.
    """
    named = "user" in entry.about
    if named and entry.about["user"] not in session.known_as:
        return None
    if named and not _is_repeated(session, entry.key):
        with suppress(errors.Forbidden):  # a key that others may guess has no end of its own
            return _settled(session, entry.key)
        return None
    if not named and session.office.is_operator:
        return None
    try:
        operation = session.office.status(entry.key, token=session.token)
    except errors.OperationNotSeen:
        return None
    return operation if operation.state == "done" else None


def _settled(session: Session, key: str) -> Operation:
    """Wait for the last word about a key; raises OutcomeUnknown where none comes in time."""
    for _ in range(SETTLE_ATTEMPTS_MAX):
        operation = session.office.settle(key, token=session.token)
        if operation.state != "in_progress":
            return operation
    unknown = errors.OutcomeUnknown()
    unknown.key = key
    raise unknown


def _is_repeated(session: Session, key: str) -> bool:
    """Tell whether this very session runs the operation again, under the same key."""
    own = session.request.key
    return own is not None and (key == own or key.startswith(f"{own}:"))


def _tell_outcome(session: Session, command: str, operation: Operation) -> None:
    deed = DEEDS.get(command, command)
    if operation.state != "done":
        session.terminal.say(tr("Your {deed} of before did not happen.", deed=deed))
    elif isinstance(operation.result, PaidReservation):
        session.terminal.say(
            tr(
                "Your payment of {total} for {seats} went through.",
                total=written(operation.result.paid),
                seats=", ".join(operation.result.seats),
            )
        )
    else:
        session.terminal.say(tr("Your {deed} of before went through.", deed=deed))


def _answer(session: Session, step: str) -> object:
    """Return what a step of this session's key was answered before, None for nothing."""
    key = session.request.step_key(step)
    assert key is not None
    try:
        operation = session.office.status(key, token=session.token)
    except errors.OperationNotSeen:
        return None
    if operation.state == "abandoned":
        raise errors.OperationAbandoned(hint=ENDED)
    return operation.result if operation.state == "done" else None


# --- what lives on ---


def _held_before(session: Session) -> Reservation | None:
    """Return the hold to go on with; raises KeyReused, HoldExpired for one of the same key."""
    if session.request.key is not None:
        answer = _answer(session, "reserve")
        return _of_same_key(session, answer) if isinstance(answer, HeldReservation) else None
    for reservation in session.reservations():
        if reservation.state == "held" and _is_ours(session, reservation):
            return reservation
    return None


def _of_same_key(session: Session, answer: HeldReservation) -> Reservation:
    standing = session.standing(answer.reservation)
    if not _is_ours(session, standing):
        raise errors.KeyReused
    if standing.state != "held":
        raise errors.HoldExpired("the hold of this key has ended", hint=ENDED)
    return standing


def _is_ours(session: Session, reservation: Reservation) -> bool:
    """Tell whether a reservation is what this session is about."""
    if session.concert not in (0, reservation.concert):
        return False
    return not session.scripted or session.request.fits(reservation)


def _tell_hold(session: Session, held: Reservation) -> None:
    assert session.hold is not None
    session.terminal.say(f"{held.concert_name}, {dates.evening_of(session)}")
    session.terminal.say(
        tr(
            "You hold {seats} from before, {left} left.",
            seats=", ".join(held.seats),
            left=session.hold.left,
        )
    )


def _has_place(session: Session) -> bool:
    """Find the place in a queue that an earlier session took, and its concert."""
    if session.token is None:
        return False
    try:
        stub = stub_of(session.token, session.office.settings)
        place = session.office.position(session.token, stub=stub)
    except (errors.PlaceNotFound, errors.TokenInvalid, errors.QueueClosed):
        return False
    if place.user != session.number:
        return False
    keep_stub(place, session.office.settings)
    session.place = place
    detail = session.office.show_concert(str(place.concert))
    concert.go_to(session, detail.id, detail.name)
    return True


def _require_answers(session: Session) -> None:
    """Raise InputInvalid before anybody queues for what nobody will be able to answer."""
    if not session.concert:
        raise no_terminal(concert.WHICH, concert.OPTION)
    if not session.request.names_seats:
        raise no_terminal(seats.WHICH, seats.OPTION)
    if not (session.request.yes or session.terminal.can_ask):
        raise no_terminal(paying.WHETHER, paying.OPTION)
    dates.require_choice(session)
