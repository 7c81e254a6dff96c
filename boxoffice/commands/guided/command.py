"""`boxoffice book`: options in, a receipt out."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from boxoffice.commands import options  # noqa: TC001 - Typer reads the annotations
from boxoffice.commands.money import whole_number
from boxoffice.commands.output import form
from boxoffice.commands.session import kept_token, named_token
from boxoffice.core.config import load

EXAMPLES = {"book": "boxoffice book 'IU Concert' --best 2"}


def book(
    concert: Annotated[
        str | None, typer.Argument(metavar="[CONCERT]", help="A concert, by id or name.")
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="DATE", help="As 2026-12-24, or with T19:30.")
    ] = None,
    performance: Annotated[
        int | None, typer.Option("--performance", metavar="ID", help="The id of a performance.")
    ] = None,
    seat: Annotated[
        list[str] | None,
        typer.Option("--seat", "-s", metavar="LABEL", help="A seat; may be given several times."),
    ] = None,
    best: Annotated[
        int | None, typer.Option("--best", metavar="N", help="The best N seats together.")
    ] = None,
    section: options.SectionOption = None,
    category: options.CategoryOption = None,
    charge: Annotated[
        str | None,
        typer.Option("--charge", metavar="AMOUNT", help="Charge this where the balance is short."),
    ] = None,
    charge_missing: Annotated[
        bool, typer.Option("--charge-missing", help="Charge what the balance lacks.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", help="Wait in the queue no longer than this."),
    ] = None,
    take_over: Annotated[
        bool,
        typer.Option("--take-over", help="Go on with a place that another terminal holds."),
    ] = False,
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
    with closing(Office(settings)) as office:
        session = Session(
            office=office,
            terminal=Terminal(may_ask=not no_input, silent=as_json or quiet),
            request=check(request, settings.charge_max),
            user=user,
            token=named_token(token, settings) or kept_token(settings),
        )
        machine.run(session, form(as_json, quiet))
