"""Reserve, pay, cancel."""

from __future__ import annotations

import sys

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import Identity, changing, confirm, operation_key
from boxoffice.core.language import tr

EXAMPLES = {
    "reserve": "boxoffice reserve 3 --seat A-12 --seat A-13",
    "pay": "boxoffice pay R-1V2J-FD5T-J2HR-FAW",
    "cancel": "boxoffice cancel R-1V2J-FD5T-J2HR-FAW --yes",
}


def reserve(
    performance: options.PerformanceArgument,
    seat: options.SeatOption = None,
    best: options.BestOption = None,
    section: options.SectionOption = None,
    category: options.CategoryOption = None,
    price_type: options.TypeOption = None,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.ServedOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Hold seats of a performance for you, all of them or none."""
    key = operation_key(key)
    identity = Identity(token=token, staff=staff, user=user)
    with changing("reserve", key) as change:
        caller = identity.caller(change.settings)
        held = change.once(
            lambda key: change.office.reserve(
                performance,
                caller,
                seats=seat or (),
                best=best,
                section=section,
                category=category,
                types=price_type or (),
                key=key,
            ),
            token=caller.token,
            performance=performance,
            seats=",".join(seat or ()) or None,
            best=best,
            user=user,
        )
        output.print_one(held, form(as_json, quiet), identity="reservation")


def next_step(reservation: str) -> str:
    """Say where the tickets of what was just paid are."""
    return tr("`boxoffice ticket show {reservation}` shows the tickets", reservation=reservation)


def pay(
    reservation: options.ReservationArgument,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.ExpectedOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Pay a reservation from the balance."""
    key = operation_key(key)
    identity = Identity(token=token, staff=staff, user=user)
    with changing("pay", key) as change:
        caller = identity.caller(change.settings)
        paid = change.once(
            lambda key: change.office.pay(reservation, caller, key=key),
            token=caller.token,
            reservation=reservation,
            user=user,
        )
        output.print_one(paid, form(as_json, quiet), identity="payment")
    if sys.stdout.isatty() and not (as_json or quiet):
        output.say(next_step(reservation))


def cancel(
    reservation: options.ReservationArgument,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.ExpectedOption = None,
    key: options.KeyOption = None,
    yes: options.YesOption = False,
    no_input: options.NoInputOption = False,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Cancel a reservation: its seats become free, what was paid is refunded."""
    key = operation_key(key)
    identity = Identity(token=token, staff=staff, user=user)
    confirm(tr("Cancel {reservation}?", reservation=reservation), yes=yes, no_input=no_input)
    with changing("cancel", key) as change:
        caller = identity.caller(change.settings)
        cancelled = change.once(
            lambda key: change.office.cancel(reservation, caller, key=key),
            token=caller.token,
            reservation=reservation,
            user=user,
        )
        output.print_one(cancelled, form(as_json, quiet), identity="reservation")
