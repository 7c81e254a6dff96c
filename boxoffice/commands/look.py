"""What there is to see: concerts, dates, seats, one's own reservations."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.runtime import Identity, find_token, open_office
from boxoffice.core.model import Concert, Performance, Reservation, Seat

EXAMPLES = {
    "list_concerts": "boxoffice list-concerts --json",
    "show_concert": "boxoffice show-concert 'IU Concert'",
    "list_dates": "boxoffice list-dates 1",
    "list_seats": "boxoffice list-seats 3 --best 2",
    "list_reservations": "boxoffice list-reservations --fields reservation,state",
}


def list_concerts(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the concerts that are on sale now."""
    with open_office() as office:
        concerts = office.list_concerts()
    output.print_many(concerts, Concert, form(as_json, quiet, fields), identity="id")


def show_concert(
    concert: options.ConcertArgument,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Show a concert with its performances, sale windows, free seats and prices."""
    with open_office() as office:
        detail = office.show_concert(concert)
    output.print_one(detail, form(as_json, quiet), identity="id")


def list_dates(
    concert: options.ConcertArgument,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.UserOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the performances of a concert that have free seats."""
    identity = Identity(token=token, staff=staff, user=user)
    with open_office() as office:
        dates = office.list_dates(concert, identity.caller(office.settings))
    output.print_many(dates, Performance, form(as_json, quiet, fields), identity="performance")


def list_seats(
    performance: options.PerformanceArgument,
    section: options.SectionOption = None,
    category: options.CategoryOption = None,
    best: Annotated[
        int | None, typer.Option("--best", metavar="N", help="Only the best N seats together.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also seats that are not free.")
    ] = False,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.UserOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the free seats of a performance with their prices."""
    identity = Identity(token=token, staff=staff, user=user)
    with open_office() as office:
        seats = office.list_seats(
            performance,
            identity.caller(office.settings),
            section=section,
            category=category,
            best=best,
            everything=everything,
        )
    output.print_many(seats, Seat, form(as_json, quiet, fields), identity="seat")


def list_reservations(
    user: options.UserOption = None,
    token: options.TokenOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List your reservations, newest first."""
    with open_office() as office:
        text = None if user and office.is_operator else find_token(token, office.settings)
        reservations = office.list_reservations(user, token=text)
    output.print_many(
        reservations,
        Reservation,
        form(as_json, quiet, fields),
        identity="reservation",
        hidden=("concert",),
    )


def form(as_json: bool, quiet: bool, fields: str | None = None) -> output.Format:
    """Gather the options of a list."""
    names = tuple(name.strip() for name in fields.split(",")) if fields is not None else ()
    return output.Format(as_json=as_json, quiet=quiet, fields=names)
