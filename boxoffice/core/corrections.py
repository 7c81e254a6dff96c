"""Corrections of balances: what an admin credits or debits, with its reason on the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from boxoffice.core.database import decide
from boxoffice.core.errors import AmountInvalid
from boxoffice.core.tables import accounts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from boxoffice.core.model import Money

CORRECTION_MAX = 10**15


def require_amount(amount: Money) -> None:
    """Raise AmountInvalid for nothing and for what no account can hold."""
    if amount.amount == 0 or abs(amount.amount) > CORRECTION_MAX:
        raise AmountInvalid(
            "a correction is from 1 to {most}, or as much below zero, in {currency} minor units",
            most=CORRECTION_MAX,
            currency=amount.currency,
        )


def lock_account(connection: Connection, user: int, currency: str) -> dict[str, Any]:
    """Lock a user's account, opened where there is none, and say what is in it.

    Raises UserNotFound as the database does.
    """
    opened = insert(accounts).values(user_id=user, currency=currency, balance=0)
    connection.execute(opened.on_conflict_do_nothing())
    balance = connection.execute(
        select(accounts.c.balance)
        .where(accounts.c.user_id == user, accounts.c.currency == currency)
        .with_for_update()
    ).scalar_one()
    return {"balance": balance}


def correct(connection: Connection, user: int, amount: Money, *, key: str) -> dict[str, Any]:
    """Credit or debit a locked account; raises InsufficientBalance as the database does."""
    values = {"user": user, "amount": amount.amount, "currency": amount.currency, "key": key}
    row = decide(connection, "correct", values)
    assert row is not None, "the account is there and locked"
    stored: dict[str, Any] = row[0]
    return stored
