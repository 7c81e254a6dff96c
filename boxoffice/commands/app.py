"""Every command and its help panel, in the order of `--help`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from boxoffice.commands import (
    admin,
    book,
    completion,
    counter,
    demo,
    doctor,
    export,
    look,
    money,
    outbox,
    queue,
    queue_admin,
    reports,
    script,
    store,
    tickets,
    verify,
    worker,
)
from boxoffice.commands import prices as _prices  # noqa: F401 - they join `performance`
from boxoffice.commands.batch import command as batch
from boxoffice.commands.batch import users as _user_import  # noqa: F401 - it joins `user`
from boxoffice.commands.guided import command as guided
from boxoffice.commands.panels import PanelGroup

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    name="boxoffice",
    cls=PanelGroup,
    help="A concert box office in the terminal: queue, look, reserve, pay.",
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,  # Typer's starts Python at each TAB; ours is a script of words
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"boxoffice {version('boxoffice')}")
        raise typer.Exit


@app.callback()
def boxoffice(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    show_completion: completion.ShowOption = None,
    install_completion: completion.InstallOption = None,
) -> None:
    """Sell concert seats: a fair queue, a seat sold once, money right to the last won."""


PANELS = {
    "Queue": (queue.enqueue, queue.position, queue.leave),
    "Look": (
        look.list_concerts,
        look.show_concert,
        look.list_dates,
        look.list_seats,
        look.list_reservations,
    ),
    "Book": (book.reserve, book.pay, book.cancel, guided.book),
    "Counter": (counter.counter,),
    "Money": (money.charge, money.balance),
    "Script": (batch.batch, script.status),
}
GROUPS = (
    admin.venue,
    admin.concert,
    admin.performance,
    admin.user,
    queue_admin.queue,
    tickets.ticket,
    store.store,
    outbox.outbox,
    worker.worker,
    reports.report,
    export.export,
)

for panel, commands in PANELS.items():
    for command in commands:
        epilog = command.__globals__["EXAMPLES"][command.__name__]
        app.command(
            command.__name__.replace("_", "-"),
            rich_help_panel=panel,
            epilog=f"Example: {epilog}",
            # A negative amount is an amount, and refused as one, not an unknown option.
            context_settings={"ignore_unknown_options": command is money.charge},
        )(command)
for group in GROUPS:
    app.add_typer(group, rich_help_panel="Administration")
app.command(rich_help_panel="Administration", epilog=f"Example: {doctor.EXAMPLE}")(doctor.doctor)
app.command(rich_help_panel="Administration", epilog=f"Example: {verify.EXAMPLE}")(verify.verify)
app.command(rich_help_panel="Administration", epilog=f"Example: {demo.EXAMPLE}")(demo.demo)


@cache
def command_line() -> Callable[..., int | None]:
    """Return what runs a command line; building it from the functions is done once a process."""
    return get_command(app)
