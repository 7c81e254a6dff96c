"""The hold statement of the project through bare psycopg: what the statement itself takes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import psycopg

from boxoffice.core.database import statement
from boxoffice.core.references import NONCE_BITS, payment_reference, reservation_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crowd import Client

HOLD_SECONDS = 300
STAFF = "benchmark"
PAYMENT = {"tender": "balance", "received": None, "note": None, "total": None}
# What a bare select asks: the seat of that label, as it stands.
SEAT = """
SELECT s.status, s.held_until
FROM performances p
JOIN venue_seats v ON v.venue_id = p.venue_id AND v.label = %s
JOIN performance_seats s ON s.performance_id = p.id AND s.seat_no = v.seat_no
WHERE p.id = %s
"""


def parameters(
    performance: int, user: str, labels: Sequence[str], key: str, staff: str | None = STAFF
) -> dict[str, Any]:
    """Return what the hold statement takes, as the core would give it for staff or a customer."""
    number = secrets.randbits(NONCE_BITS)
    return {
        "performance": performance,
        "concert": None,
        "labels": list(labels),
        "types": None,
        "reservation": number,
        "reference": reservation_reference(performance, number),
        "payment_reference": payment_reference(performance, number),
        "user": int(user),
        "hold_seconds": HOLD_SECONDS,
        "key": key,
        "request": "benchmark",
        "staff": staff,
        "terminal": None,
    }


def hold(client: Client, performance: int, user: str, label: str, key: str) -> str:
    """Hold a seat by one statement, and say what came of it: held, seat_taken or met."""
    return hold_given(client, parameters(performance, user, [label], key))


def hold_given(client: Client, given: dict[str, Any]) -> str:
    """Hold what the parameters say; "met" is a seat that somebody took in this very moment."""
    try:
        return client.bare.execute(statement("hold"), given).fetchone()[0]
    except (psycopg.errors.LockNotAvailable, psycopg.errors.CheckViolation):
        return "met"


def pay(client: Client, given: dict[str, Any]) -> None:
    """Pay what was held with the same parameters."""
    client.bare.execute(statement("pay"), _paying(given)).fetchone()


def _paying(given: dict[str, Any]) -> dict[str, Any]:
    own = {"key": f"{given['key']}-pay", "event": f"pay:{given['reference']}"}
    return given | PAYMENT | own


def hold_all(client: Client, many: Sequence[dict[str, Any]]) -> None:
    """Hold each, all in one way to the server and one commit; raises where one is not held."""
    with client.bare.transaction(), client.bare.cursor() as cursor:
        cursor.executemany(statement("hold"), many, returning=True)
        assert all(each.fetchone()[0] == "held" for each in cursor.results())


def pay_all(client: Client, many: Sequence[dict[str, Any]]) -> None:
    """Pay what was held with these parameters, all in one way to the server and one commit."""
    with client.bare.transaction(), client.bare.cursor() as cursor:
        cursor.executemany(statement("pay"), [_paying(given) for given in many])


def look(client: Client, performance: int, user: str, label: str, key: str) -> str:  # noqa: ARG001 - as those above
    """Read a seat's row."""
    return client.bare.execute(SEAT, (label, performance)).fetchone()[0]
