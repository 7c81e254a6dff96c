"""For whom a session books: never for anybody whom nobody has named, and always said."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from boxoffice.commands.guided.asking import Back
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session

UNKNOWN = (errors.InputInvalid, errors.TokenInvalid, errors.UserNotFound)
NAME_THEM = Words("give --user USER")


def identify(session: Session) -> None:
    """Learn for whom to book and say it; an operator who named nobody is asked.

    Raises UserNotFound, Forbidden, TokenInvalid, InputInvalid where nobody can be asked.
    """
    if session.office.is_operator and not session.is_named and session.token is not None:
        _ask_about_the_former(session)
    while True:
        try:
            session.identify()
            break
        except UNKNOWN as error:
            if not (session.terminal.can_ask and session.office.is_operator):
                raise
            if session.user is not None:
                session.terminal.tell(error)
            session.user = _ask(session)
    session.terminal.say(tr("Booking for {user}.", user=session.name))


def _ask_about_the_former(session: Session) -> None:
    """Go on for the user of this host's last session only if that is wanted.

    A customer is nobody else, but the session of an operator may be anybody's.
    """
    try:
        former = session.office.show_user(token=session.token)
    except UNKNOWN:
        session.token = None
        return
    if not session.terminal.can_ask:
        raise errors.InputInvalid(
            "whose? only an earlier session names {user}", hint=NAME_THEM, user=former.name
        )
    question = tr("Go on for {user}, as in the session before?", user=former.name)
    try:
        goes_on = session.terminal.confirm(question)
    except Back:
        goes_on = False
    if not goes_on:
        session.token = None
        session.user = _ask(session)


def _ask(session: Session) -> str:
    """Return the name that was typed; nothing stands before this question to go back to."""
    while True:
        with suppress(Back):
            name = session.terminal.ask(tr("Who books? (a user's name)"))
            if name:
                return name
