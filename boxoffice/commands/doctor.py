"""What is here and what is wrong with it."""

from __future__ import annotations

import typer

from boxoffice.commands import options, output
from boxoffice.core.config import load

EXAMPLES = {"doctor": "boxoffice doctor"}


def doctor(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Check Python, settings with their sources, and both servers."""
    from boxoffice.core import checkup

    shape = output.form(as_json, fields=fields)
    output.columns_of(checkup.Check, shape)
    checks = checkup.examine(load())
    aside = () if any(check.hint for check in checks) else ("hint",)
    output.print_many(checks, checkup.Check, shape, identity="name", aside=aside)
    if any(not check.ok for check in checks):
        raise typer.Exit(output.Exit.UNAVAILABLE)
