"""From step to step, and after a refusal back to the step that can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.commands.guided import concert, dates, paying, receipt, resuming, seats, waiting
from boxoffice.commands.guided.asking import Back, Quit
from boxoffice.commands.guided.leaving import leave
from boxoffice.commands.guided.session import Step
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session
    from boxoffice.commands.output import Format

STEPS = {
    Step.CONCERT: concert.choose_concert,
    Step.WAITING: waiting.wait,
    Step.DATES: dates.choose_date,
    Step.SEATS: seats.choose_seats,
    Step.PAYING: paying.pay,
}
# Where a refusal is mended, always by asking; what stands nowhere here ends the session.
MENDED: dict[type[errors.BoxOfficeError], Step] = {
    errors.QueueClosed: Step.CONCERT,
    errors.NotAdmitted: Step.WAITING,
    errors.TokenInvalid: Step.WAITING,
    errors.PlaceNotFound: Step.WAITING,
    errors.SaleNotOpen: Step.DATES,
    errors.SaleClosed: Step.DATES,
    errors.PerformanceNotFound: Step.DATES,
    errors.SeatTaken: Step.SEATS,
    errors.SeatBlocked: Step.SEATS,
    errors.SeatNotFound: Step.SEATS,
    errors.TooManySeats: Step.SEATS,
    errors.HoldExpired: Step.SEATS,
    errors.AlreadyCancelled: Step.SEATS,
    errors.ReservationNotFound: Step.SEATS,
}
SAME_AGAIN = (
    errors.InputInvalid,
    errors.InsufficientBalance,
    errors.AmountInvalid,
    errors.OperationAbandoned,
)
NO_SUCH_DATE = (errors.SeatTaken, errors.PerformanceNotFound)
UNDECIDED = (errors.OutcomeUnknown, errors.Interrupted, errors.InsufficientBalance)
GOES_ON = Words("{seats} stay held until {time}; the same command goes on from here")


def run(session: Session, form: Format) -> None:
    """Lead a customer to a receipt; raises Interrupted and what nobody can mend by choosing."""
    step = _guarded(session, None)
    while step is not Step.RECEIPT:
        step = _guarded(session, step)
    receipt.print_receipt(session, form)


def _guarded(session: Session, step: Step | None) -> Step:
    """Take a step, or find the one to begin with; say where to go on after a refusal."""
    try:
        return resuming.begin(session) if step is None else STEPS[step](session)
    except Back:
        before = session.before(step or Step.CONCERT)
        session.choose_anew(before)
        return before
    except Quit as wish:
        raise leave(session, gone=wish.gone) from None
    except KeyboardInterrupt:
        session.terminal.say()
        raise leave(session) from None
    except errors.BoxOfficeError as error:
        return _after(session, step, error)


def _after(session: Session, step: Step | None, error: errors.BoxOfficeError) -> Step:
    """Return where a refusal leads back to; raises it where there is no such step."""
    if step is None or session.scripted:
        raise _told(session, error)
    if isinstance(error, errors.Unavailable) and not isinstance(error, errors.WaitTimedOut):
        return _again(session, step, error)
    following = _mending(session, step, error)
    if following is None:
        raise error
    session.terminal.tell(error)
    if following is Step.SEATS:
        session.drop_hold()
    session.choose_anew(following)
    return following


def _mending(session: Session, step: Step, error: errors.BoxOfficeError) -> Step | None:
    """Return the step that can mend a refusal of a step, or None."""
    if step is Step.CONCERT:
        return step if session.request.concert is not None else None
    if step is Step.DATES and isinstance(error, NO_SUCH_DATE):
        return step if session.names_date else Step.CONCERT
    if step in (Step.SEATS, Step.PAYING) and isinstance(error, SAME_AGAIN):
        return step
    following = MENDED.get(type(error))
    return None if step is Step.WAITING and following is step else following


def _again(session: Session, step: Step, error: errors.BoxOfficeError) -> Step:
    """Offer to try the same again when a server was away."""
    session.terminal.tell(error)
    try:
        if session.terminal.confirm(tr("Try again?"), session.hold, default=True):
            return step
    except (Back, Quit, KeyboardInterrupt):
        session.terminal.say()
    raise _told(session, error)


def _told(session: Session, error: errors.BoxOfficeError) -> errors.BoxOfficeError:
    """Say of an error that ends the session what stays held."""
    if session.held is not None and not isinstance(error, UNDECIDED):
        held = session.held
        error.advice = Words(GOES_ON.template, seats=", ".join(held.seats), time=session.held_until)
    return error
