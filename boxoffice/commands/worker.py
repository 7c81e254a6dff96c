"""Workers: what keeps the house tidy and tells others what happened."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import Exit
from boxoffice.commands.runtime import open_office
from boxoffice.core.config import load
from boxoffice.core.errors import WorkersAway, WorkersLate
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from boxoffice.core.duty import Worker
    from boxoffice.core.model import Note

# A connection for each of the jobs that may be at the database at the same time.
CONNECTIONS = 4

worker = typer.Typer(name="worker")


@worker.callback(
    invoke_without_command=True,
    epilog="Example: boxoffice worker --once",
)
def work(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Do what is due now and end, as from cron.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say what is of note as JSON Lines, on stderr.")
    ] = False,
) -> None:
    """Sweep ended holds, tell events, release blocks and delete what is old, until SIGTERM."""
    if context.invoked_subcommand is not None:
        return
    from boxoffice.core.office import Office

    office = Office(load(), connections=CONNECTIONS)
    try:
        hand = office.worker(_tell_json if as_json else _tell)
        with _stopped_by_signals(hand):
            if once:
                hand.once()
            else:
                hand.run()
    finally:
        office.close()


@worker.command(epilog="Example: boxoffice worker status --json")
def status(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Leave with 6 unless workers do every job in time.")
    ] = False,
    as_json: options.JsonOption = False,
) -> None:
    """Show the jobs, who does them, and what is still to be told to whom."""
    from boxoffice.core.jobs import AWAY, WORKING
    from boxoffice.core.model import Job

    if context.parent is not None:  # `worker --json status` asks for it, too
        as_json = as_json or context.parent.params["as_json"]
    with open_office() as office:
        found = office.worker_status()
        output.print_with_rows(
            found,
            output.form(as_json),
            identity="unsent",
            rows="jobs",
            kind=Job,
            zone=office.settings.time_zone,
        )
    if not check or found.state == WORKING:
        return
    if found.state == AWAY:
        raise WorkersAway
    late = ", ".join(job.job for job in found.jobs if job.late)
    raise WorkersLate("jobs that nobody does in time: {jobs}", jobs=late)


@contextmanager
def _stopped_by_signals(hand: Worker) -> Iterator[None]:
    """Let the first SIGTERM or Ctrl-C ask for the end, and the second one make it."""
    names = (signal.SIGTERM, signal.SIGINT)
    before = {name: signal.getsignal(name) for name in names}
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            _leave()
        asked = True  # first: a second signal may come while the worker is being stopped
        hand.stop()

    for name in names:
        signal.signal(name, ask)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _leave() -> NoReturn:
    """Leave without the threads, for which Python would wait; others take over from the leases."""
    output.say(tr("left in the middle: what was in hand is done again by a worker"))
    os._exit(Exit.INTERRUPTED)


def _tell_json(note: Note) -> None:
    at = datetime.now().astimezone().isoformat(timespec="milliseconds")
    sys.stderr.write(json.dumps({"at": at, **output.plain(note)}) + "\n")
    sys.stderr.flush()


def _tell(note: Note) -> None:
    given = {"job": note.job, "count": note.count, "message": note.message}
    match note.what:
        case "done":
            output.say(tr("{job}: {count} done", **given))
        case "failed":
            output.say(tr("{job}: {count} not taken, to be tried again: {message}", **given))
        case "dead":
            output.say(tr("{job}: {count} given up, see `boxoffice outbox dead`", **given))
        case "trouble":
            output.say(tr("{job}: {message}; it is tried again", **given))
        case "over":
            output.say(tr("{job}: works again ({message})", **given))
