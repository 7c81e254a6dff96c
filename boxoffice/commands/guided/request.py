"""What a session is asked for by its options, before anybody is asked anything."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.text import clean_key

if TYPE_CHECKING:
    from datetime import datetime

    from boxoffice.core.model import Reservation

TIMEOUT_SECONDS_MAX = 1_000_000
# The steps that change something, each under a key of its own made from the session's.
KEYED_STEPS = ("reserve", "charge", "pay")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Every answer that was given by option; None where somebody has to be asked.

    ``charge`` is in minor units. With a ``key`` nothing is chosen by asking, so that the same
    command again is the same request.
    """

    concert: str | None = None
    date: str | None = None
    performance: int | None = None
    seats: tuple[str, ...] = ()
    best: int | None = None
    section: str | None = None
    category: str | None = None
    charge: int | None = None
    charge_missing: bool = False
    yes: bool = False
    timeout_seconds: float | None = None
    take_over: bool = False
    key: str | None = None

    @property
    def names_seats(self) -> bool:
        """Tell whether the seats are chosen by option."""
        return bool(self.seats) or self.best is not None

    def step_key(self, step: str) -> str | None:
        """Return the operation key of a step, where the session has a key.

        The payment has that key itself: it is what `status` is asked about.
        """
        return self.key if self.key is None or step == "pay" else f"{self.key}:{step}"

    def fits(self, reservation: Reservation) -> bool:
        """Tell whether a reservation is what these options ask for, as far as they say."""
        if self.performance not in (None, reservation.performance):
            return False
        if not self.is_on(reservation.date):
            return False
        if self.seats:
            return set(self.seats) == set(reservation.seats)
        return self.best in (None, len(reservation.seats))

    def is_on(self, moment: datetime) -> bool:
        """Tell whether a performance begins on the wanted date, by the clock of its venue."""
        if self.date is None:
            return True
        written = f"{moment:%Y-%m-%dT%H:%M}"
        return written.startswith(self.date.replace(" ", "T"))


def check(request: Request, charge_max: int) -> Request:
    """Return the request; raises InputInvalid, AmountInvalid for what nobody can mean."""
    if request.seats and request.best is not None:
        raise errors.InputInvalid("either --seat or --best")
    if not request.best and (request.section or request.category):
        raise errors.InputInvalid("--section and --category are for --best")
    if request.performance is not None and request.date is not None:
        raise errors.InputInvalid("either --performance or --date")
    if request.date is not None and not DATE.fullmatch(request.date):
        raise errors.InputInvalid(
            "--date must be a day or a time", hint="as 2026-12-24 or 2026-12-24T19:30"
        )
    _check_charge(request, charge_max)
    limit = TIMEOUT_SECONDS_MAX
    if request.timeout_seconds is not None and not 0 <= request.timeout_seconds <= limit:
        raise errors.InputInvalid("--timeout must be from 0 to {most:,} seconds", most=limit)
    _check_key(request)
    return request


def _check_charge(request: Request, charge_max: int) -> None:
    if request.charge is not None and request.charge_missing:
        raise errors.InputInvalid("either --charge or --charge-missing")
    if request.charge is not None and not 0 < request.charge <= charge_max:
        raise errors.AmountInvalid(
            "a charge must be from 1 to {most:,} minor units", most=charge_max
        )


def _check_key(request: Request) -> None:
    if request.key is None:
        return
    for step in KEYED_STEPS:
        clean_key(f"{request.key}:{step}")
    if not (request.concert and request.names_seats):
        raise errors.InputInvalid(
            "--key needs a concert and its seats: what is chosen by asking is another request",
            hint="give CONCERT and --seat LABEL... or --best N",
        )
