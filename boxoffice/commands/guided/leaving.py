"""Leave before anything is paid: what becomes of the hold and of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import Back, Quit, TimeIsUp
from boxoffice.commands.guided.paying import give_back
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session

GOES_ON = Words("`boxoffice book` goes on from here")


def leave(session: Session, *, gone: bool = False) -> errors.Interrupted:
    """Ask what to keep, where somebody is there, and return how the session ends.

    Nothing is given up by silence: who was cut off comes back to what they had.
    """
    if not gone and session.terminal.can_ask and _gives_up(session):
        return errors.Interrupted("nothing was booked, nothing is kept for you", hint="")
    if session.held is not None and session.hold is not None:
        return errors.Interrupted(
            Words(
                "stopped; held for you, {left} left: {seats}",
                left=session.hold.left,
                seats=", ".join(session.held.seats),
            ),
            hint=GOES_ON,
        )
    return errors.Interrupted("stopped before anything was booked", hint=GOES_ON)


def _gives_up(session: Session) -> bool:
    """Offer to give back what others wait for, and do so; anything but yes keeps it."""
    if session.held is not None:
        question = tr("Give the seats back, and your place in the queue?")
    elif session.place is not None:
        question = tr("Give up your place in the queue?")
    else:
        return False
    try:
        if not session.terminal.confirm(question, session.hold, default=False):
            return False
    except (Back, Quit, TimeIsUp, KeyboardInterrupt):
        session.terminal.say()
        return False
    if session.held is not None:
        give_back(session)
    _leave_queue(session)
    return True


def _leave_queue(session: Session) -> None:
    if session.place is None:
        return
    try:
        session.office.leave(session.token)
    except (errors.PlaceNotFound, errors.TokenInvalid):
        return
    session.terminal.say(tr("You have left the queue."))
