"""The receipt: words on a terminal, data for scripts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from boxoffice.commands import output, people
from boxoffice.commands.book import next_step
from boxoffice.commands.guided.booked import Booked
from boxoffice.commands.guided.money import written
from boxoffice.core import errors
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.commands.guided.session import Session
    from boxoffice.commands.output import Format
    from boxoffice.core.model import Reservation


def print_receipt(session: Session, form: Format) -> None:
    """Print what was booked, or what was before; raises AnswerLost where it cannot be written."""
    paid = session.booked or session.paid_before
    assert paid is not None
    if sys.stdout.isatty() and not (form.as_json or form.quiet):
        session.terminal.say()
        session.terminal.say(
            tr("Paid. Enjoy {concert}!", concert=paid.concert_name)
            if session.booked
            else tr("Nothing more was booked. Paid before:")
        )
        people.print_pairs(_facts(paid), None)
        session.terminal.say(next_step(paid.reservation))
        return
    try:
        output.print_one(paid, form, identity="reservation")
    except errors.LocalDiskFailed as error:
        raise errors.AnswerLost(
            "it is paid, but {reason}",
            hint="`boxoffice list-reservations` shows it",
            reason=error.message,
        ) from None


def _facts(paid: Booked | Reservation) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "reservation": paid.reservation,
        "concert": paid.concert_name,
        "date": people.evening(paid.date),
        "seats": paid.seats,
    }
    if isinstance(paid, Booked):
        return facts | {"paid": written(paid.paid), "balance": written(paid.balance)}
    return facts | {"total": written(paid.total)}
