"""Users: who can have a balance and reservations."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.money import whole_number
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, confirm, open_office, operation_key
from boxoffice.core.language import tr

UserArgument = Annotated[str, typer.Argument(metavar="USER", help="A user, by id or name.")]

user = typer.Typer(name="user", help="Add, find, correct and forget users.")


@user.command("add", epilog="Example: boxoffice user add kim")
def user_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A unique name.")],
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Add a user."""
    key = operation_key(key)
    with changing("user add", key, dry_run=dry_run) as change:
        added = change.once(lambda key: change.office.add_user(name, key=key), name=name)
        output.print_one(added, form(as_json, quiet), identity="user")


@user.command("find", epilog="Example: boxoffice user find kim")
def user_find(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A part of a name, or a number.")],
    fields: options.FieldsOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Find users by a part of their name or by number (clerk or admin)."""
    from boxoffice.core.model import Customer

    shape = form(as_json, quiet, fields)
    output.columns_of(Customer, shape)
    with open_office() as office:
        found = office.find_users(text)
    output.print_many(found, Customer, shape, identity="user")


@user.command(
    "correct", epilog="Example: boxoffice user correct kim --amount -5000 --reason 'charged twice'"
)
def user_correct(
    user: UserArgument,
    amount: Annotated[
        str,
        typer.Option(
            "--amount", metavar="AMOUNT", help="In minor units; below zero it is taken away."
        ),
    ],
    reason: options.ReasonOption,
    currency: options.CurrencyOption = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Correct a balance on the record; afterwards it is what the ledger says (admin)."""
    number = whole_number(amount)
    key = operation_key(key)
    with changing("user correct", key, dry_run=dry_run) as change:
        corrected = change.once(
            lambda key: change.office.correct_balance(
                user, number, reason=reason, currency=currency, key=key
            ),
            user=user,
            amount=number,
            currency=currency,
        )
        output.print_one(corrected, form(as_json, quiet), identity="entry")


@user.command("anonymise", epilog="Example: boxoffice user anonymise kim --yes")
def user_anonymise(
    user: UserArgument,
    yes: options.YesOption = False,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Forget a user's name and end their places in queues; reservations and money stay (admin)."""
    key = operation_key(key)
    confirm(
        tr("Forget the name of {user} for good?", user=user),
        yes=yes or dry_run,
        no_input=False,
        required=True,
    )
    with changing("user anonymise", key, dry_run=dry_run) as change:
        forgotten = change.once(lambda key: change.office.anonymise_user(user, key=key))
        output.print_one(forgotten, form(as_json, quiet), identity="user")
