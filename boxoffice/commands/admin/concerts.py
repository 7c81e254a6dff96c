"""Concerts: what is performed, at which venue."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.admin.progress import progress
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, confirm, open_office, operation_key
from boxoffice.core.language import tr

concert = typer.Typer(name="concert", help="Create, list and cancel concerts.")


@concert.command("create", epilog="Example: boxoffice concert create 'IU Concert' --venue Hall")
def concert_create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The concert's name.")],
    venue: Annotated[str, typer.Option("--venue", metavar="VENUE", help="A venue, by id or name.")],
    currency: options.CurrencyOption = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Create a concert at a venue."""
    key = operation_key(key)
    with changing("concert create", key, dry_run=dry_run) as change:
        made = change.once(
            lambda key: change.office.create_concert(name, venue, currency=currency, key=key),
            name=name,
            venue=venue,
        )
        output.print_one(made, form(as_json, quiet), identity="id")


@concert.command("list", epilog="Example: boxoffice concert list --fields id,name,on_sale")
def concert_list(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List every concert, on sale or not (clerk or admin)."""
    from boxoffice.core.model import ListedConcert

    shape = form(as_json, quiet, fields)
    output.columns_of(ListedConcert, shape)
    with open_office() as office:
        concerts = office.list_programme()
    output.print_many(concerts, ListedConcert, shape, identity="id")


@concert.command("cancel", epilog="Example: boxoffice concert cancel 1 --reason 'tour ended' --yes")
def concert_cancel(
    concert: options.ConcertArgument,
    reason: options.ReasonOption,
    yes: options.YesOption = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Call off every performance of a concert still to come, and refund all that was paid."""
    key = operation_key(key)
    question = tr("Cancel every performance of {concert} still to come?", concert=concert)
    confirm(question, yes=yes or dry_run, no_input=False, required=True)
    with changing("concert cancel", key, dry_run=dry_run) as change, progress() as told:
        cancelled = change.once(
            lambda key: change.office.cancel_concert(concert, reason=reason, key=key, told=told),
            concert=concert,
        )
        output.print_one(cancelled, form(as_json, quiet), identity="concert")
