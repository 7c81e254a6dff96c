"""Who acts for somebody else: the name that the audit keeps."""

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


def record(  # noqa: PLR0913 - who, what, for whom, how
    connection: Connection,
    by: Principal,
    action: str,
    *,
    user: int | None = None,
    key: str | None = None,
    detail: dict[str, Any],
) -> None:
    """Write one line of the audit; what changes seats or money writes its own (core/sql)."""
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
        )
    )


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
