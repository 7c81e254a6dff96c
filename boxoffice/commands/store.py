"""The servers: start, stop, status, reset, migrate."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.runtime import confirm, open_office
from boxoffice.core.access import OPERATORS
from boxoffice.core.config import Settings, load
from boxoffice.core.errors import Forbidden, StoreNotEmbedded
from boxoffice.core.language import tr

store = typer.Typer(name="store", help="Run the embedded servers; mend the schema.")


@store.command(epilog="Example: boxoffice store start")
def start(as_json: options.JsonOption = False) -> None:
    """Start the embedded servers, where they do not run yet."""
    from boxoffice.core import embedded

    settings = _embedded_settings()
    embedded.start(settings)
    _print_status(settings, as_json=as_json)


@store.command(epilog="Example: boxoffice store stop")
def stop(as_json: options.JsonOption = False) -> None:
    """Stop the embedded servers; their data stays."""
    from boxoffice.core import embedded

    settings = _embedded_settings(ending=True)
    embedded.stop(settings)
    _print_status(settings, as_json=as_json)


@store.command(epilog="Example: boxoffice store status --json")
def status(as_json: options.JsonOption = False) -> None:
    """Show the embedded servers: versions, folders, pids, sizes."""
    _print_status(_embedded_settings(), as_json=as_json)


@store.command(epilog="Example: boxoffice store reset --yes")
def reset(
    yes: options.YesOption = False,
    no_input: options.NoInputOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Stop the embedded servers and delete all their data."""
    from boxoffice.core import embedded

    settings = _embedded_settings(ending=True)
    confirm(
        tr("Delete every concert, reservation and balance of the embedded servers?"),
        yes=yes,
        no_input=no_input,
        required=True,
    )
    embedded.reset(settings)
    _print_status(settings, as_json=as_json)


@store.command(epilog="Example: boxoffice store migrate")
def migrate(as_json: options.JsonOption = False) -> None:
    """Bring the database's schema up to date."""
    from boxoffice.core.stores import Stores

    stores = Stores(load(), connections=1)
    try:
        revision = stores.migrate()
    finally:
        stores.close()
    output.print_mapping({"schema": revision}, as_json=as_json)


ApplyOption = Annotated[
    bool, typer.Option("--apply", help="Run it; takes a connection of a Postgres superuser.")
]


@store.command(epilog="Example: boxoffice store grants > grants.sql")
def grants(apply: ApplyOption = False, as_json: options.JsonOption = False) -> None:
    """Print the SQL that makes the database roles with their rights, or apply it."""
    from boxoffice.core.grants import script

    sql = script()
    if apply:
        with open_office() as office:
            sql = office.apply_grants()
    if as_json or apply:
        output.print_mapping(
            {"applied": apply} | ({"sql": sql} if as_json else {}), as_json=as_json
        )
    else:
        output.print_text(sql)


def _print_status(settings: Settings, *, as_json: bool) -> None:
    from boxoffice.core import embedded

    output.print_mapping(output.plain(embedded.status(settings)), as_json=as_json)


def _embedded_settings(*, ending: bool = False) -> Settings:
    """Return the settings; raises StoreNotEmbedded, and Forbidden where customers end a sale."""
    settings = load()
    if not settings.embedded:
        raise StoreNotEmbedded
    if ending and settings.acting_role not in OPERATORS:
        raise Forbidden
    return settings
