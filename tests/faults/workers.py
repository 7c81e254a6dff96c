"""The processes of a campaign: who books, who waits in the queue, who relays."""

from __future__ import annotations

import ctypes
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Self

from boxoffice.core import errors
from boxoffice.core.office import Office
from tests.conftest import PRICE
from tests.faults.client import Client
from tests.faults.history import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from boxoffice.core.config import Settings
    from tests.faults.levers import Levers
    from tests.faults.plans import Plan

PAUSE_SECONDS = (0.02, 0.15)
AWAY_SECONDS = (0.1, 0.5)
# About the end of a hold as its worker reckons it, which is a little early.
BRINK_SECONDS = (-0.05, 0.03)
OWN_MAX = 5
FROM_BOARD = 0.1
WANTED, WANTED_SEATS = 0.25, 8
SEATS_MAX = 3
EXTENSION_SECONDS = (0.2, 3.0)
CHARGE_MAX = 6 * PRICE
DIE_WITH_PARENT = 1
# Half of the hosts have a wrong clock: by days, or by about a hold.
SHIFTS_SECONDS = (-86_400, -1.0, 1.0, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where all workers of a campaign act."""

    plan: Plan
    seed: str
    settings: Settings
    concert: int
    performance: int
    labels: tuple[str, ...]
    users: tuple[str, ...]
    folder: Path  # of the histories
    levers: Levers
    client: type[Client] = Client
    open_office: Callable[[Settings], Office] = Office


@dataclass(slots=True)
class Own:
    """A reservation as a worker knows it; `ends` by its own monotonic clock."""

    reservation: str
    user: str
    seats: list[str]
    ends: float
    paid: bool = False


def die_with_parent() -> None:
    """Ask the kernel to leave nobody behind, however the director ends."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def shift_clock(seconds: float) -> None:
    """Let this process believe that it is another time; nothing of a sale may depend on that."""
    true = time.time

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(true() + seconds, tz)

    time.time = lambda: true() + seconds
    for name, module in list(sys.modules.items()):
        if name.startswith("boxoffice.") and hasattr(module, "datetime"):
            module.datetime = Shifted


class Worker:
    """A member of the staff who does anything with anybody's reservations."""

    def __init__(self, stage: Stage, slot: int, life: int) -> None:
        self.stage, self.slot = stage, slot
        self.name = f"w{slot}.{life}"
        self.dice = random.Random(f"{stage.seed}:{self.name}")
        self.office = stage.open_office(self.settings(stage.settings))
        self.client = stage.client(self.office, Recorder(stage.folder, self.name), self.dice)
        self.serial = 0
        self.own: list[Own] = []

    def settings(self, settings: Settings) -> Settings:
        return settings

    def run(self) -> None:
        """Act until the campaign is over."""
        if self.slot % 2:
            shift_clock(self.dice.choice(SHIFTS_SECONDS))
        while not self.stage.levers.stopped.value:
            self.stage.levers.executed[self.slot] += 1
            try:
                self.step()
            except errors.BoxOfficeError:  # a server is away: as anybody would, wait a little
                time.sleep(self.dice.uniform(*AWAY_SECONDS))

    def step(self) -> None:
        """Do one thing at random."""
        weights = self.stage.plan.weights
        (wish,) = self.dice.choices(list(weights), list(weights.values()))
        getattr(self, wish.replace(" ", "_"))()

    def perform(self, command: str, **given: Any) -> Any:
        self.serial += 1
        intent = f"{self.name}.{self.serial}"
        key = f"{self.stage.seed}/{intent}"
        return self.client.perform(intent, command, given, key)

    # --- what is done ---

    def reserve(self, **wanted: Any) -> None:
        if len(self.own) >= OWN_MAX:
            self.give_back(self.own.pop(0))
            return
        user = self.dice.choice(self.stage.users)
        wanted = wanted or {"seats": self.some_seats()}
        ends = time.monotonic() + self.stage.plan.hold_seconds
        held = self.perform("reserve", performance=self.stage.performance, user=user, **wanted)
        if held:
            self.own.append(Own(held.reservation, user, list(held.seats), ends))
            self.stage.levers.pin(self.dice.randrange(1 << 30), f"{held.reservation} {user}")

    def best(self) -> None:
        self.reserve(best=self.dice.randint(1, SEATS_MAX))

    def pay(self) -> None:
        own = self.somebodys(paid=False)
        if own and self.perform("pay", reservation=own.reservation, user=own.user):
            own.paid = True

    def pay_late(self) -> None:
        mine = [own for own in self.own if not own.paid]
        if mine:
            first = min(mine, key=lambda own: own.ends)
            left = first.ends + self.dice.uniform(*BRINK_SECONDS) - time.monotonic()
            time.sleep(max(left, 0))
            self.perform("pay", reservation=first.reservation, user=first.user)
            self.own.remove(first)

    def cancel(self) -> None:
        own = self.somebodys(paid=True) or self.somebodys(paid=False)
        if own:
            self.give_back(own)
            if own in self.own:
                self.own.remove(own)

    def give_back(self, own: Own) -> None:
        self.perform("cancel", reservation=own.reservation, user=own.user)

    def give_back_a_seat(self) -> None:
        """Cancel what somebody has paid, perhaps before its worker was killed."""
        orders = self.office.find_orders(
            self.dice.choice(self.stage.labels), performance=self.stage.performance
        )
        paid = [order for order in orders if order.state == "paid"]
        if paid:
            self.give_back(Own(paid[0].reservation, str(paid[0].user), [], 0.0, paid=True))

    def add_seats(self) -> None:
        own = self.somebodys(paid=False)
        if own:
            seats = self.some_seats()
            if self.perform("add seats", reservation=own.reservation, user=own.user, seats=seats):
                own.seats += seats

    def release_seats(self) -> None:
        own = self.somebodys(paid=False)
        if own and own.seats:
            seats = [self.dice.choice(own.seats)]
            done = self.perform(
                "release seats", reservation=own.reservation, user=own.user, seats=seats
            )
            if done:
                own.seats = list(done.seats)

    def keep_hold(self) -> None:
        own = self.somebodys(paid=False)
        if own:
            seconds = round(self.dice.uniform(*EXTENSION_SECONDS), 3)
            self.perform("keep hold", reservation=own.reservation, user=own.user, seconds=seconds)

    def exchange(self) -> None:
        own = self.somebodys(paid=True)
        if own:
            done = self.perform(
                "exchange", reservation=own.reservation, user=own.user, seats=self.some_seats()
            )
            if done:
                own.reservation, own.seats = done.paid.reservation, list(done.paid.seats)

    def charge(self) -> None:
        amount = self.dice.randint(1, CHARGE_MAX)
        self.perform("charge", user=self.dice.choice(self.stage.users), amount=amount)

    def sweep(self) -> None:
        self.office.sweep()

    # --- with what ---

    def some_seats(self) -> list[str]:
        """Choose seats; now and then those that all want."""
        hot = self.dice.random() < WANTED
        labels = self.stage.labels[:WANTED_SEATS] if hot else self.stage.labels
        return self.dice.sample(labels, self.dice.randint(1, SEATS_MAX))

    def somebodys(self, *, paid: bool) -> Own | None:
        """Return one of one's own reservations, or now and then one from the board."""
        mine = [own for own in self.own if own.paid == paid]
        if self.dice.random() > FROM_BOARD:
            return self.dice.choice(mine) if mine else None
        reservation, _, user = self.stage.levers.look(self.dice.randrange(1 << 30)).partition(" ")
        return Own(reservation, user, [], 0.0) if user else None


class Customer(Worker):
    """Somebody who waits in the queue and books with its token."""

    def __init__(self, stage: Stage, slot: int, life: int) -> None:
        self.user = f"customer{slot}"
        super().__init__(stage, slot, life)
        self.token: str | None = None

    def settings(self, settings: Settings) -> Settings:
        return replace(settings, role="customer", user=self.user)

    def step(self) -> None:
        if self.token is None:
            self.token = self.office.enqueue(str(self.stage.concert), take_over=True).token
            return
        try:
            place = self.office.position(self.token)
        except (errors.Refused, errors.NotFound):
            self.token = None
            return
        if place.state == "admitted":
            self.book()
        else:
            time.sleep(self.dice.uniform(*PAUSE_SECONDS))

    def book(self) -> None:
        """Hold seats, and pay, cancel, leave or forget them."""
        held = self.perform(
            "reserve",
            performance=self.stage.performance,
            user=self.user,
            token=self.token,
            best=self.dice.randint(1, SEATS_MAX),
        )
        if not held:
            return
        if self.dice.random() < 0.5:
            self.perform("charge", user=self.user, amount=held.total.amount)
        command = self.dice.choice(("pay", "pay", "cancel"))
        given = {"reservation": held.reservation, "user": self.user, "token": self.token}
        if self.perform(command, **given) and command == "pay":
            self.token = None
            self.stage.levers.pin(self.dice.randrange(1 << 30), f"{held.reservation} {self.user}")
        if self.token and self.dice.random() < 0.2:
            self.office.leave(self.token)


def run_relay(stage: Stage, relay: Callable[[Office], int]) -> None:
    """Publish what happened until killed."""
    office = Office(stage.settings)
    while True:
        with suppress(errors.BoxOfficeError):  # a server is away
            relay(office)
        time.sleep(PAUSE_SECONDS[0])
