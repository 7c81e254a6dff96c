"""The till: what one customer at the counter has in hand, kept in step with the server.

A cart is one reservation on the server. Its calls run in the desk's threads, one after the
other; what they answer with is taken over before the next begins. No Textual here.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core.errors import (
    AlreadyCancelled,
    AlreadyPaid,
    HoldExpired,
    ReservationNotFound,
    SeatTaken,
)
from boxoffice.core.model import (
    ORDINARY,
    WALK_IN,
    Caller,
    CancelledReservation,
    HeldReservation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boxoffice.core.errors import BoxOfficeError
    from boxoffice.core.model import BestSeats, Order, PaidReservation, Tender
    from boxoffice.core.office import Office

BEST_ATTEMPTS_MAX = 5
GONE = (HoldExpired, AlreadyPaid, AlreadyCancelled, ReservationNotFound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Whom the till sells to; ``queued_for`` is the concert whose queue named them."""

    user: str = WALK_IN
    name: str = ""
    queued_for: int | None = None

    @property
    def is_walk_in(self) -> bool:
        """Whether nobody is named, so that there is no balance."""
        return self.user == WALK_IN


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How many of the best seats are wanted, and where; ``nth`` counts the choices from 0."""

    count: int
    nth: int = 0
    section: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The best seats as chosen and held, with the cart as it is now."""

    wanted: Wanted
    best: BestSeats
    held: HeldReservation


Answer = Chosen | HeldReservation | CancelledReservation | None


class Till:
    """One cart at one performance; each call takes its operation key.

    What a call answers with is handed to `take`, also when it was found out later what had
    become of the call. A call that finds the cart gone empties it and raises.
    """

    def __init__(self, office: Office, performance: int) -> None:
        self.office = office
        self.performance = performance
        self.buyer = Buyer()
        self.held: HeldReservation | None = None
        self.lost: tuple[str, ...] = ()  # what the cart held when its hold ended

    @property
    def seats(self) -> tuple[str, ...]:
        """Return the labels in the cart."""
        return self.held.seats if self.held else ()

    @property
    def is_kept(self) -> bool:
        """Whether the cart is held under a name: it stays when the clerk goes on."""
        return self.held is not None and self.held.hold_name is not None

    def forget(self) -> None:
        """Begin anew, with nobody and nothing."""
        self.held = None
        self.lost = ()
        self.buyer = Buyer()

    def lose(self) -> None:
        """Let go of a cart whose hold has ended, but remember its seats."""
        self.lost = self.seats or self.lost
        self.held = None

    def take(self, answer: Answer) -> HeldReservation | None:
        """Take over what a call answered with; return the cart as it is now."""
        if isinstance(answer, Chosen):
            answer = answer.held
        self.held = answer if isinstance(answer, HeldReservation) else None
        self.lost = ()
        return self.held

    def take_over(self, order: Order) -> None:
        """Make seats that were held before the cart, and their customer the buyer."""
        self.buyer = Buyer(user=str(order.user), name=order.user_name)
        self.held = HeldReservation(
            reservation=order.reservation,
            performance=order.performance,
            seats=order.seats,
            total=order.total,
            state=order.state,
            held_until=order.held_until,
            payment=order.payment,
            hold_name=order.hold_name,
            hold_note=order.hold_note,
            types=order.types,
        )

    def type_of(self, label: str) -> str:
        """Return the price type of a seat; the ordinary one where it is not in the cart."""
        types = self.held.types if self.held else ()
        return dict(zip(self.seats, types, strict=False)).get(label, ORDINARY)

    def set_type(self, key: str, label: str, price_type: str) -> HeldReservation:
        """Sell a seat of the cart at the price of another type."""
        with self._noticing_loss() as held:
            return self.office.set_price_type(
                held.reservation, self._caller, seats=[label], price_type=price_type, key=key
            )

    def pick(self, key: str, labels: Sequence[str]) -> HeldReservation:
        """Hold more seats; raises SeatTaken and what a hold raises."""
        if self.held is None:
            return self.office.reserve(self.performance, self._caller, seats=labels, key=key)
        with self._noticing_loss():
            return self.office.add_seats(self.held.reservation, self._caller, seats=labels, key=key)

    def release(self, key: str, labels: Sequence[str]) -> HeldReservation | CancelledReservation:
        """Give seats back, the last ones with the whole reservation."""
        with self._noticing_loss() as held:
            if set(labels) >= set(held.seats):
                return self.office.cancel(held.reservation, self._caller, key=key)
            return self.office.release_seats(held.reservation, self._caller, seats=labels, key=key)

    def best(
        self, key: str, wanted: Wanted, *, instead_of: Sequence[str] = ()
    ) -> Chosen | HeldReservation:
        """Hold the best seats, where asked in place of others of the cart.

        Chosen anew when somebody is faster. Raises SeatTaken when too few are free.
        """
        before = set(self.seats)
        for attempt in range(1, BEST_ATTEMPTS_MAX + 1):
            best = self._find(wanted, counting_own=bool(instead_of))
            try:
                self._hold_others(key, best.seats)
                break
            except SeatTaken:
                if attempt == BEST_ATTEMPTS_MAX:
                    raise
        old = [label for label in instead_of if label not in best.seats and label in before]
        if old:
            self.take(self.release(f"{key}:instead", old))
        assert self.held is not None, "the best seats are in the cart"
        return Chosen(wanted=wanted, best=best, held=self.held)

    def extend(
        self, key: str, seconds: float | None = None, name: str = "", note: str = ""
    ) -> HeldReservation:
        """Hold for so many seconds from now, or the usual time; where a name is given, under it."""
        with self._noticing_loss() as held:
            return self.office.extend_hold(
                held.reservation,
                self._caller,
                seconds=seconds,
                name=name or None,
                note=note or None,
                key=key,
            )

    def assign(self, key: str, buyer: Buyer) -> HeldReservation | None:
        """Give the cart to somebody else; the caller sets `buyer` when it is done."""
        if self.held is None:
            return None
        with self._noticing_loss() as held:
            return self.office.assign(held.reservation, self._caller, user=buyer.user, key=key)

    def pay(self, key: str, tender: Tender) -> PaidReservation:
        """Take the money for the cart, if it costs what the tender says was agreed."""
        with self._noticing_loss() as held:
            return self.office.pay(held.reservation, self._caller, key=key, tender=tender)

    # --- inside ---

    @property
    def _caller(self) -> Caller:
        return Caller(staff=True, user=self.buyer.user)

    def _find(self, wanted: Wanted, *, counting_own: bool) -> BestSeats:
        return self.office.find_best(
            self.performance,
            wanted.count,
            section=wanted.section,
            category=wanted.category,
            nth=wanted.nth,
            own=self.held.reservation if self.held and counting_own else None,
        )

    def _hold_others(self, key: str, labels: Sequence[str]) -> None:
        fresh = [label for label in labels if label not in self.seats]
        if fresh:
            self.take(self.pick(key, fresh))

    @contextmanager
    def _noticing_loss(self) -> Iterator[HeldReservation]:
        """Empty the cart where the server says that it is not ours any more."""
        if self.held is None:  # a change that was asked for before this one emptied it
            raise ReservationNotFound("the cart is empty", hint="")
        try:
            yield self.held
        except AlreadyPaid:  # at another counter: there is nothing to try again
            self.held, self.lost = None, ()
            raise
        except GONE:
            self.lose()
            raise


def is_gone(error: BoxOfficeError) -> bool:
    """Tell whether an error means that the cart is not ours any more."""
    return isinstance(error, GONE)
