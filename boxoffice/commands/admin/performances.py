"""Performances: when a concert is performed, and when it is on sale."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.admin.progress import progress
from boxoffice.commands.admin.values import TIME_HELP, read_optional_time, read_prices, read_time
from boxoffice.commands.given_files import anew, given_file
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, confirm, open_office, operation_key
from boxoffice.core.language import tr

performance = typer.Typer(name="performance", help="Create, move and cancel performances.")


@performance.command(
    "create",
    epilog="Example: boxoffice performance create 1 --date 2026-12-24T19:30 -p R=99000",
)
def performance_create(
    concert: options.ConcertArgument,
    date: Annotated[str, typer.Option("--date", metavar="TIME", help=f"The start. {TIME_HELP}")],
    price: Annotated[
        list[str],
        typer.Option(
            "--price",
            "-p",
            metavar="CATEGORY[:TYPE]=AMOUNT",
            help="A price in minor units: one for each category, and what others than adults pay.",
        ),
    ],
    sale_opens: Annotated[
        str | None, typer.Option("--sale-opens", metavar="TIME", help="Otherwise now.")
    ] = None,
    sale_closes: Annotated[
        str | None, typer.Option("--sale-closes", metavar="TIME", help="Otherwise at the start.")
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Create a performance of a concert, every seat of the venue free."""
    key = operation_key(key)
    starts, opens, closes = (
        read_time(date),
        read_optional_time(sale_opens),
        read_optional_time(sale_closes),
    )
    with changing("performance create", key, dry_run=dry_run) as change:
        made = change.once(
            lambda key: change.office.create_performance(
                concert,
                starts,
                prices=read_prices(price),
                sale_opens=opens,
                sale_closes=closes,
                key=key,
            ),
            concert=concert,
            date=date,
        )
        output.print_one(made, form(as_json, quiet), identity="performance")


@performance.command("list", epilog="Example: boxoffice performance list 1 --json")
def performance_list(
    concert: options.ConcertArgument,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List every performance of a concert with its seats counted (clerk or admin)."""
    from boxoffice.core.model import ListedPerformance

    shape = form(as_json, quiet, fields)
    output.columns_of(ListedPerformance, shape)
    with open_office() as office:
        performances = office.list_performances(concert)
    aside = ("sale_opens", "sale_closes", "cancelled_at")
    output.print_many(performances, ListedPerformance, shape, identity="performance", aside=aside)


@performance.command(
    "reschedule", epilog="Example: boxoffice performance reschedule 3 --date 2026-12-26T19:30"
)
def performance_reschedule(
    performance: options.PerformanceArgument,
    date: Annotated[
        str, typer.Option("--date", metavar="TIME", help=f"The new start. {TIME_HELP}")
    ],
    sale_closes: Annotated[
        str | None,
        typer.Option(
            "--sale-closes", metavar="TIME", help="Otherwise as before: at the start, if so."
        ),
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Move a performance to another time; what is held or sold stays so."""
    key = operation_key(key)
    starts, closes = read_time(date), read_optional_time(sale_closes)
    with changing("performance reschedule", key, dry_run=dry_run) as change:
        moved = change.once(
            lambda key: change.office.reschedule(performance, starts, sale_closes=closes, key=key),
            performance=performance,
            date=date,
        )
        output.print_one(moved, form(as_json, quiet), identity="performance")


@performance.command(
    "sale", epilog="Example: boxoffice performance sale 3 --opens 2026-11-01T10:00"
)
def performance_sale(
    performance: options.PerformanceArgument,
    opens: Annotated[
        str | None, typer.Option("--opens", metavar="TIME", help="When the sale opens.")
    ] = None,
    closes: Annotated[
        str | None, typer.Option("--closes", metavar="TIME", help="When the sale closes.")
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Set when the sale of a performance opens and closes."""
    key = operation_key(key)
    begin, end = read_optional_time(opens), read_optional_time(closes)
    with changing("performance sale", key, dry_run=dry_run) as change:
        changed = change.once(
            lambda key: change.office.set_sale(performance, opens=begin, closes=end, key=key),
            performance=performance,
        )
        output.print_one(changed, form(as_json, quiet), identity="performance")


@performance.command(
    "cancel", epilog="Example: boxoffice performance cancel 3 --reason 'singer ill' --yes"
)
def performance_cancel(
    performance: options.PerformanceArgument,
    reason: options.ReasonOption,
    yes: options.YesOption = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Call a performance off, release what is held and refund all that was paid."""
    key = operation_key(key)
    question = tr("Cancel performance {performance} and refund all?", performance=performance)
    confirm(question, yes=yes or dry_run, no_input=False, required=True)
    with changing("performance cancel", key, dry_run=dry_run) as change, progress() as told:
        cancelled = change.once(
            lambda key: change.office.cancel_performance(
                performance, reason=reason, key=key, told=told
            ),
            performance=performance,
        )
        output.print_one(cancelled, form(as_json, quiet), identity="performance")


@performance.command("import", epilog="Example: boxoffice performance import season.csv --dry-run")
def performance_import(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="CSV: concert, date, sale_opens, sale_closes, and price:CATEGORY for each"
            " category; - reads stdin.",
        ),
    ],
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Create the performances of a file, all of them or none."""
    from boxoffice.core.csv_files import FILE_BYTES_MAX, open_rows

    key = operation_key(key)
    with (
        given_file(file, open_rows, bytes_max=FILE_BYTES_MAX) as rows,
        changing("performance import", key, dry_run=dry_run) as change,
    ):
        made = change.once(lambda key: change.office.import_season(anew(rows), key=key), file=file)
        output.print_one(made, form(as_json, quiet), identity="performances")
