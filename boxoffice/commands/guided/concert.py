"""Choose a concert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.commands import people
from boxoffice.commands.guided.folding import folded
from boxoffice.commands.guided.money import written
from boxoffice.commands.guided.session import Step
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.commands.guided.session import Session
    from boxoffice.core.model import Concert

WHICH = Words("which concert")
INDENT = " " * 6
OPTION = Words("give CONCERT, by id or name")


def choose_concert(session: Session) -> Step:
    """Take the concert of the command line, or ask which; raises ConcertNotFound."""
    chosen = _chosen(session)
    go_to(session, chosen.id, chosen.name)
    return Step.WAITING if session.scripted or _wants_more(session) else Step.RECEIPT


def _chosen(session: Session) -> Concert:
    if session.request.concert is not None:
        return session.office.show_concert(session.request.concert)
    session.ask_for(Step.CONCERT, WHICH, OPTION)
    concerts = session.office.list_concerts()
    if not concerts:
        raise errors.ConcertNotFound("no concert is on sale", hint="come back later")
    return _ask(session, concerts)


def _wants_more(session: Session) -> bool:
    """Ask who has paid for this concert before, perhaps in a session that was cut off then."""
    paid = [
        each
        for each in session.reservations()
        if each.state == "paid" and each.concert == session.concert
    ]
    if not paid:
        return True
    seats = ", ".join(seat for each in paid for seat in each.seats)
    session.terminal.say(tr("You have booked {seats} already.", seats=seats))
    if session.terminal.confirm(tr("Book more?"), default=False):
        return True
    session.paid_before = paid[0]
    return False


def go_to(session: Session, number: int, name: str) -> None:
    """Choose a concert; the place in the queue of another one is given up."""
    place = session.place
    if place is not None and place.concert != number:
        session.office.leave(place.token)
        session.terminal.say(tr("You have left the other queue."))
    if session.concert != number:
        session.performance = session.date = None
        session.place = session.turn = None
    session.concert, session.concert_name = number, name
    session.terminal.say(name)


def _ask(session: Session, concerts: Sequence[Concert]) -> Concert:
    terminal = session.terminal
    terminal.say(tr("On sale now:"))
    for at, concert in enumerate(concerts, start=1):
        first, *more = folded(_facts(concert), terminal.columns - len(INDENT) - 1)
        terminal.say(f" {at:>3}  {first}")
        for line in more:
            terminal.say(INDENT + line)
    default = 1 if len(concerts) == 1 else None
    names = [(concert.name,) for concert in concerts]
    at = terminal.choose(tr("Which concert?"), names, default=default)
    return concerts[at]


def _facts(concert: Concert) -> list[str]:
    facts = [concert.name, concert.venue]
    if concert.first_date is not None:
        facts.append(people.evening(concert.first_date))
    free = tr("{seats:,} free", seats=concert.free_seats)
    facts.append(free if concert.free_seats else tr("sold out"))
    if concert.price_from is not None:
        facts.append(tr("from {price}", price=written(concert.price_from)))
    return facts
