"""`boxoffice batch`: lines in, result lines out."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options  # noqa: TC001 - Typer reads the annotations
from boxoffice.core.errors import InputInvalid

EXAMPLES = {"batch": "boxoffice batch sales.jsonl --staff > results.jsonl"}
JOBS_MAX = 32
RunKeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        "-k",
        metavar="KEY",
        help="Name this run: under another name the same lines are done once more.",
    ),
]


def batch(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Lines of JSON; - reads stdin.")
    ] = "-",
    staff: Annotated[
        bool, typer.Option("--staff", help="Act as staff, for the user of each line.")
    ] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", metavar="N", help="So many processes; each user's lines stay in order."
        ),
    ] = 1,
    stop_on_error: Annotated[
        bool, typer.Option("--stop-on-error", help="Begin no line after one that failed.")
    ] = False,
    dry_run: options.DryRunOption = False,
    key: RunKeyOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say in JSON, too, what the run came to.")
    ] = False,
) -> int:
    """Do one operation a line; the same lines again do only what was not done yet."""
    from boxoffice.commands.batch.acting import manner_of
    from boxoffice.commands.batch.lines import Lines
    from boxoffice.commands.batch.running import office_of, opened, run_here, running

    if not 1 <= jobs <= JOBS_MAX:
        raise InputInvalid("--jobs must be from 1 to {most}", most=JOBS_MAX)
    manner = manner_of(key, staff=staff, dry_run=dry_run, stop_on_error=stop_on_error)
    with (
        opened(file) as stream,
        office_of(manner) as office,
        running(as_json=as_json) as tally,
    ):
        if jobs == 1:
            run_here(Lines(stream), office, manner, tally)
        else:
            from boxoffice.commands.batch.jobs import run_in_jobs

            run_in_jobs(Lines(stream), office.settings, manner, tally, jobs)
    return tally.worst
