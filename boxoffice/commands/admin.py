"""Administration: venues, concerts, performances, users."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from boxoffice.commands import options, output
from boxoffice.commands.money import whole_number
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, operation_key
from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

venue = typer.Typer(name="venue", help="Import venues from plan files.")
concert = typer.Typer(name="concert", help="Create concerts.")
performance = typer.Typer(name="performance", help="Create the performances of a concert.")
user = typer.Typer(name="user", help="Add users.")

TIME_HELP = Words("As 2026-12-24T19:30; without an offset it is the venue's time.")


@venue.command("import", epilog="Example: boxoffice venue import hall.json")
def venue_import(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A plan file; - reads stdin.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Another name than the plan's.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a plan that needs mending.")
    ] = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Make a venue from a plan file."""
    key = operation_key(key)
    with _plan_file(file) as plan, changing("venue import", key) as change:
        made = change.once(
            lambda key: change.office.import_venue(_anew(plan), name=name, strict=strict, key=key),
            file=file,
            name=name,
        )
        output.print_one(made, form(as_json, quiet), identity="venue")


@venue.command("example", epilog="Example: boxoffice venue example theatre > theatre.json")
def venue_example(
    name: Annotated[str, typer.Argument(metavar="NAME", help="club, theatre or stadium.")],
) -> None:
    """Print an example plan."""
    from boxoffice.core.examples import EXAMPLES
    from boxoffice.core.plans import write_plan

    if name not in EXAMPLES:
        raise InputInvalid(
            "there is no such example", hint="one of: {known}", known=", ".join(EXAMPLES)
        )
    write_plan(EXAMPLES[name](), sys.stdout.buffer)


@concert.command("create", epilog="Example: boxoffice concert create 'IU Concert' --venue Hall")
def concert_create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The concert's name.")],
    venue: Annotated[str, typer.Option("--venue", metavar="VENUE", help="A venue, by id or name.")],
    currency: options.CurrencyOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Create a concert at a venue."""
    key = operation_key(key)
    with changing("concert create", key) as change:
        made = change.once(
            lambda key: change.office.create_concert(name, venue, currency=currency, key=key),
            name=name,
            venue=venue,
        )
        output.print_one(made, form(as_json, quiet), identity="id")


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
            metavar="CATEGORY=AMOUNT",
            help="A price in minor units; one for each category.",
        ),
    ],
    sale_opens: Annotated[
        str | None, typer.Option("--sale-opens", metavar="TIME", help="Otherwise now.")
    ] = None,
    sale_closes: Annotated[
        str | None, typer.Option("--sale-closes", metavar="TIME", help="Otherwise at the start.")
    ] = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Create a performance of a concert, every seat of the venue free."""
    key = operation_key(key)
    starts, opens, closes = _time(date), _optional_time(sale_opens), _optional_time(sale_closes)
    with changing("performance create", key) as change:
        made = change.once(
            lambda key: change.office.create_performance(
                concert,
                starts,
                prices=_prices(price),
                sale_opens=opens,
                sale_closes=closes,
                key=key,
            ),
            concert=concert,
            date=date,
        )
        output.print_one(made, form(as_json, quiet), identity="performance")


@user.command("add", epilog="Example: boxoffice user add kim")
def user_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A unique name.")],
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Add a user."""
    key = operation_key(key)
    with changing("user add", key) as change:
        added = change.once(lambda key: change.office.add_user(name, key=key), name=name)
        output.print_one(added, form(as_json, quiet), identity="user")


@contextmanager
def _plan_file(path: str) -> Iterator[BinaryIO]:
    from boxoffice.core.plans import PLAN_BYTES_MAX, open_plan

    if path == "-":  # kept, since a lost answer is asked for with the same plan
        yield io.BytesIO(sys.stdin.buffer.read(PLAN_BYTES_MAX + 1))
        return
    with open_plan(path) as file:
        yield file


def _anew(plan: BinaryIO) -> BinaryIO:
    plan.seek(0)
    return plan


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputInvalid("that is no time", hint=TIME_HELP) from None


def _optional_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _prices(texts: list[str]) -> dict[str, int]:
    prices: dict[str, int] = {}
    for text in texts:
        category, equals, amount = text.rpartition("=")
        if not equals or not category:
            raise InputInvalid(
                "a price is CATEGORY=AMOUNT, the amount in minor units",
                hint="as in --price Standard=99000",
            )
        if category in prices:
            raise InputInvalid("category {category} has two prices", category=visible(category))
        prices[category] = whole_number(amount)
    return prices
