"""Balances and their ledger: money moves by a relative update together with its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boxoffice.core import answers
from boxoffice.core.database import statement
from boxoffice.core.errors import AmountInvalid, UserNotFound
from boxoffice.core.idempotency import make_request, run_statement
from boxoffice.core.model import Balance, Charge, LedgerEntry, Money
from boxoffice.core.references import number_in, reservation_reference, stored_name

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlalchemy import Connection

    from boxoffice.core.audit import Principal

HISTORY_ENTRIES_MAX = 1_000


def charge(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    user: int,
    amount: Money,
    *,
    amount_max: int,
    key: str,
    staff: Principal | None,
) -> Charge:
    """Add an amount to a user's balance.

    Raises AmountInvalid for zero, less, or more than `amount_max`; UserNotFound; KeyReused.
    """
    if not 0 < amount.amount <= amount_max:
        raise AmountInvalid(
            "the amount must be from 1 to {most}, in {currency} minor units",
            most=amount_max,
            currency=amount.currency,
        )
    request = make_request(key, "charge", user=user, amount=amount.amount, currency=amount.currency)
    answer = run_statement(
        connection,
        "charge",
        request,
        {
            "user": user,
            "amount": amount.amount,
            "currency": amount.currency,
            "staff": staff and staff.name,
            "terminal": staff and staff.terminal,
        },
    )
    assert answer is not None, "a charge either happens, was done before or raises"
    stored, replayed = answer
    return answers.charged(stored, replayed=replayed)


def balance(
    connection: Connection, user: str, currency: str, *, history_zone: str | None = None
) -> Balance:
    """Return the balance of a user, named by id or name.

    With its newest entries where a zone is named, which is that of their times.

    Raises UserNotFound.
    """
    number = number_in(user)
    name = stored_name(user) if number is None else None
    parameters = {"user": number, "name": name, "currency": currency}
    row = connection.exec_driver_sql(statement("balance"), parameters).one_or_none()
    if row is None:
        raise UserNotFound("there is no user {user}", user=user)
    owner, amount = row
    return Balance(
        user=owner,
        balance=Money(amount=amount, currency=currency),
        history=_history(connection, owner, currency, history_zone) if history_zone else None,
    )


def _history(
    connection: Connection, user: int, currency: str, zone: str
) -> tuple[LedgerEntry, ...]:
    from zoneinfo import ZoneInfo

    from sqlalchemy import select

    # A balance alone needs neither.
    from boxoffice.core.model import BALANCE
    from boxoffice.core.tables import ledger_entries

    rows = connection.execute(
        select(ledger_entries)
        .where(
            ledger_entries.c.user_id == user,
            ledger_entries.c.currency == currency,
            ledger_entries.c.tender == BALANCE.kind,
        )
        .order_by(ledger_entries.c.id.desc())
        .limit(HISTORY_ENTRIES_MAX)
    )
    return tuple(_entry(row, ZoneInfo(zone)) for row in rows)


def _entry(row: Any, zone: ZoneInfo) -> LedgerEntry:  # noqa: ANN401 - a row has no static type
    paid = row.reservation_id is not None
    return LedgerEntry(
        entry=row.id,
        type=row.type,
        amount=Money(amount=row.amount, currency=row.currency),
        balance_after=Money(amount=row.balance_after, currency=row.currency),
        reservation=reservation_reference(row.performance_id, row.reservation_id) if paid else None,
        at=row.created_at.astimezone(zone),
    )
