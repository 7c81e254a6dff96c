"""Exchange what is paid for other seats: give back, hold and pay in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from boxoffice.core import answers, audit, booking, errors, seats
from boxoffice.core.idempotency import make_request, run_transaction
from boxoffice.core.references import parse_reservation, reservation_reference
from boxoffice.core.reservations import standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from boxoffice.core.access import Buyer
    from boxoffice.core.model import Exchange, Tender


def exchange(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    reference: str,
    buyer: Buyer,
    labels: Sequence[str],
    tender: Tender,
    *,
    key: str,
    hold_seconds: float,
    types: Sequence[str] = (),
) -> Exchange:
    """Exchange the seats of a paid reservation for others of the same performance.

    The new seats cost the ordinary price, or that of `types`, one a seat.

    Runs in the transaction of `connection`: the old seats are given back and refunded, the
    new ones, among which some of the old may be, are held and paid, or nothing happens. Raises
    what these raise, and ReservationNotPaid.
    """
    canonical = reservation_reference(*parse_reservation(reference))
    request = make_request(
        key,
        "exchange",
        reservation=canonical,
        user=buyer.user,
        labels=sorted(labels),
        **asdict(tender),
        **({"types": sorted(zip(labels, types, strict=True))} if types else {}),
    )
    stored, replayed = run_transaction(
        connection,
        request,
        lambda: _exchange(connection, canonical, buyer, labels, types, tender, key, hold_seconds),
    )
    return answers.exchanged(stored, replayed=replayed)


def _exchange(  # noqa: PLR0913
    connection: Connection,
    reference: str,
    buyer: Buyer,
    labels: Sequence[str],
    types: Sequence[str],
    tender: Tender,
    key: str,
    hold_seconds: float,
) -> dict[str, Any]:
    """Take the three steps of an exchange, each under a key of its own, and note it."""
    performance, _ = parse_reservation(reference)
    is_paid = standing(connection, reference, buyer.user).state == "paid"
    cancelled = is_paid and booking.settle(
        connection, "cancel", reference, buyer, _step(key, "cancel")
    )
    if not cancelled:
        raise errors.ReservationNotPaid
    request = make_request(_step(key, "reserve"), "reserve", exchange=key)
    held = booking.hold_seats(
        connection,
        performance,
        buyer,
        request,
        hold_seconds,
        labels,
        types,
        ask=seats.hold_once,
    )
    paid = booking.pay_once(connection, held.reservation, buyer, _step(key, "pay"), tender)
    result = {"cancelled": cancelled[0], "paid": paid[0]}
    if buyer.staff:
        audit.record(connection, buyer.staff, "exchange", user=buyer.user, key=key, detail=result)
    return result


def _step(key: str, name: str) -> str:
    """Make the key of one step of an operation; it is no longer than a key may be."""
    return hashlib.sha256(f"{key}:{name}".encode()).hexdigest()
