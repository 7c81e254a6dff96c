"""`boxoffice book`: options in, a receipt out."""

from __future__ import annotations

from contextlib import closing

from boxoffice.commands import options  # noqa: TC001 - Typer reads the annotations
from boxoffice.commands.guided import options as own  # noqa: TC001 - Typer reads them, too
from boxoffice.commands.money import whole_number
from boxoffice.commands.output import form
from boxoffice.commands.session import kept_token, named_token
from boxoffice.core.config import load

EXAMPLES = {"book": "boxoffice book 'IU Concert' --best 2"}


def book(
    concert: own.ConcertArgument = None,
    date: own.DateOption = None,
    performance: own.PerformanceOption = None,
    seat: options.SeatOption = None,
    best: options.BestOption = None,
    section: options.SectionOption = None,
    category: options.CategoryOption = None,
    charge: own.ChargeOption = None,
    charge_missing: own.ChargeMissingOption = False,
    timeout: options.TimeoutOption = None,
    take_over: options.TakeOverOption = False,
    user: options.UserOption = None,
    token: options.TokenOption = None,
    key: options.KeyOption = None,
    yes: options.YesOption = False,
    no_input: options.NoInputOption = False,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Book seats step by step: queue, date, seats, payment; started again, it goes on."""
    from boxoffice.commands.guided import machine  # not for `--help`
    from boxoffice.commands.guided.asking import Terminal
    from boxoffice.commands.guided.request import Request, check
    from boxoffice.commands.guided.session import Session
    from boxoffice.core.office import Office

    settings = load()
    request = Request(
        concert=concert,
        date=date,
        performance=performance,
        seats=tuple(seat or ()),
        best=best,
        section=section,
        category=category,
        charge=None if charge is None else whole_number(charge),
        charge_missing=charge_missing,
        yes=yes,
        timeout_seconds=timeout,
        take_over=take_over,
        key=key,
    )
    named = named_token(token, settings)
    with closing(Office(settings)) as office:
        session = Session(
            office=office,
            terminal=Terminal(may_ask=not no_input, silent=as_json or quiet),
            request=check(request, settings.charge_max),
            user=user,
            token=named or kept_token(settings),
            is_named=bool(user or named),
        )
        machine.run(session, form(as_json, quiet))
