"""Choose a performance of the concert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.commands import people
from boxoffice.commands.guided.asking import TimeIsUp
from boxoffice.commands.guided.session import Step
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from boxoffice.commands.guided.session import Session
    from boxoffice.core.model import Performance

WHICH = Words("which date")
OPTION = Words("give --date YYYY-MM-DD or --performance ID")


def choose_date(session: Session) -> Step:
    """Take the performance of the options, the only one there is, or ask which.

    Raises PerformanceNotFound, and SeatTaken where the wanted one, or all, are sold out.
    """
    free = session.office.list_dates(str(session.concert), session.caller)
    wanted = [each for each in free if _is_wanted(session, each)]
    if not wanted:
        raise _none(session, free)
    if len(wanted) == 1:
        chosen = wanted[0]
        session.performance, session.date = chosen.performance, chosen.date
        session.terminal.say(evening_of(session))
    else:
        session.ask_for(Step.DATES, WHICH, OPTION)
        try:
            chosen = _ask(session, wanted)
        except TimeIsUp:
            raise errors.NotAdmitted("the time to choose is over") from None
    session.performance, session.date = chosen.performance, chosen.date
    return Step.SEATS


def evening_of(session: Session) -> str:
    """Write when the chosen performance begins."""
    assert session.date is not None
    return people.evening(session.date)


def require_choice(session: Session) -> None:
    """Raise before anybody queues what will be raised then: InputInvalid, PerformanceNotFound."""
    detail = session.office.show_concert(str(session.concert))
    wanted = sum(_is_wanted(session, each) for each in detail.dates)
    if not wanted:
        raise _no_such_date(session)
    if wanted > 1:
        session.ask_for(Step.DATES, WHICH, OPTION)


def _is_wanted(session: Session, performance: Performance) -> bool:
    request = session.request
    if request.performance is not None:
        return performance.performance == request.performance
    return request.is_on(performance.date)


def _none(session: Session, free: Sequence[Performance]) -> errors.BoxOfficeError:
    """Say why there is nothing to choose: sold out, or no such date."""
    known = session.office.show_concert(str(session.concert)).dates
    if any(_is_wanted(session, each) for each in known):
        if free:
            return errors.SeatTaken("that date is sold out", hint=OPTION)
        return errors.SeatTaken(
            Words("{concert} is sold out", concert=session.concert_name),
            hint="`boxoffice list-concerts` shows what is still on sale",
        )
    return _no_such_date(session)


def _no_such_date(session: Session) -> errors.PerformanceNotFound:
    return errors.PerformanceNotFound("{concert} has no such date", concert=session.concert_name)


def _ask(session: Session, wanted: Sequence[Performance]) -> Performance:
    for at, performance in enumerate(wanted, start=1):
        free = tr("{seats:,} free", seats=performance.free_seats)
        session.terminal.say(f" {at:>3}  {people.evening(performance.date)}  {free}")
    names = [_names(performance.date) for performance in wanted]
    return wanted[session.terminal.choose(tr("Which date?"), names, session.turn)]


def _names(date: datetime) -> tuple[str, ...]:
    """Return what a date may be called, by the clock of its venue."""
    year, day = f"{date:%Y-}", f"{date:%m-%d}"
    times = [f"{day}T{date:%H:%M}", f"{day} {date:%H:%M}"]
    return (people.evening(date), *times, *(year + time for time in times))
