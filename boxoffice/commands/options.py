"""Options and arguments that mean the same in every command."""

from __future__ import annotations

from typing import Annotated

import typer

ConcertArgument = Annotated[
    str, typer.Argument(metavar="CONCERT", help="A concert, by id or name.")
]
PerformanceArgument = Annotated[
    int, typer.Argument(metavar="PERFORMANCE", help="The id of a performance.")
]
ReservationArgument = Annotated[
    str, typer.Argument(metavar="RESERVATION", help="A reservation, as `reserve` named it.")
]
UserOption = Annotated[
    str | None, typer.Option("--user", "-u", metavar="USER", help="A user, by id or name.")
]
ServedOption = Annotated[
    str | None,
    typer.Option("--user", "-u", metavar="USER", help="With --staff: for whom, by id or name."),
]
ExpectedOption = Annotated[
    str | None,
    typer.Option(
        "--user", "-u", metavar="USER", help="With --staff: only if it is theirs, by id or name."
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="TOKEN",
        help="The queue token; - reads stdin. Otherwise BOXOFFICE_TOKEN or the session file.",
    ),
]
StaffOption = Annotated[
    bool, typer.Option("--staff", help="Act as staff, beside the queue (clerk or admin).")
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key", "-k", metavar="KEY", help="Operation key: the same key gets the same answer."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the ids.")]
QuietTokenOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the token.")]
QuietStateOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the state.")]
FieldsOption = Annotated[
    str | None, typer.Option("--fields", metavar="A,B", help="Print only these fields.")
]
SeatOption = Annotated[
    list[str] | None,
    typer.Option("--seat", "-s", metavar="LABEL", help="A seat; may be given several times."),
]
BestOption = Annotated[
    int | None, typer.Option("--best", metavar="N", help="The best N seats together.")
]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="Three letters, as in KRW.")
]
SectionOption = Annotated[
    str | None, typer.Option("--section", metavar="SECTION", help="Only seats of this section.")
]
CategoryOption = Annotated[
    str | None,
    typer.Option("--category", "-c", metavar="CATEGORY", help="Only seats of this price category."),
]
TakeOverOption = Annotated[
    bool, typer.Option("--take-over", help="Go on with a place that another terminal holds.")
]
TimeoutOption = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", help="Wait in the queue no longer than this."),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Do it, say what it came to, and take it back.")
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="A price type, as child: once for all seats, or once a seat in their order.",
    ),
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the audit.")
]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Fail instead of asking.")]
