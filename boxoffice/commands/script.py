"""For scripts: what became of an operation key."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output, unresolved
from boxoffice.commands.output import Exit, form
from boxoffice.commands.runtime import open_office, operation_key, own_token

EXITS = {"done": Exit.DONE, "abandoned": Exit.NOT_FOUND, "in_progress": Exit.UNAVAILABLE}
EXAMPLES = {"status": "boxoffice status 5f0c2a9e31"}


def status(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key of an operation.")],
    settle: Annotated[
        bool,
        typer.Option("--settle", help="Where nothing was done, make sure that nothing will be."),
    ] = False,
    token: options.TokenOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> int:
    """Tell what became of a key: done (exit 0), abandoned (3), in progress or not seen (6)."""
    key = operation_key(key)
    with open_office(besides=key) as office:
        ask = office.settle if settle else office.status
        operation = ask(key, token=own_token(token, None, office))
        settings = office.settings
    if operation.state != "in_progress":
        unresolved.close(settings, key)
    output.print_one(operation, form(as_json, quiet), identity="state", zone=settings.time_zone)
    return EXITS[operation.state]
