"""What is here and what is wrong with it."""

from __future__ import annotations

import sys

import typer

from boxoffice.commands import options, output
from boxoffice.core.config import load

EXAMPLE = "boxoffice doctor"


def doctor(
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
) -> None:
    """Check Python, settings with their sources, and both servers."""
    from boxoffice.core import checkup

    checks = checkup.examine(load())
    names = tuple(name.strip() for name in fields.split(",")) if fields is not None else ()
    form = output.Format(as_json=as_json, fields=names)
    output.print_many(checks, checkup.Check, form, identity="name")
    sys.stdout.flush()
    if any(not check.ok for check in checks):
        raise typer.Exit(output.Exit.UNAVAILABLE)
