"""The options that `book` alone has."""

from __future__ import annotations

from typing import Annotated

import typer

ConcertArgument = Annotated[
    str | None, typer.Argument(metavar="[CONCERT]", help="A concert, by id or name.")
]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="DATE", help="As 2026-12-24, or with T19:30.")
]
PerformanceOption = Annotated[
    int | None,
    typer.Option("--performance", metavar="PERFORMANCE", help="The id of a performance."),
]
ChargeOption = Annotated[
    str | None,
    typer.Option("--charge", metavar="AMOUNT", help="Charge this where the balance is short."),
]
ChargeMissingOption = Annotated[
    bool, typer.Option("--charge-missing", help="Charge what the balance lacks.")
]
