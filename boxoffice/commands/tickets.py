"""Tickets: shown to whoever paid, looked at at the doors."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output, private_files
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key, own_token
from boxoffice.core.errors import OutcomeUnknown, Words
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core.model import Ticket

ticket = typer.Typer(name="ticket", help="Show tickets, and let people in with them.")

PerformanceOption = Annotated[
    int, typer.Option("--performance", metavar="PERFORMANCE", help="The id of a performance.")
]
OutputOption = Annotated[
    str,
    typer.Option(
        "--output", metavar="FILE", help="A file that only you can read; - writes to a pipe."
    ),
]
OwnerOption = Annotated[
    bool, typer.Option("--staff", help="Anybody's reservation, as staff (clerk or admin).")
]
UPLOAD_AGAIN = Words("upload the journal again: what is recorded stays so, once")


@ticket.command(epilog="Example: boxoffice ticket show R-1V2J-FD5T-J2HR-FAW")
def show(
    reservation: options.ReservationArgument,
    token: options.TokenOption = None,
    staff: OwnerOption = False,
    user: options.UserOption = None,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Show the tickets of a paid reservation, one a seat, with codes to be scanned."""
    from boxoffice.core.model import Ticket

    shape = form(as_json, quiet, fields)
    output.columns_of(Ticket, shape)
    tickets = _tickets(reservation, token, user, staff=staff)
    aside = ("code", "reservation", "performance", "user")
    output.print_many(tickets, Ticket, shape, identity="code", aside=aside)
    if not (as_json or quiet or fields) and sys.stdout.isatty():
        _print_codes(tickets)


@ticket.command(epilog="Example: boxoffice ticket pdf R-1V2J-FD5T-J2HR-FAW --output tickets.pdf")
def pdf(
    reservation: options.ReservationArgument,
    target: OutputOption,
    token: options.TokenOption = None,
    staff: OwnerOption = False,
    user: options.UserOption = None,
) -> None:
    """Write the tickets of a paid reservation as PDF, a page a seat."""
    from boxoffice.core.tickets.pdf import write

    tickets = _tickets(reservation, token, user, staff=staff)
    private_files.write(target, write(tickets))


@ticket.command("list", epilog="Example: boxoffice ticket list --performance 3 --open")
def list_(
    performance: PerformanceOption,
    checked_in: Annotated[
        bool, typer.Option("--checked-in", help="Only those that somebody came in with.")
    ] = False,
    unused: Annotated[
        bool, typer.Option("--open", help="Only those that nobody came in with yet.")
    ] = False,
    codes: Annotated[
        bool, typer.Option("--codes", help="Their codes, too (admin; kept in the audit).")
    ] = False,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """List the tickets of a performance, and who came in (clerk or admin)."""
    from boxoffice.core.errors import InputInvalid
    from boxoffice.core.model import ListedTicket

    if checked_in and unused:
        raise InputInvalid("either --checked-in or --open")
    shape = form(as_json, quiet, fields)
    output.columns_of(ListedTicket, shape)
    with open_office() as office:
        listed = office.list_tickets(performance, with_codes=codes)
    wanted = [
        one
        for one in listed
        if not (checked_in or unused) or (one.checked_in_at is not None) == checked_in
    ]
    aside = () if codes else ("code",)
    output.print_many(wanted, ListedTicket, shape, identity="seat", aside=aside)


@ticket.command("check-in", epilog="Example: boxoffice ticket check-in - --gate West")
def check_in(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A code; - reads codes from stdin, one a line.")
    ],
    performance: Annotated[
        int | None,
        typer.Option("--performance", metavar="PERFORMANCE", help="Refuse those for others."),
    ] = None,
    gate: Annotated[
        str | None, typer.Option("--gate", metavar="NAME", help="Where this is.")
    ] = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> int:
    """Let in whoever has a ticket, once (clerk or admin)."""
    if code == "-":
        from boxoffice.commands.doors import check_in_stream

        return check_in_stream(performance, gate, key, dry_run=dry_run, as_json=as_json)
    key = operation_key(key)
    with changing("ticket check-in", key, dry_run=dry_run) as change:
        came = change.once(
            lambda key: change.office.check_in(code, performance=performance, gate=gate, key=key),
            performance=performance,
            gate=gate,
        )
        output.print_one(came, form(as_json, quiet), identity="seat")
    return output.Exit.DONE


@ticket.command(epilog="Example: boxoffice ticket export --performance 3 --output door.list")
def export(performance: PerformanceOption, target: OutputOption) -> None:
    """Write the signed list of a performance, for a door without network (clerk or admin)."""
    with open_office() as office:
        made = office.export_tickets(performance)
    private_files.write(target, made)


@ticket.command("key", epilog="Example: boxoffice ticket key")
def key_(as_json: options.JsonOption = False) -> None:
    """Print the public key that lists are signed with (clerk or admin)."""
    with open_office() as office:
        name = office.ticket_key()
    if as_json:
        output.print_mapping({"public_key": name}, as_json=True)
    else:
        output.print_text(f"{name}\n")


@ticket.command(epilog='Example: boxoffice ticket door door.list --public-key "$KEY"')
def door(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A list from `ticket export`.")],
    public_key: Annotated[
        str | None,
        typer.Option(
            "--public-key", metavar="KEY", help="Refuse a list that this key did not sign."
        ),
    ] = None,
    gate: Annotated[
        str | None, typer.Option("--gate", metavar="NAME", help="Where this is.")
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option("--journal", metavar="FILE", help="Who came in; usually FILE.journal."),
    ] = None,
    as_json: options.JsonOption = False,
) -> int:
    """Let people in without any server: codes from stdin, one a line, by a signed list."""
    from boxoffice.commands.doors import keep_door

    return keep_door(file, journal or f"{file}.journal", public_key, gate, as_json=as_json)


@ticket.command(epilog="Example: boxoffice ticket upload door.list.journal")
def upload(
    journal: Annotated[
        str, typer.Argument(metavar="JOURNAL", help="The journal that `ticket door` wrote.")
    ],
    dry_run: options.DryRunOption = False,
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Record who came in through a door without network; the same journal again changes nothing."""
    from boxoffice.core.model import UploadedCheckIn
    from boxoffice.core.tickets.door import READING_HINT, read_journal
    from boxoffice.core.tickets.lists import open_file

    shape = form(as_json, quiet, fields)
    output.columns_of(UploadedCheckIn, shape)
    with open_file(journal, hint=READING_HINT) as file:
        performance, entries, public_key = read_journal(file)
    try:
        with open_office(dry_run=dry_run) as office:
            told = office.upload_check_ins(performance, entries, public_key)
    except OutcomeUnknown:
        raise OutcomeUnknown(hint=UPLOAD_AGAIN) from None
    output.print_many(told, UploadedCheckIn, shape, identity="seat")
    if dry_run:
        output.say(tr("would {command}: nothing was changed", command="ticket upload"))


def _tickets(reservation: str, token: str | None, user: str | None, *, staff: bool) -> list[Ticket]:
    with open_office() as office:
        text = None if staff else own_token(token, user, office)
        return office.show_tickets(reservation, user=user, token=text, staff=staff)


def _print_codes(tickets: Sequence[Ticket]) -> None:
    """Print the codes, to be scanned where the terminal can show that."""
    from boxoffice.core.tickets.pictures import for_terminal

    has_pictures = _shows_pictures(tickets[0].code)
    for one in tickets:
        picture = f"{for_terminal(one.code)}\n" if has_pictures else ""
        output.print_text(f"\n{picture}{one.seat}  {one.code}\n")


def _shows_pictures(code: str) -> bool:
    from boxoffice.core.tickets.pictures import modules

    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if os.environ.get("TERM", "dumb") == "dumb" or not utf8:
        return False
    if shutil.get_terminal_size().columns < len(modules(code)[0]):
        output.say(tr("the terminal is too narrow for codes to be scanned"))
        return False
    return True
