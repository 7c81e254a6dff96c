"""What there is to see: concerts, dates, seats, one's own reservations."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import Identity, open_office, own_token

# The nouns are imported by the command that prints them: `--help` must not build them all.

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
    from boxoffice.core.model import Concert

    shape = form(as_json, quiet, fields)
    output.columns_of(Concert, shape)
    with open_office() as office:
        concerts = office.list_concerts()
    output.print_many(concerts, Concert, shape, identity="id", aside=("on_sale",))


def show_concert(
    concert: options.ConcertArgument,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Show a concert with its performances, sale windows, free seats and prices."""
    from boxoffice.core.model import Performance

    with open_office() as office:
        detail = office.show_concert(concert)
    shape = form(as_json, quiet)
    output.print_with_rows(detail, shape, identity="id", rows="dates", kind=Performance)


def list_dates(
    concert: options.ConcertArgument,
    token: options.TokenOption = None,
    staff: options.StaffOption = False,
    user: options.ServedOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the performances of a concert that have free seats."""
    from boxoffice.core.model import Performance

    shape = form(as_json, quiet, fields)
    output.columns_of(Performance, shape)
    identity = Identity(token=token, staff=staff, user=user)
    with open_office() as office:
        dates = office.list_dates(concert, identity.caller(office.settings))
    output.print_many(dates, Performance, shape, identity="performance")


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
    user: options.ServedOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the free seats of a performance with their prices."""
    from boxoffice.core.model import Seat

    shape = form(as_json, quiet, fields)
    output.columns_of(Seat, shape)
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
    output.print_many(seats, Seat, shape, identity="seat")


def list_reservations(
    user: options.UserOption = None,
    token: options.TokenOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List your reservations, newest first."""
    from boxoffice.core.model import Reservation

    shape = form(as_json, quiet, fields)
    output.columns_of(Reservation, shape)
    with open_office() as office:
        text = own_token(token, user, office)
        reservations = office.list_reservations(user, token=text)
    aside = ("performance", "created_at")
    output.print_many(reservations, Reservation, shape, identity="reservation", aside=aside)
