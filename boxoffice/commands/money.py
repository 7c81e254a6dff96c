"""Balances: charge, balance."""

from __future__ import annotations

from typing import Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.runtime import find_token, open_office, operation_key
from boxoffice.core.errors import AmountInvalid
from boxoffice.core.model import LedgerEntry

EXAMPLES = {
    "charge": "boxoffice charge 100000 --user kim",
    "balance": "boxoffice balance --user kim --history",
}
AMOUNT_CHARACTERS_MAX = 40


def charge(
    amount: Annotated[
        str, typer.Argument(metavar="AMOUNT", help="In minor units of the currency (won, cents).")
    ],
    user: options.UserOption = None,
    token: options.TokenOption = None,
    currency: options.CurrencyOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Add an amount to a balance."""
    number = _amount(amount)
    key = operation_key(key)
    with open_office(key) as office:
        text = None if user and office.is_operator else find_token(token, office.settings)
        charged = office.charge(number, user, token=text, currency=currency, key=key)
    form = output.Format(as_json=as_json, quiet=quiet)
    output.print_one(charged, form, identity="entry")


def balance(
    user: options.UserOption = None,
    history: Annotated[bool, typer.Option("--history", help="Also the newest entries.")] = False,
    token: options.TokenOption = None,
    currency: options.CurrencyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Tell a balance, optionally with its history."""
    form = output.Format(as_json=as_json, quiet=quiet)
    with open_office() as office:
        text = None if user and office.is_operator else find_token(token, office.settings)
        told = office.balance(user, token=text, currency=currency, history=history)
    if told.history is None or as_json or quiet:
        output.print_one(told, form, identity="user")
    else:
        output.say(f"balance {output.money(told.balance)}")
        output.print_many(told.history, LedgerEntry, form, identity="entry")


def _amount(text: str) -> int:
    """Read a whole number that a person typed; raises AmountInvalid."""
    if len(text) > AMOUNT_CHARACTERS_MAX or not text.lstrip("+-").isdecimal():
        raise AmountInvalid("the amount must be a whole number of minor units")
    return int(text)
