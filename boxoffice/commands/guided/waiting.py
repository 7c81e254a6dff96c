"""Wait in the queue, with a live line, until it is one's turn."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import Back, Quit, TimeIsUp
from boxoffice.commands.guided.countdown import count_down, seconds_from_now
from boxoffice.commands.guided.session import Step
from boxoffice.commands.queue import keep
from boxoffice.commands.runtime import operation_key
from boxoffice.commands.session import keep_stub, stub_of
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session
    from boxoffice.core.model import Place

# Nobody polls while the question is open, so the place would be lost to absence.
DECIDE_SECONDS = 20
LEAVE_WORDS = ("leave", "l", "ㅣㄷㅁㅍㄷ", "ㅣ", "나가기")
KEEP_WORDS = ("keep", "k", "ㅏㄷ데", "ㅏ", "유지", "")
YOUR_TURN = Words("Your turn: {left} left")
GOES_ON = Words("`boxoffice book` goes on waiting; be back soon, a place is not kept for long")
NO_ANSWER = Words("The queue does not answer; it is asked again.")
TAKE_OVER = Words("`boxoffice book --take-over` goes on here, and ends the other terminal's token")
KEEPING = Words("Your place is kept in {left}")


def wait(session: Session) -> Step:
    """Take a place, or the one there is, and wait until admitted.

    Raises QueueClosed, WaitTimedOut, and Interrupted when the person stops waiting.
    """
    try:
        place = _admitted(session, _taken(session))
    except KeyboardInterrupt:
        raise _stop(session) from None
    except Quit as wish:
        if wish.gone:
            raise
        raise _stop(session) from None
    session.terminal.end_live()
    session.place = place
    if place.admitted_until is not None:
        session.turn = count_down(session.office, place.admitted_until, YOUR_TURN)
    session.terminal.say(tr("It is your turn."))
    if session.held is not None:
        return Step.PAYING
    return Step.DATES if session.performance is None else Step.SEATS


def _taken(session: Session) -> Place:
    """Take a place, or be told of the one there is; its token is kept for a later start.

    The session's key finds the place again whose token could not be kept.
    """
    key = session.request.step_key("queue")
    try:
        place = _enqueued(session, key or operation_key(None))
    except errors.PlaceNotFound:  # the place of this key has ended
        if key is None:
            raise
        place = _enqueued(session, operation_key(None))
    session.place, session.token = place, place.token
    keep(place, session.office.settings)
    return place


def _enqueued(session: Session, key: str) -> Place:
    """Take a place, or after a question the one that another terminal has; raises PlaceHeld."""
    office = session.office
    enqueue = partial(
        office.enqueue,
        str(session.concert),
        session.user,
        token=session.token,
        stub=stub_of(session.token, office.settings),
        key=key,
    )
    try:
        return enqueue(take_over=session.request.take_over)
    except errors.PlaceHeld:
        question = tr("Another terminal of yours holds your place. Go on with it here?")
        if session.scripted or not session.terminal.confirm(question, default=True):
            raise errors.PlaceHeld(hint=TAKE_OVER) from None
        return enqueue(take_over=True)


def _admitted(session: Session, place: Place) -> Place:
    """Poll as told until admitted; a place that is lost is taken anew, at the end."""
    limit = session.request.timeout_seconds
    deadline = None if limit is None else time.monotonic() + limit
    answered = True
    while place.state != "admitted":
        session.terminal.live(_line(session, place) if answered else tr(NO_ANSWER))
        pause = place.poll_seconds
        if deadline is not None:
            pause = min(pause, deadline - time.monotonic())
            if pause <= 0:
                raise errors.WaitTimedOut(hint=GOES_ON)
        session.terminal.pause(pause)
        polled = _polled(session)
        answered, place = polled is not None, polled or place
    return place


def _polled(session: Session) -> Place | None:
    """Ask where the place stands; None where the queue is away, which costs no place."""
    stub = stub_of(session.token, session.office.settings)
    try:
        place = session.office.position(session.token, stub=stub)
    except (errors.PlaceNotFound, errors.TokenInvalid):
        session.terminal.say(tr("Your place is gone; you are given a new one."))
        session.place = None
        return _taken(session)
    except errors.QueueUnavailable:
        return None
    keep_stub(place, session.office.settings)
    session.place = place
    return place


def _line(session: Session, place: Place) -> str:
    """Say in one short line where somebody stands."""
    parts = [] if session.hold is None else [session.hold.line]
    if place.position is None or place.ahead is None:
        parts.append(tr("Places are drawn by lot at the start"))
    else:
        parts.append(tr("Place {at:,}", at=place.position))
        parts.append(tr("{count:,} ahead", count=place.ahead))
        parts.append(_estimate(place.wait_seconds))
    return " | ".join([*parts, tr("Ctrl-C stops")])


def _estimate(seconds: int | None) -> str:
    if seconds is None:
        return tr("wait unknown")
    if seconds == 0:
        return tr("soon")
    minutes, seconds = divmod(seconds, 60)
    if minutes:
        return tr("about {minutes} min {seconds} s", minutes=minutes, seconds=seconds)
    return tr("about {seconds} s", seconds=seconds)


def _stop(session: Session) -> errors.Interrupted:
    """Ask whether to leave the queue or to keep the place, which is what silence means."""
    session.terminal.end_live()
    if session.place is not None and session.terminal.can_ask and _wants_to_leave(session):
        session.office.leave(session.token)
        return errors.Interrupted("you have left the queue, nothing was booked", hint="")
    return errors.Interrupted("stopped waiting; your place is kept for a while", hint=GOES_ON)


def _wants_to_leave(session: Session) -> bool:
    clock = seconds_from_now(DECIDE_SECONDS, KEEPING)
    question = tr("Leave the queue, or keep your place? [leave/KEEP]")
    try:
        while (answer := session.terminal.ask(question, clock).lower()) not in KEEP_WORDS:
            if answer in LEAVE_WORDS:
                return True
            session.terminal.say(tr("Type `leave` or `keep`."))
    except (Quit, Back, TimeIsUp, KeyboardInterrupt):
        session.terminal.say()
    return False
