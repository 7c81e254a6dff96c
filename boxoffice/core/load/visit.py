"""What one virtual buyer does, step by step, through `Office`, as people do by commands."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from boxoffice.core.errors import InsufficientBalance, PlaceNotFound, SeatTaken, TokenInvalid
from boxoffice.core.load.house import name_of
from boxoffice.core.load.populations import ABANDON, BROWSE
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from random import Random

    from boxoffice.core.load.house import House
    from boxoffice.core.model import Place, Seat
    from boxoffice.core.office import Office

T = TypeVar("T")
NOW = 0.0
LOOKS_MAX = 50  # whoever was beaten to so many seats goes home
PAID, BROWSED, REFUSED, ABANDONED = "paid", "browsed", "refused", "abandoned"
SOLD_OUT, BEATEN, FAILED, UNFINISHED = "sold_out", "beaten", "failed", "unfinished"
ADMITTED = "admitted"


class Visitor:
    """The buyers of one process: each visit is a generator, so thousands wait in no thread."""

    def __init__(self, office: Office, house: House, took: Callable[[str, float], None]) -> None:
        self._office, self._house, self._tell = office, house, took

    def visit(self, number: int, kind: str, chance: Random) -> Generator[float, float, str]:
        """Play one buyer: queue, look, and hold and pay, or what else the kind says.

        Yields how many seconds to wait before the next step, is sent when that was due (by
        time.monotonic), and returns how it ended. Raises what `Office` does.
        """
        office, house = self._office, self._house
        arrived = yield NOW
        token = yield from self._queue(name_of(house.run, number), arrived)
        self._took("queue", arrived)
        caller = Caller(token=token)
        due = yield NOW
        self._ask("concerts", due, office.list_concerts)
        for _ in range(LOOKS_MAX):
            seat = yield from self._look(caller, chance)
            if seat is None:
                return (yield from self._leave(token, SOLD_OUT))
            if kind == BROWSE:
                return (yield from self._leave(token, BROWSED))
            due = yield NOW
            with suppress(SeatTaken):
                key = f"{house.run}-{number}-{seat.seat}"
                reservation = self._hold(due, caller, seat, key)
                break
        else:
            return (yield from self._leave(token, BEATEN))
        if kind == ABANDON:
            return (yield from self._leave(token, ABANDONED))
        due = yield NOW
        try:
            self._ask("pay", due, lambda: office.pay(reservation, caller, key=f"{key}-pay"))
        except InsufficientBalance:
            return (yield from self._leave(token, REFUSED))
        self._took("flow", arrived)
        return PAID

    def _queue(self, name: str, due: float) -> Generator[float, float, str | None]:
        """Wait until admitted, and return the token; whoever asked too late joins again."""
        office, concert = self._office, str(self._house.concert)

        def join() -> Place:
            return office.enqueue(concert, name)

        place = self._ask("join", due, join)
        token = place.token
        while place.state != ADMITTED:
            due = yield place.poll_seconds
            try:
                place = self._ask("poll", due, partial(office.position, token))
            except (PlaceNotFound, TokenInvalid):  # absent for too long, if only from this host
                due = yield NOW
                place = self._ask("join", due, join)
                token = place.token
        return token

    def _look(self, caller: Caller, chance: Random) -> Generator[float, float, Seat | None]:
        """Choose among the free seats of one section, or of the house where that has none."""
        office, performance = self._office, self._house.performance
        due = yield NOW
        dates = self._ask("dates", due, lambda: office.list_dates(str(self._house.concert), caller))
        if not dates:
            return None
        section = chance.choice(self._house.sections)
        due = yield NOW
        seats = self._ask(
            "seats", due, lambda: office.list_seats(performance, caller, section=section)
        )
        if not seats:
            due = yield NOW
            seats = self._ask("seats", due, lambda: office.list_seats(performance, caller))
        return chance.choice(seats) if seats else None

    def _hold(self, due: float, caller: Caller, seat: Seat, key: str) -> str:
        """Reserve a seat; a lost race is timed as one."""
        try:
            held = self._office.reserve(self._house.performance, caller, seats=[seat.seat], key=key)
        except SeatTaken:
            self._took("lost", due)
            raise
        self._took("hold", due)
        return held.reservation

    def _leave(self, token: str | None, ended: str) -> Generator[float, float, str]:
        due = yield NOW
        self._ask("leave", due, lambda: self._office.leave(token))
        return ended

    def _ask(self, step: str, due: float, call: Callable[[], T]) -> T:
        """Do a step, and time it from when it was due, refused or not."""
        try:
            return call()
        finally:
            self._took(step, due)

    def _took(self, step: str, since: float) -> None:
        self._tell(step, time.monotonic() - since)
