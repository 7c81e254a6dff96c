"""For scripts: what became of an operation key."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import open_office, operation_key, own_token

EXAMPLES = {"status": "boxoffice status 5f0c2a9e31"}


def status(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key of an operation.")],
    token: options.TokenOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Tell what became of an operation, by its key."""
    with open_office() as office:
        operation = office.status(operation_key(key), token=own_token(token, None, office))
        zone = office.settings.time_zone
    output.print_one(operation, form(as_json, quiet), identity="state", zone=zone)
