"""Everything of one kind for the office: reservations, or the ledger, as CSV or JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.commands import output, reports, spreadsheet
from boxoffice.commands.admin.values import read_optional_time
from boxoffice.commands.runtime import open_office
from boxoffice.core.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable

export = typer.Typer(name="export", help="Take all reservations, or the ledger, to a file.")

FORMATS = ("csv", "jsonl")
FormatOption = Annotated[
    str, typer.Option("--format", metavar="FORMAT", help="csv, or jsonl: an object a line.")
]


@export.command(
    "reservations", epilog="Example: boxoffice export reservations --concert 1 > reservations.csv"
)
def export_reservations(
    performance: reports.PerformanceOption = None,
    concert: reports.ConcertOption = None,
    form: FormatOption = "csv",
    bom: reports.MarkOption = False,
) -> None:
    """Print every reservation as one snapshot has it (admin or reader)."""
    from boxoffice.core.model import ExportedReservation

    _check(form, bom=bom)
    with (
        open_office() as office,
        office.export_reservations(performance=performance, concert=concert) as rows,
    ):
        _print(rows, ExportedReservation, form, bom=bom)


@export.command("ledger", epilog="Example: boxoffice export ledger --from 2026-12-01 > ledger.csv")
def export_ledger(
    since: reports.FromOption = None,
    until: reports.ToOption = None,
    form: FormatOption = "csv",
    bom: reports.MarkOption = False,
) -> None:
    """Print every entry of the ledger as one snapshot has it (admin or reader)."""
    from boxoffice.core.model import ExportedEntry

    _check(form, bom=bom)
    period = {"since": read_optional_time(since), "until": read_optional_time(until)}
    with open_office() as office, office.export_ledger(**period) as rows:
        _print(rows, ExportedEntry, form, bom=bom)


def _check(form: str, *, bom: bool) -> None:
    if form not in FORMATS:
        known = ", ".join(FORMATS)
        raise InputInvalid("there is no such format", hint="one of: {known}", known=known)
    if bom and form != "csv":
        raise InputInvalid("--bom is for CSV", hint="")


def _print(rows: Iterable[Any], kind: type, form: str, *, bom: bool) -> None:
    names = output.data_fields(kind)
    if form == "csv":
        spreadsheet.print_csv(rows, names, mark=bom)
        return
    lines = ({name: output.plain(getattr(row, name)) for name in names} for row in rows)
    output.print_file(lambda file: file.writelines(f"{output.dump(v)}\n".encode() for v in lines))
