"""Pay what is held: charge what the balance lacks, confirm the price, pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import Back, TimeIsUp, no_terminal
from boxoffice.commands.guided.booked import booked
from boxoffice.commands.guided.money import written
from boxoffice.commands.guided.session import Step
from boxoffice.commands.money import whole_number
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr
from boxoffice.core.model import Money

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session
    from boxoffice.core import model

WHETHER = Words("whether to pay")
OPTION = Words("give --yes")
KEPT_UNPAID = Words("the seats stay yours until {time}: run it again with --charge-missing")


def pay(session: Session) -> Step:
    """Pay the hold of the session.

    Raises HoldExpired, InsufficientBalance and what else Office.pay does; AlreadyPaid only
    where nobody can be told otherwise.
    """
    held = session.held
    assert held is not None
    assert session.hold is not None
    try:
        _cover(session, held)
        _confirm(session, held)
    except TimeIsUp:
        raise errors.HoldExpired from None
    except Back:
        return _give_back(session)
    return _pay(session, held)


def _pay(session: Session, held: model.Reservation) -> Step:
    reservation, caller = held.reservation, session.caller
    try:
        paid = session.conclude(
            "pay",
            lambda key: session.office.pay(reservation, caller, key=key),
            reservation=reservation,
        )
    except errors.AlreadyPaid:
        if session.scripted:
            raise
        session.terminal.say(tr("These seats are paid already, by another session of yours."))
        session.paid_before = session.standing(reservation)
    else:
        session.booked = booked(paid, held, session.charged)
    session.drop_hold()
    session.place = session.turn = None
    return Step.RECEIPT


# --- the balance ---


def _cover(session: Session, held: model.Reservation) -> None:
    """Charge until the balance covers the price; raises InsufficientBalance where it may not."""
    total = held.total
    balance = session.office.balance(
        session.user, token=session.token, currency=total.currency
    ).balance
    session.terminal.say(
        tr(
            "{seats}: {total}. Your balance: {balance}.",
            seats=", ".join(held.seats),
            total=written(total),
            balance=written(balance),
        )
    )
    while balance.amount < total.amount:
        balance = _charge(session, _wanted(session, held, total.amount - balance.amount))


def _wanted(session: Session, held: model.Reservation, missing: int) -> int:
    """Return how much to charge: as the options say, else as the person does."""
    request = session.request
    given = missing if request.charge_missing else request.charge
    if given is not None and session.charged is None:
        return given
    if session.scripted:
        raise errors.InsufficientBalance(hint=Words(KEPT_UNPAID.template, time=session.held_until))
    lacking = Money(amount=missing, currency=held.total.currency)
    session.terminal.say(tr("The balance lacks {missing}.", missing=written(lacking)))
    while True:
        question = tr("Charge how much? [Enter: {missing}]", missing=missing)
        answer = session.terminal.ask(question, session.hold, fresh=True)
        try:
            return whole_number(answer.replace(",", "")) if answer else missing
        except errors.AmountInvalid:
            session.terminal.say(
                tr("Type an amount as {missing}, only Enter for that, `back` or `quit`.",
                   missing=missing)
            )  # fmt: skip


def _charge(session: Session, amount: int) -> Money:
    """Charge an amount and return the balance then."""
    assert session.held is not None
    if session.standing(session.held.reservation).state != "held":
        raise errors.HoldExpired  # given back meanwhile, perhaps at another terminal
    currency = session.held.total.currency
    done = session.conclude(
        "charge",
        lambda key: session.office.charge(
            amount, session.user, token=session.token, currency=currency, key=key
        ),
        amount=amount,
    )
    session.charged = done.charged
    session.terminal.say(
        tr(
            "Charged {amount}. Your balance: {balance}.",
            amount=written(done.charged),
            balance=written(done.balance),
        )
    )
    return done.balance


# --- the price ---


def _confirm(session: Session, held: model.Reservation) -> None:
    """Ask whether to pay the price; raises Back when the answer is no, InputInvalid for nobody."""
    if session.request.yes:
        return
    if not session.terminal.can_ask:
        raise no_terminal(WHETHER, OPTION)
    question = tr("Pay {total} for {user} now?", total=written(held.total), user=session.name)
    if not session.terminal.confirm(question, session.hold):
        raise Back


def _give_back(session: Session) -> Step:
    """Give the seats back for others, or ask about paying again."""
    question = tr("Give these seats back and choose others?")
    try:
        if not session.terminal.confirm(question, session.hold, default=False):
            return Step.PAYING
    except (Back, TimeIsUp):
        return Step.PAYING
    give_back(session)
    session.choose_anew(Step.SEATS)
    return Step.SEATS


def give_back(session: Session) -> None:
    """Cancel the hold; one that has ended is gone anyway."""
    assert session.held is not None
    reservation, caller = session.held.reservation, session.caller
    session.drop_hold()
    try:
        session.conclude(
            "cancel",
            lambda key: session.office.cancel(reservation, caller, key=key),
            reservation=reservation,
        )
    except errors.HoldExpired:
        return
    session.terminal.say(tr("The seats are given back."))
