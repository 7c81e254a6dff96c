"""What was sold, how full it is, what is in the drawers, who did what: tables, bars and CSV."""

from __future__ import annotations

import shutil
import sys
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
    bool, typer.Option("--bom", help="With --csv: a byte order mark first, as Excel wants it.")
]
PlotOption = Annotated[
    bool, typer.Option("--plot", help="Draw it too, whether stdout is a terminal or not.")
]
BAR, HALF_BAR = "█", "▌"
# As wide as leaves the other columns whole on 80 cells.
SALES_BAR_CELLS, OCCUPANCY_BAR_CELLS = 24, 10
TODAY, EVER = "today", "all"
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
    _print_table(by, lines, sales_totals(lines), names, _sales_bars(lines) if drawn else {})


def _sales_bars(lines: Sequence[SalesLine]) -> dict[int, str]:
    """Draw the net of lines, each as a share of the largest of its currency."""
    most: dict[str, int] = {}
    for line in lines:
        most[line.currency] = max(most.get(line.currency, 0), line.net.amount)
    return {id(line): _bar(line.net.amount, most[line.currency], SALES_BAR_CELLS) for line in lines}


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
    bars = {id(line): _bar(line.sold, line.seats, OCCUPANCY_BAR_CELLS) for line in lines}
    _print_table(by, lines, (), names, bars)


@report.command("cash-up", epilog="Example: boxoffice report cash-up --day today --csv")
def report_cash_up(
    clerk: Annotated[
        str | None,
        typer.Option("--clerk", metavar="NAME", help="Only this one, as clerk:anna or anna."),
    ] = None,
    day: Annotated[
        str, typer.Option("--day", metavar="DAY", help="A date, `today`, or `all` for ever.")
    ] = TODAY,
    fields: options.FieldsOption = None,
    csv: CsvOption = False,
    bom: MarkOption = False,
    as_json: options.JsonOption = False,
) -> None:
    """Sum up what was taken by clerk and tender (a clerk: only their own; admin or reader)."""
    from boxoffice.core.model import CashLine

    shape = _shape(CashLine, fields, as_json=as_json, csv=csv, bom=bom)
    wanted = None if day in (TODAY, EVER) else _date(day)
    with open_office() as office:
        lines = office.report_cash_up(clerk=clerk, day=wanted, today=day == TODAY)
    aside = ("currency", "returns", "net")
    _print(lines, CashLine, shape, csv=csv, bom=bom, aside=aside)


@report.command("queue", epilog="Example: boxoffice report queue 1 --json")
def report_queue(concert: options.ConcertArgument, as_json: options.JsonOption = False) -> None:
    """Show a queue beside the seats that are left (clerk, admin or reader)."""
    with open_office() as office:
        line = office.report_queue(concert)
    output.print_one(line, form(as_json), identity="state")


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
    bars: dict[int, str],
) -> None:
    """Print lines and totals as one table, each group below its own heading."""
    heading = str(HEADINGS[by])
    rows = []
    for line in (*lines, *totals):
        told = tr("total") if line in totals else line.group_name or _clock(line.group, by)
        cells = {name: getattr(line, name) for name in names}
        bar = {NO_HEADING: bars.get(id(line), "")}
        rows.append(SimpleNamespace(**{heading: told}, **cells, **bar))
    shown = [heading, *names, *([NO_HEADING] if bars else [])]
    output.print_drawn(partial(people.print_table, shown, rows, None))


def _clock(group: str, by: str) -> str:
    return group[:16].replace("T", " ") if by == "hour" else group


def _bar(value: int, most: int, cells: int) -> str:
    """Draw a share as a bar; half a cell is the least that is seen."""
    halves = round(2 * cells * max(value, 0) / most) if most else 0
    halves = max(halves, 1) if value > 0 else halves
    return BAR * (halves // 2) + HALF_BAR * (halves % 2)


def _width() -> int:
    return shutil.get_terminal_size().columns


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputInvalid("that is no day", hint="as 2026-12-24, today or all") from None
