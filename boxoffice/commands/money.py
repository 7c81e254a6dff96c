"""Balances: charge, balance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import changing, open_office, operation_key, own_token
from boxoffice.core.errors import AmountInvalid, InputInvalid, Words

if TYPE_CHECKING:
    from boxoffice.commands.output import Format

EXAMPLES = {
    "charge": "boxoffice charge 100000 --user kim",
    "balance": "boxoffice balance --user kim --history",
}
FROM_HINT = Words("either `charge AMOUNT --user USER` or `charge --from FILE`")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)


def charge(
    amount: Annotated[
        str | None,
        typer.Argument(metavar="[AMOUNT]", help="In minor units of the currency (won, cents)."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Instead: CSV with user, amount, and currency, key; - reads stdin.",
        ),
    ] = None,
    currency: options.CurrencyOption = None,
    user: options.UserOption = None,
    token: options.TokenOption = None,
    dry_run: options.DryRunOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> int | None:
    """Add an amount to a balance, or an amount for each row of a CSV."""
    if source is not None:
        if (amount, currency, user, token) != (None,) * 4:
            raise InputInvalid("--from FILE says whose balances and how much", hint=FROM_HINT)
        return _charge_rows(source, key, form(as_json, quiet), dry_run=dry_run)
    if amount is None:
        raise InputInvalid("how much? no amount is given", hint=FROM_HINT)
    number = whole_number(amount)
    key = operation_key(key)
    with changing("charge", key, dry_run=dry_run) as change:
        text = own_token(token, user, change.office)
        charged = change.once(
            lambda key: change.office.charge(number, user, token=text, currency=currency, key=key),
            token=text,
            amount=number,
            currency=currency,
            user=user,
        )
        output.print_one(charged, form(as_json, quiet), identity="entry")
    return None


def _charge_rows(path: str, key: str | None, shape: Format, *, dry_run: bool) -> int:
    from boxoffice.commands.batch.acting import manner_of
    from boxoffice.commands.batch.rows import do_rows

    columns = (("user", "amount"), ("currency", "key"))
    manner = manner_of(key, dry_run=dry_run)
    return do_rows(path, "charge", columns, manner, shape, identity="entry")


def balance(
    history: Annotated[bool, typer.Option("--history", help="Also the newest entries.")] = False,
    currency: options.CurrencyOption = None,
    user: options.UserOption = None,
    token: options.TokenOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Tell a balance, optionally with its history."""
    from boxoffice.core.model import LedgerEntry  # not for `--help`

    shape = form(as_json, quiet)
    with open_office() as office:
        text = own_token(token, user, office)
        told = office.balance(user, token=text, currency=currency, history=history)
    if told.history is None:
        output.print_one(told, shape, identity="user")
    else:
        output.print_with_rows(told, shape, identity="user", rows="history", kind=LedgerEntry)


def whole_number(text: str) -> int:
    """Read an amount that a person typed; raises AmountInvalid."""
    if not WHOLE_NUMBER.fullmatch(text):
        raise AmountInvalid("the amount must be a whole number of minor units")
    return int(text)
