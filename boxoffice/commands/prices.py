"""Prices of a performance, and the seats that the house keeps; they join `performance`."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.admin.performances import performance
from boxoffice.commands.admin.values import TIME_HELP, read_optional_time, read_prices
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key

RowOption = Annotated[
    str | None,
    typer.Option("--row", metavar="ROW", help="All seats of rows of this name (of a section)."),
]
SectionOption = Annotated[
    str | None, typer.Option("--section", metavar="SECTION", help="All seats of this section.")
]


@performance.command("prices", epilog="Example: boxoffice performance prices 3")
def performance_prices(
    performance: options.PerformanceArgument,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the prices of a performance by category and price type."""
    from boxoffice.core.model import CategoryPrice

    shape = form(as_json, quiet, fields)
    output.columns_of(CategoryPrice, shape)
    with open_office() as office:
        prices = office.list_prices(performance)
    output.print_many(prices, CategoryPrice, shape, identity="type")


@performance.command(
    "set-price",
    epilog="Example: boxoffice performance set-price 3 -p R=99000 -p R:child=49000",
)
def performance_set_price(
    performance: options.PerformanceArgument,
    price: Annotated[
        list[str],
        typer.Option(
            "--price",
            "-p",
            metavar="CATEGORY[:TYPE]=AMOUNT",
            help="A price in minor units; those that are not named stay.",
        ),
    ],
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Set prices of a performance; what is held or sold keeps its own."""
    from boxoffice.core.model import CategoryPrice

    key = operation_key(key)
    with changing("performance set-price", key, dry_run=dry_run) as change:
        set_now = change.once(
            lambda key: change.office.set_prices(performance, read_prices(price), key=key),
            performance=performance,
        )
        shape = form(as_json, quiet)
        output.print_with_rows(
            set_now, shape, identity="performance", rows="prices", kind=CategoryPrice
        )


@performance.command(
    "block", epilog="Example: boxoffice performance block 3 --section Stalls --row A --kind house"
)
def performance_block(
    performance: options.PerformanceArgument,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="house, technical or companion.")
    ],
    seat: options.SeatOption = None,
    section: SectionOption = None,
    row: RowOption = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help=f"When they are released. {TIME_HELP}"),
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="For whom, or why.")
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Keep free seats of a performance from the sale, all of them or none."""
    key = operation_key(key)
    release = read_optional_time(until)
    with changing("performance block", key, dry_run=dry_run) as change:
        blocked = change.once(
            lambda key: change.office.block_seats(
                performance,
                seats=seat or (),
                section=section,
                row=row,
                kind=kind,
                until=release,
                note=note,
                key=key,
            ),
            performance=performance,
            kind=kind,
        )
        output.print_one(blocked, form(as_json, quiet), identity="seats")


@performance.command("unblock", epilog="Example: boxoffice performance unblock 3 --seat A-1")
def performance_unblock(
    performance: options.PerformanceArgument,
    seat: options.SeatOption = None,
    section: SectionOption = None,
    row: RowOption = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Give blocked seats of a performance back to the sale."""
    key = operation_key(key)
    with changing("performance unblock", key, dry_run=dry_run) as change:
        unblocked = change.once(
            lambda key: change.office.unblock_seats(
                performance, seats=seat or (), section=section, row=row, key=key
            ),
            performance=performance,
        )
        output.print_one(unblocked, form(as_json, quiet), identity="seats")


@performance.command("blocks", epilog="Example: boxoffice performance blocks 3 --json")
def performance_blocks(
    performance: options.PerformanceArgument,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the seats of a performance that the house keeps (clerk or admin)."""
    from boxoffice.core.model import SeatBlock

    shape = form(as_json, quiet, fields)
    output.columns_of(SeatBlock, shape)
    with open_office() as office:
        blocks = office.list_blocks(performance)
    output.print_many(blocks, SeatBlock, shape, identity="seat")
