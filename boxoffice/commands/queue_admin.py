"""Queues: how they stand, who is let in and how fast, and the draw before a start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key
from boxoffice.core.errors import InputInvalid
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core.model import Line
    from boxoffice.core.office import Office

queue = typer.Typer(name="queue", help="Open, pause and set the queues of concerts.")

DEFAULT = "default"


@queue.command("show", epilog="Example: boxoffice queue show 1 --json")
def queue_show(
    concert: options.ConcertArgument,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Show a queue in figures, with its settings in force (clerk or admin)."""
    with open_office() as office:
        status = office.queue_status(concert)
    if quiet:
        output.print_one(status, form(as_json, quiet), identity="state")
    else:
        output.print_mapping(output.plain(status), as_json=as_json)


def _set_state(name: str, sentence: str, state: str) -> None:
    """Register a command that brings a queue into a state."""

    @queue.command(name, help=sentence, epilog=f"Example: boxoffice queue {name} 1")
    def change_state(
        concert: options.ConcertArgument,
        dry_run: options.DryRunOption = False,
        key: options.KeyOption = None,
        as_json: options.JsonOption = False,
        quiet: options.QuietStateOption = False,
    ) -> None:
        _change(
            f"queue {name}",
            key,
            lambda office, key: office.change_queue(concert, {"state": state}, key=key),
            dry_run=dry_run,
            shape=form(as_json, quiet),
            concert=concert,
        )


_set_state("open", "Open a queue: admit as its settings say; a draw that is due is held.", "open")
_set_state("pause", "Pause a queue: keep its places and admit nobody.", "paused")
_set_state("drain", "Take nobody more into a queue and admit those who wait.", "drain")
_set_state("close", "Close a queue: take and admit nobody.", "closed")
_set_state("pre", "Keep places for a draw by lot, which opening the queue holds.", "pre")


@queue.command("resume", epilog="Example: boxoffice queue resume 1")
def queue_resume(
    concert: options.ConcertArgument,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Admit again after a pause."""
    _change(
        "queue resume",
        key,
        lambda office, key: office.resume_queue(concert, key=key),
        dry_run=dry_run,
        shape=form(as_json, quiet),
        concert=concert,
    )


@queue.command("set", epilog="Example: boxoffice queue set 1 --capacity 200 --rate default")
def queue_set(
    concert: options.ConcertArgument,
    capacity: Annotated[
        str | None, typer.Option("--capacity", metavar="N", help="How many are admitted at once.")
    ] = None,
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="N", help="How many are admitted a minute.")
    ] = None,
    burst: Annotated[
        str | None, typer.Option("--burst", metavar="N", help="How many at one moment.")
    ] = None,
    life: Annotated[
        str | None, typer.Option("--life", metavar="SECONDS", help="How long an admission lives.")
    ] = None,
    life_max: Annotated[
        str | None,
        typer.Option("--life-max", metavar="SECONDS", help="The longest it may become by holds."),
    ] = None,
    claim: Annotated[
        str | None,
        typer.Option("--claim", metavar="SECONDS", help="How long it waits for its owner."),
    ] = None,
    absence: Annotated[
        str | None,
        typer.Option("--absence", metavar="SECONDS", help="How long an absent place is kept."),
    ] = None,
    recover: Annotated[
        str | None,
        typer.Option(
            "--recover", metavar="SECONDS", help="How long people come back after a loss."
        ),
    ] = None,
    staff: Annotated[
        str | None,
        typer.Option("--staff", metavar="N", help="How many staff may sell beside the queue."),
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Set how a queue admits; `default` as a value goes back to the default (admin)."""
    given = {
        "capacity": capacity,
        "rate_per_minute": rate,
        "burst": burst,
        "admission_seconds": life,
        "admission_seconds_max": life_max,
        "claim_seconds": claim,
        "absence_seconds": absence,
        "recover_seconds": recover,
        "staff_allowance": staff,
    }
    changes = {name: _number(text) for name, text in given.items() if text is not None}
    if not changes:
        raise InputInvalid("say what to set", hint="as in --capacity 200")
    _change(
        "queue set",
        key,
        lambda office, key: office.change_queue(concert, changes, key=key),
        dry_run=dry_run,
        shape=form(as_json, quiet),
        concert=concert,
    )


@queue.command("draw", epilog="Example: boxoffice queue draw 1 --hold")
def queue_draw(
    concert: options.ConcertArgument,
    hold: Annotated[
        bool, typer.Option("--hold", help="Hold it now, if it is due; the queue is paused then.")
    ] = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Show a draw: its commitment before, its seed after; anybody can check one by the other."""
    shape = form(as_json, quiet)
    if not hold:
        with open_office() as office:
            output.print_one(office.queue_draw(concert), shape, identity="state")
        return
    key = operation_key(key)
    with changing("queue draw", key, dry_run=dry_run) as change:
        drawn = change.once(lambda key: change.office.hold_draw(concert, key=key), concert=concert)
        output.print_one(drawn, shape, identity="state")


def _change(
    command: str,
    key: str | None,
    call: Callable[[Office, str], Line],
    *,
    dry_run: bool,
    shape: output.Format,
    concert: str,
) -> None:
    own = operation_key(key)
    with changing(command, own, dry_run=dry_run) as change:
        line = change.once(lambda key: call(change.office, key), concert=concert)
        output.print_one(line, shape, identity="state")


def _number(text: str) -> float | None:
    """Read a setting as a number, None for the default; raises InputInvalid."""
    if text == DEFAULT:
        return None
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise InputInvalid("{text} is no number", text=visible(text)) from None
