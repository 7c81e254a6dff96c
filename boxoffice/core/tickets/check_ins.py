"""Letting people in, each seat once: one statement decides, and what it refuses is explained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
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
    from collections.abc import Mapping, Sequence
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


def require_own(connection: Connection, public_key: str) -> None:
    """Raise InputInvalid for the key of another box office: none of its tickets is known here."""
    if public_key != keys.public_name(keys.signing_key(connection)):
        raise errors.InputInvalid(
            "the journal is of another box office",
            hint="`boxoffice store status` says which database this is",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A ticket as a journal may name it, and the clock of its venue."""

    claim: Claim
    seat: str
    zone: ZoneInfo


def known(connection: Connection, performance: int) -> dict[str, Known]:
    """Return the tickets of a performance by what a door without network knows them by."""
    key = keys.code_key(connection)
    found = {}
    for row in reading.rows(connection, performance):
        claim = codes.make(key, performance, row.nonce, row.seat_no)
        ticket = Known(claim=claim, seat=row.label, zone=ZoneInfo(row.time_zone))
        found[codes.fingerprint(claim)] = ticket
    return found


def upload(
    connection: Connection,
    tickets: Mapping[str, Known],
    entries: Sequence[DoorEntry],
    *,
    by: Principal,
) -> list[UploadedCheckIn]:
    """Record what a door without network did, each entry under a key made from it.

    So the same journal uploaded again records nothing twice.
    """
    return [_upload_one(connection, tickets.get(entry.hash), entry, by=by) for entry in entries]


def _upload_one(
    connection: Connection, ticket: Known | None, entry: DoorEntry, *, by: Principal
) -> UploadedCheckIn:
    told = UploadedCheckIn(state="unknown", seat=None, at=entry.at, gate=entry.gate)
    if ticket is None:
        return told
    told = replace(told, seat=ticket.seat, at=entry.at.astimezone(ticket.zone))
    key = _entry_key(entry)
    answer = _record(connection, ticket.claim, at=entry.at, gate=entry.gate, by=by, key=key)
    if answer is not None:
        return replace(told, state="known" if answer.replayed else "recorded")
    first = _first(connection, ticket.claim)
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
