"""`boxoffice user import`: many users out of a CSV."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options  # noqa: TC001 - Typer reads the annotations
from boxoffice.commands.admin.users import user
from boxoffice.commands.batch.command import RunKeyOption  # noqa: TC001
from boxoffice.commands.output import form


@user.command("import", epilog="Example: boxoffice user import members.csv --dry-run")
def user_import(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV with name, and key; - reads stdin.")
    ],
    dry_run: options.DryRunOption = False,
    key: RunKeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> int:
    """Add a user for each row of a CSV; the same file again adds only who is missing."""
    from boxoffice.commands.batch.acting import manner_of
    from boxoffice.commands.batch.rows import do_rows

    shape = form(as_json, quiet)
    manner = manner_of(key, dry_run=dry_run)
    return do_rows(file, "user add", (("name",), ("key",)), manner, shape, identity="user")
