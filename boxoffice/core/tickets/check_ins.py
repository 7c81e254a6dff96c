"""Letting people in, each seat once: one statement decides, and what it refuses is explained."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from boxoffice.core import answers, errors
from boxoffice.core.idempotency import make_request, run_statement
from boxoffice.core.model import CheckIn, DoorEntry, UploadedCheckIn
from boxoffice.core.references import reservation_reference
from boxoffice.core.tables import check_ins, performances
from boxoffice.core.tickets import codes, keys, reading
from boxoffice.core.tickets.door import used

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from boxoffice.core.audit import Principal
    from boxoffice.core.tickets.codes import Claim


def check_in(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    claim: Claim,
    *,
    performance: int | None,
    gate: str | None,
    by: Principal,
    key: str,
) -> CheckIn:
    """Let in whoever has this code, for this performance where one is named.

    Raises TicketNotFound for a code that was not made here, WrongPerformance, TicketCancelled,
    TicketUsed, KeyReused.
    """
    if not claim.is_proved(keys.code_key(connection)):
        raise errors.TicketNotFound
    if performance not in (None, claim.performance):
        raise errors.WrongPerformance(
            "the ticket is for performance {performance}", performance=claim.performance
        )
    answer = _record(connection, claim, at=None, gate=gate, by=by, key=key)
    if answer is None:
        raise _refusal(connection, claim)
    return answer


def upload(
    connection: Connection, performance: int, entries: Sequence[DoorEntry], *, by: Principal
) -> list[UploadedCheckIn]:
    """Record what a door without network did, each entry under a key made from it.

    So the same journal uploaded again records nothing twice.
    """
    key = keys.code_key(connection)
    claims = {
        codes.fingerprint(claim): (claim, row.label)
        for row in reading.rows(connection, performance)
        for claim in (codes.make(key, performance, row.nonce, row.seat_no),)
    }
    return [_upload_one(connection, entry, *claims.get(entry.hash, (None, None)), by=by)
            for entry in entries]  # fmt: skip


def _upload_one(
    connection: Connection,
    entry: DoorEntry,
    claim: Claim | None,
    label: str | None,
    *,
    by: Principal,
) -> UploadedCheckIn:
    told = UploadedCheckIn(state="unknown", seat=label, at=entry.at, gate=entry.gate)
    if claim is None:
        return told
    key = _entry_key(entry)
    answer = _record(connection, claim, at=entry.at, gate=entry.gate, by=by, key=key)
    if answer is not None:
        return replace(told, state="known" if answer.replayed else "recorded")
    first = _first(connection, claim)
    if first is None:
        return replace(told, state="cancelled")
    return replace(told, state="used", first_at=first[0], first_gate=first[1])


def _entry_key(entry: DoorEntry) -> str:
    text = f"{entry.hash}:{entry.at.isoformat()}:{entry.gate or ''}"
    return f"door:{hashlib.sha256(text.encode()).hexdigest()}"


def _record(  # noqa: PLR0913
    connection: Connection,
    claim: Claim,
    *,
    at: datetime | None,
    gate: str | None,
    by: Principal,
    key: str,
) -> CheckIn | None:
    place = {"performance": claim.performance, "seat_no": claim.seat_no, "gate": gate}
    request = make_request(key, "ticket check-in", reservation=claim.nonce, **place)
    parameters: dict[str, Any] = {
        **place,
        "reservation": claim.nonce,
        "reference": reservation_reference(claim.performance, claim.nonce),
        "at": at,
        "staff": by.name,
        "terminal": by.terminal,
    }
    answer = run_statement(connection, "check_in", request, parameters)
    return None if answer is None else answers.checked_in(answer[0], replayed=answer[1])


def _refusal(connection: Connection, claim: Claim) -> errors.BoxOfficeError:
    first = _first(connection, claim)
    if first is None:
        return errors.TicketCancelled()
    return used(*first)


def _first(connection: Connection, claim: Claim) -> tuple[datetime, str | None] | None:
    """Return when, by the venue's clock, and where somebody came in with a ticket."""
    row = connection.execute(
        select(check_ins.c.checked_in_at, check_ins.c.gate, performances.c.time_zone)
        .join(performances, performances.c.id == check_ins.c.performance_id)
        .where(
            check_ins.c.performance_id == claim.performance,
            check_ins.c.reservation_id == claim.nonce,
            check_ins.c.seat_no == claim.seat_no,
        )
    ).one_or_none()
    return row and (row.checked_in_at.astimezone(ZoneInfo(row.time_zone)), row.gate)
