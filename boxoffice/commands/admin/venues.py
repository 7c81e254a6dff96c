"""Venues: halls made from plan files."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.given_files import anew, given_file
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key
from boxoffice.core.errors import InputInvalid

venue = typer.Typer(name="venue", help="List venues, import and export them as plan files.")


@venue.command("import", epilog="Example: boxoffice venue import hall.json")
def venue_import(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A plan file; - reads stdin.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Another name than the plan's.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a plan that needs mending.")
    ] = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make a venue from a plan file."""
    from boxoffice.core.plans import PLAN_BYTES_MAX, open_plan

    key = operation_key(key)
    with (
        given_file(file, open_plan, bytes_max=PLAN_BYTES_MAX) as plan,
        changing("venue import", key, dry_run=dry_run) as change,
    ):
        made = change.once(
            lambda key: change.office.import_venue(anew(plan), name=name, strict=strict, key=key),
            file=file,
            name=name,
        )
        output.print_one(made, form(as_json, quiet), identity="venue")


@venue.command("list", epilog="Example: boxoffice venue list --fields id,name")
def venue_list(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List every venue (clerk or admin)."""
    from boxoffice.core.model import ListedVenue

    shape = form(as_json, quiet, fields)
    output.columns_of(ListedVenue, shape)
    with open_office() as office:
        venues = office.list_venues()
    output.print_many(venues, ListedVenue, shape, identity="id")


@venue.command("export", epilog="Example: boxoffice venue export Hall --format pretix > hall.json")
def venue_export(
    name: Annotated[str, typer.Argument(metavar="VENUE", help="A venue, by id or name.")],
    plan_format: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="boxoffice or pretix.")
    ] = "boxoffice",
) -> None:
    """Print the plan of a venue, to be imported here or elsewhere."""
    from boxoffice.core.plans import write_plan
    from boxoffice.core.pretix_writing import write_pretix

    formats = {"boxoffice": write_plan, "pretix": write_pretix}
    if plan_format not in formats:
        raise InputInvalid(
            "there is no such plan format", hint="one of: {known}", known=", ".join(formats)
        )
    with open_office() as office:
        plan = office.export_venue(name)
    output.print_file(lambda file: formats[plan_format](plan, file))


@venue.command("example", epilog="Example: boxoffice venue example theatre > theatre.json")
def venue_example(
    name: Annotated[str, typer.Argument(metavar="NAME", help="club, theatre or stadium.")],
) -> None:
    """Print an example plan."""
    from boxoffice.core.examples import EXAMPLES
    from boxoffice.core.plans import write_plan

    if name not in EXAMPLES:
        raise InputInvalid(
            "there is no such example", hint="one of: {known}", known=", ".join(EXAMPLES)
        )
    output.print_file(lambda file: write_plan(EXAMPLES[name](), file))
