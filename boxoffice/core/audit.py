"""Who acts for somebody else: the name that the audit keeps, and whether it was kept whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

NAME_LENGTH_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """The operator behind this process: role, account of the host, terminal."""

    name: str
    terminal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first place where the audit is not what was written; `fault` as in audit_chain.sql."""

    fault: str
    link: int | None
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last link of the audit's chain: worth writing down elsewhere, to compare later."""

    number: int
    hash: str


def record(  # noqa: PLR0913 - who, what, for whom, how
    connection: Connection,
    by: Principal,
    action: str,
    *,
    user: int | None = None,
    key: str | None = None,
    detail: dict[str, Any],
    before: dict[str, Any] | None = None,
) -> None:
    """Write one line of the audit; what changes seats or money writes its own (core/sql).

    `before` is how the thing stood, `detail` how it stands now.
    """
    from sqlalchemy import insert

    from boxoffice.core.tables import audit

    connection.execute(
        insert(audit).values(
            action=action,
            principal=by.name,
            terminal=by.terminal,
            user_id=user,
            operation_key=key,
            detail=detail,
            before=before,
        )
    )


def verify_chain(connection: Connection) -> Break | None:
    """Compute the whole chain again; return the first break, or None where there is none."""
    from boxoffice.core.database import decide

    found = decide(connection, "audit_chain", {})
    return None if found is None else Break(fault=found[0], link=found[1], entry=found[2])


def read_head(connection: Connection) -> Head:
    """Return the last link of the chain."""
    from sqlalchemy import select

    from boxoffice.core.tables import audit_head

    row = connection.execute(select(audit_head)).one()
    return Head(number=row.number, hash=row.hash.hex())


@cache
def current_principal(role: str) -> Principal:
    """Name the operator by role and by the host account, which this program does not choose."""
    return Principal(name=f"{role}:{_account_name()}"[:NAME_LENGTH_MAX], terminal=_terminal())


def _account_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _terminal() -> str | None:
    try:
        return os.ttyname(0)
    except OSError:
        return None
