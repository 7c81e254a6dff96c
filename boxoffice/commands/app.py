"""The command line: its own options; its commands stand in the table of contents."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer
from typer.main import get_command

from boxoffice.commands import completion  # noqa: TC001 - Typer reads the annotations
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


@cache
def command_line() -> Callable[..., int | None]:
    """Return what runs a command line; building it from the functions is done once a process."""
    return get_command(app)
