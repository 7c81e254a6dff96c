"""What was sold, how full it is, what is in the drawers, who did what: tables, bars and CSV."""

from __future__ import annotations

import shutil
import sys
from dataclasses import fields as fields_of
from datetime import date
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boxoffice.commands import options, output, people, spreadsheet
from boxoffice.commands.admin.values import read_optional_time
from boxoffice.commands.output import form
from boxoffice.commands.runtime import open_office
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import SalesLine

report = typer.Typer(name="report", help="Sales, occupancy, cash, queues and the audit.")

PerformanceOption = Annotated[
    int | None, typer.Option("--performance", metavar="PERFORMANCE", help="Only this one.")
]
ConcertOption = Annotated[
    str | None, typer.Option("--concert", metavar="CONCERT", help="Only this one, by id or name.")
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="From this time on, as 2026-12-24 or with T19:30."),
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="TIME", help="Before this time; days as the venue's.")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV, as spreadsheets read it.")]
MarkOption = Annotated[
    bool, typer.Option("--bom", help="For CSV: a byte order mark first, as Excel wants it.")
]
PlotOption = Annotated[
    bool, typer.Option("--plot", help="Draw it too, whether stdout is a terminal or not.")
]
BARS, PLAIN_BARS = ("█", "▌"), ("=", "-")  # of a cell, and of half a cell
BAR_CELLS_MIN, SALES_BAR_CELLS, OCCUPANCY_BAR_CELLS = 4, 24, 10
DAYS_AGO = {"today": 0, "yesterday": 1}
EVER = "all"
# The heading above the groups of each breakdown.
HEADINGS = {
    "performance": Words("performance"),
    "day": Words("day"),
    "hour": Words("hour"),
    "clerk": Words("clerk"),
    "tender": Words("tender"),
    "category": Words("category"),
    "section": Words("section"),
    "price-type": Words("price type"),
}
# What clerks and tenders are called where there is none.
CALLED = {
    "customers": Words("customers"),
    "charge": Words("top up"),
    "balance": Words("balance"),
    "cash": Words("cash"),
    "card": Words("card"),
    "complimentary": Words("complimentary"),
}
CALLED_BY = ("clerk", "tender")
NO_HEADING = ""  # a bar needs none


@report.command("sales", epilog="Example: boxoffice report sales --concert 1 --by day")
def report_sales(
    performance: PerformanceOption = None,
    concert: ConcertOption = None,
    since: FromOption = None,
    until: ToOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="performance, day, hour, clerk, tender, category or price-type.",
        ),
    ] = "performance",
    plot: PlotOption = False,
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Sum up sales; the total is the ledger's (clerk, admin or reader)."""
    from boxoffice.core.model import SalesLine
    from boxoffice.core.reports import sales_totals

    shape = _shape(SalesLine, fields, as_json=as_json, csv=csv, plot=plot, bom=bom)
    with open_office() as office:
        lines = office.report_sales(
            by=by,
            performance=performance,
            concert=concert,
            since=read_optional_time(since),
            until=read_optional_time(until),
        )
    if not _for_people(shape, csv=csv, plot=plot):
        _print(lines, SalesLine, shape, csv=csv, bom=bom)
        return
    drawn = plot or by in ("day", "hour")
    names = ["tickets", "net"] if drawn else ["tickets", "gross", "refunds", "net"]
    names += ["complimentary"] if any(line.complimentary for line in lines) else []
    shares = _sales_shares(lines) if drawn else {}
    _print_table(by, lines, sales_totals(lines), names, shares, SALES_BAR_CELLS)


def _sales_shares(lines: Sequence[SalesLine]) -> dict[int, float]:
    """Return the net of lines, each as a share of the largest of its currency."""
    most: dict[str, int] = {}
    for line in lines:
        most[line.currency] = max(most.get(line.currency, 0), line.net.amount)
    return {id(line): line.net.amount / (most[line.currency] or 1) for line in lines}


@report.command(
    "occupancy", epilog="Example: boxoffice report occupancy --performance 3 --by section"
)
def report_occupancy(
    performance: PerformanceOption = None,
    concert: ConcertOption = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHAT", help="performance, section or category."),
    ] = None,
    plot: Annotated[
        bool, typer.Option("--plot", help="Draw the hall too; with --performance.")
    ] = False,
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Count seats: sold, held, blocked, free and checked in (clerk, admin or reader)."""
    from boxoffice.commands import seat_chart
    from boxoffice.core.model import OccupancyLine

    shape = _shape(OccupancyLine, fields, as_json=as_json, csv=csv, plot=plot, bom=bom)
    if plot and performance is None:
        raise InputInvalid("a hall is drawn for one performance", hint="give --performance")
    with open_office() as office:
        lines = office.report_occupancy(by=by, performance=performance, concert=concert)
        hall = office.report_map(performance) if plot and performance is not None else None
    if not _for_people(shape, csv=csv, plot=plot):
        _print(lines, OccupancyLine, shape, csv=csv, bom=bom)
        return
    if hall is not None:
        chart = seat_chart.draw(hall[0], hall[1].states, _width())
        output.print_drawn(partial(people.print_lines, chart))
    by = by or ("performance" if performance is None else "section")
    counts = ("sold", "held", "blocked", "free", "checked_in")
    names = ["seats", *(n for n in counts if any(getattr(line, n) for line in lines)), "percent"]
    shares = {id(line): line.sold / line.seats for line in lines}
    _print_table(by, lines, (), names, shares, OCCUPANCY_BAR_CELLS)


@report.command("cash-up", epilog="Example: boxoffice report cash-up --day today --csv")
def report_cash_up(
    clerk: Annotated[
        str | None,
        typer.Option("--clerk", metavar="NAME", help="Only this one, as clerk:anna or anna."),
    ] = None,
    day: Annotated[
        str,
        typer.Option(
            "--day", metavar="DAY", help="A date, `today`, `yesterday`, or `all` for ever."
        ),
    ] = "today",
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Sum up what was taken by clerk and tender (a clerk: only their own; admin or reader)."""
    from boxoffice.core.model import CashLine

    shape = _shape(CashLine, fields, as_json=as_json, csv=csv, bom=bom)
    ago = DAYS_AGO.get(day)
    wanted = None if ago is not None or day == EVER else _date(day)
    with open_office() as office:
        lines = office.report_cash_up(clerk=clerk, day=wanted, days_ago=ago)
    aside = ("currency", "returns", "net")
    told = lines if csv else [_captioned(line, "clerk", "tender") for line in lines]
    _print(told, CashLine, shape, csv=csv, bom=bom, aside=aside)


@report.command("queue", epilog="Example: boxoffice report queue 1 --json")
def report_queue(
    concert: options.ConcertArgument,
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Show a queue beside the seats that are left (clerk, admin or reader)."""
    from boxoffice.core.model import QueueReport

    shape = _shape(QueueReport, fields, as_json=as_json, csv=csv, bom=bom)
    with open_office() as office:
        line = office.report_queue(concert)
    if csv or (fields and not as_json):
        _print([line], QueueReport, shape, csv=csv, bom=bom)
    elif fields:
        told = output.columns_of(QueueReport, shape)
        output.print_mapping({name: getattr(line, name) for name in told}, as_json=True)
    else:
        output.print_one(line, shape, identity="state")


@report.command("audit", epilog="Example: boxoffice report audit --action pay --clerk anna")
def report_audit(
    user: options.UserOption = None,
    clerk: Annotated[
        str | None,
        typer.Option("--clerk", metavar="NAME", help="Who did it, as clerk:anna or anna."),
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="WHAT", help="What was done, as pay.")
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", help="How many at most; the newest.")
    ] = 100,
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """List who did what for whom, newest first (admin or reader)."""
    from boxoffice.core.model import AuditEntry

    shape = _shape(AuditEntry, fields, as_json=as_json, csv=csv, bom=bom)
    with open_office() as office:
        entries = office.report_audit(
            user=user,
            clerk=clerk,
            action=action,
            since=read_optional_time(since),
            until=read_optional_time(until),
            limit=limit,
        )
    aside = ("terminal", "key", "before", "detail")
    _print(entries, AuditEntry, shape, csv=csv, bom=bom, aside=aside)


# --- printing ---


def _shape(kind: type, fields: str | None, **forms: bool) -> output.Format:
    """Check how a report is wanted before it is made; raises InputInvalid."""
    if sum(forms.get(name, False) for name in ("as_json", "csv", "plot")) > 1:
        raise InputInvalid("one of --json, --csv and --plot", hint="")
    if forms["bom"] and not forms["csv"]:
        raise InputInvalid("--bom is for --csv", hint="")
    shape = form(forms["as_json"], fields=fields)
    output.columns_of(kind, shape)
    return shape


def _for_people(shape: output.Format, *, csv: bool, plot: bool) -> bool:
    asked = csv or shape.as_json or shape.fields is not None
    return plot or (not asked and sys.stdout.isatty())


def _print(
    values: Sequence[Any],
    kind: type,
    shape: output.Format,
    *,
    csv: bool,
    bom: bool,
    aside: Sequence[str] = (),
) -> None:
    if csv:
        spreadsheet.print_csv(values, output.columns_of(kind, shape), mark=bom)
    else:
        output.print_many(values, kind, shape, identity="", aside=aside)


def _print_table(
    by: str,
    lines: Sequence[Any],
    totals: Sequence[Any],
    names: Sequence[str],
    shares: dict[int, float],
    bar_cells: int,
) -> None:
    """Print lines and totals as one table, each group below its own heading, with its share."""
    heading = str(HEADINGS[by])
    rows = []
    for line in (*lines, *totals):
        told = tr("total") if line in totals else line.group_name or _group(line.group, by)
        cells = {name: getattr(line, name) for name in names}
        rows.append(SimpleNamespace(**{heading: told}, **cells))
    shown = [heading, *names]
    if shares:
        most = max(BAR_CELLS_MIN, min(bar_cells, people.cells_left(shown, rows)))
        for line, row in zip((*lines, *totals), rows, strict=True):
            setattr(row, NO_HEADING, _bar(shares.get(id(line), 0), most))
        shown.append(NO_HEADING)
    output.print_drawn(partial(people.print_table, shown, rows, None))


def _group(group: str, by: str) -> Any:  # noqa: ANN401 - text, or Words
    if by in CALLED_BY:
        return CALLED.get(group, group)
    return f"{group[:10]} {group[11:16]} {group[19:]}" if by == "hour" else group


def _captioned(line: Any, *names: str) -> SimpleNamespace:  # noqa: ANN401
    """Put beside what a line says the words that people say for it."""
    told = {field.name: getattr(line, field.name) for field in fields_of(line)}
    words = {f"{name}_name": CALLED.get(told[name]) for name in names}
    return SimpleNamespace(**told, **words)


def _bar(share: float, cells: int) -> str:
    """Draw a share as a bar; half a cell is the least that is seen."""
    whole, half = BARS if _can_write(BARS[0]) else PLAIN_BARS
    halves = max(round(2 * cells * share), 1) if share > 0 else 0
    return whole * (halves // 2) + half * (halves % 2)


def _can_write(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _width() -> int:
    return shutil.get_terminal_size().columns


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputInvalid(
            "that is no day", hint="as 2026-12-24, today, yesterday or all"
        ) from None
