"""The outbox: what is to be told to whom, tried again or let go."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key
from boxoffice.core.errors import InputInvalid

outbox = typer.Typer(name="outbox", help="Look after the events that others are told of.")

EventsArgument = Annotated[
    list[str] | None, typer.Argument(metavar="EVENT...", help="Events, as `list` names them.")
]


@outbox.command("list", epilog="Example: boxoffice outbox list --state retrying")
def list_events(
    state: Annotated[
        str | None,
        typer.Option(
            "--state",
            metavar="STATE",
            help="waiting, retrying, dead or sent; otherwise all but what is sent.",
        ),
    ] = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List events that are still to be told, and to whom."""
    _print(state, output.form(as_json, quiet, fields))


@outbox.command(epilog="Example: boxoffice outbox dead -q")
def dead(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List deliveries that were given up."""
    _print("dead", output.form(as_json, quiet, fields))


@outbox.command(epilog="Example: boxoffice outbox retry --all")
def retry(
    events: EventsArgument = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Have deliveries tried again at once, as if they were never tried."""
    if everything == bool(events):
        raise InputInvalid("name events, or all", hint="give EVENT... or --all")
    key = operation_key(key)
    with changing("outbox retry", key, dry_run=dry_run) as change:
        done = change.once(
            lambda key: change.office.retry_deliveries(None if everything else events, key=key)
        )
        output.print_one(done, form(as_json, quiet), identity="deliveries")


@outbox.command(epilog="Example: boxoffice outbox discard pay:R-1V2J-FD5T-J2HR-FAW")
def discard(
    events: Annotated[
        list[str], typer.Argument(metavar="EVENT...", help="Events, as `dead` names them.")
    ],
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Let go of deliveries that were given up: nobody is told of them any more."""
    key = operation_key(key)
    with changing("outbox discard", key, dry_run=dry_run) as change:
        done = change.once(lambda key: change.office.discard_deliveries(events, key=key))
        output.print_one(done, form(as_json, quiet), identity="deliveries")


def _print(state: str | None, shape: output.Format) -> None:
    from boxoffice.core.model import Delivery

    output.columns_of(Delivery, shape)
    with open_office() as office:
        output.print_many(
            office.list_outbox(state),
            Delivery,
            shape,
            identity="event",
            aside=("performance", "created_at"),
            zone=office.settings.time_zone,
        )
