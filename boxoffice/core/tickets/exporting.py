"""Makes the signed list of a performance, for a door without network."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from boxoffice.core.catalogue import concert_of
from boxoffice.core.model import DoorTicket
from boxoffice.core.tables import concerts, performances, venues
from boxoffice.core.tickets import codes, keys, reading
from boxoffice.core.tickets.lists import DOMAIN, FORMAT, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a list is made of: read at once, so that no transaction waits for the making."""

    facts: dict[str, Any]
    rows: Sequence[Any]
    code_key: bytes
    signing_key: Ed25519PrivateKey


def read(connection: Connection, performance: int) -> Material:
    """Read what the list of a performance is made of; raises PerformanceNotFound."""
    concert_of(connection, performance)
    return Material(
        facts=_facts(connection, performance),
        rows=reading.rows(connection, performance),
        code_key=keys.code_key(connection),
        signing_key=keys.signing_key(connection),
    )


def make(material: Material) -> bytes:
    """Make the signed list."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        **material.facts,
        "public_key": keys.public_name(material.signing_key),
        "tickets": len(material.rows),
    }
    lines = [_line(head), *(_line(_plain(ticket)) for ticket in _tickets(material))]
    signed = b"".join(lines)
    return signed + _line({"signature": material.signing_key.sign(DOMAIN + signed).hex()})


def _facts(connection: Connection, performance: int) -> dict[str, Any]:
    row = connection.execute(
        select(
            concerts.c.name,
            venues.c.name.label("venue"),
            performances.c.starts_at,
            performances.c.time_zone,
            func.now().label("made_at"),
        )
        .join(concerts, concerts.c.id == performances.c.concert_id)
        .join(venues, venues.c.id == performances.c.venue_id)
        .where(performances.c.id == performance)
    ).one()
    return {
        "performance": performance,
        "concert": row.name,
        "venue": row.venue,
        "date": row.starts_at.astimezone(ZoneInfo(row.time_zone)).isoformat(),
        "made_at": row.made_at.isoformat(),
    }


def _tickets(material: Material) -> Iterator[DoorTicket]:
    performance = material.facts["performance"]
    for row in material.rows:
        claim = codes.make(material.code_key, performance, row.nonce, row.seat_no)
        yield DoorTicket(
            hash=codes.fingerprint(claim),
            state=_state(row),
            seat=row.label,
            section=row.section,
            row=row.seat_row,
            price_type=row.price_type,
            checked_in_at=row.checked_in_at,
            gate=row.gate,
        )


def _state(row: Any) -> str:  # noqa: ANN401
    if not row.is_live:
        return "cancelled"
    return "valid" if row.checked_in_at is None else "used"


def _plain(ticket: DoorTicket) -> dict[str, Any]:
    told = {name: value for name, value in asdict(ticket).items() if value is not None}
    at = ticket.checked_in_at
    return told | ({"checked_in_at": at.isoformat()} if at else {})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
