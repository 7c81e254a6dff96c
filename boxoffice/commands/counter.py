"""The other face: a live seat map in the terminal."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from boxoffice.core import errors, language
from boxoffice.core.config import load

EXAMPLES = {"counter": "boxoffice counter --performance 3"}
# A page in a browser is drawn by a process whose terminal is the page.
DRAWN_BY_A_PAGE = "TEXTUAL_DRIVER"


def counter(
    performance: Annotated[
        int | None,
        typer.Option("--performance", metavar="PERFORMANCE", help="Open this seat map at once."),
    ] = None,
    only_ascii: Annotated[
        bool, typer.Option("--ascii", help="Draw with plain ASCII characters.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="LANGUAGE", help="en or ko; else as the locale says."),
    ] = None,
    web: Annotated[
        bool, typer.Option("--web", help="Serve it to a browser on this machine.")
    ] = False,
) -> int:
    """Sell at a counter: live seat maps, the queue and the orders, full screen (clerk or admin)."""
    from boxoffice.core.office import Office

    if lang is not None:
        language.use(lang)
    settings = load()
    if not Office(settings).is_operator:
        raise errors.Forbidden("the counter is for clerks and admins")
    if web:
        return _serve()
    if not _has_terminal():
        raise errors.InputInvalid(
            "the counter needs a terminal", hint="run it in one, or `boxoffice counter --web`"
        )
    from boxoffice import tui

    return tui.run(settings, performance=performance, ascii=only_ascii)


def _serve() -> int:
    """Serve this very command line, without --web, to every tab."""
    from boxoffice import tui

    arguments = [argument for argument in sys.argv[1:] if argument != "--web"]
    tui.serve([sys.executable, "-m", "boxoffice", *arguments], announce=typer.echo)
    return 0


def _has_terminal() -> bool:
    return DRAWN_BY_A_PAGE in os.environ or (sys.stdin.isatty() and sys.stdout.isatty())
