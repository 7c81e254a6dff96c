"""What a session ends with."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime  # noqa: TC003 - docs/cli.md is made from these annotations
from typing import TYPE_CHECKING

from boxoffice.core.model import Money, PaidReservation

if TYPE_CHECKING:
    from boxoffice.core.model import Reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked(PaidReservation):
    """A reservation that a guided session has paid, and what it is for.

    ``charged`` is what the session added to the balance, None where it added nothing.
    """

    concert: int
    concert_name: str
    performance: int
    date: datetime
    charged: Money | None = None


def booked(paid: PaidReservation, reservation: Reservation, charged: Money | None = None) -> Booked:
    """Join a payment with the reservation that it paid."""
    told = {field.name: getattr(paid, field.name) for field in fields(PaidReservation)}
    return Booked(
        **told,
        concert=reservation.concert,
        concert_name=reservation.concert_name,
        performance=reservation.performance,
        date=reservation.date,
        charged=charged,
    )
