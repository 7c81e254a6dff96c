"""What staff do at a counter: live maps, carts, tenders, orders and the queue in view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from boxoffice.core import model
    from boxoffice.core.live import Watch
    from boxoffice.core.model import Caller

FOUND_MAX = 50
# In cells and characters: marks take no cell, and the columns have an end.
HOLD_NAME_MAX = (100, 200)
NOTE_MAX = (200, 500)
LONG_HOLD_SECONDS_MAX = 30 * 86_400.0
CASH_MAX = 10**15


class Counter(Foundation):
    """The operations of staff who serve somebody; each raises Forbidden for customers."""

    def clock(self) -> datetime:
        """Return the time by the database, which decides when holds end."""
        from sqlalchemy import func, select

        with self.stores.database() as connection:
            now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now

    # --- seat maps ---

    def seat_map(self, performance: int) -> model.SeatMap:
        """Return a performance with its hall; raises PerformanceNotFound."""
        from boxoffice.core import seat_maps

        self._access.require_operator()
        with self.stores.database() as connection:
            return seat_maps.read_map(connection, performance)

    def seat_states(self, performance: int) -> model.SeatStates:
        """Return how every seat stands; raises PerformanceNotFound."""
        from boxoffice.core import seat_maps

        self._access.require_operator()
        with self.stores.database() as connection:
            return seat_maps.read_states(connection, performance)

    def watch(self, performance: int) -> Watch:
        """Begin to watch a performance; nothing is asked before the watch is."""
        from boxoffice.core.live import Watch

        self._access.require_operator()
        return Watch(self.stores, performance)

    def find_best(  # noqa: PLR0913 - the filters of one search
        self,
        performance: int,
        count: int,
        *,
        section: str | None = None,
        category: str | None = None,
        nth: int = 0,
        own: str | None = None,
    ) -> model.BestSeats:
        """Return the best free seats, or the `nth` best (from 0), for a group.

        The seats of the reservation `own` count as free. Raises SeatTaken when too few are
        free or there is no other choice, PerformanceNotFound, InputInvalid.
        """
        from boxoffice.core import seats
        from boxoffice.core.references import parse_reservation

        self._access.require_operator()
        self._require_seat_count(count)
        wanted = seats.Wanted(
            best=count,
            section=section,
            category=category,
            nth=nth,
            own=None if own is None else parse_reservation(own)[1],
        )
        with self.stores.database() as connection:
            return seats.choose_best(connection, performance, wanted)

    # --- carts ---

    def add_seats(
        self, reservation: str, caller: Caller, *, seats: Sequence[str], key: str
    ) -> model.HeldReservation:
        """Add seats to a hold, all of them or none.

        Raises SeatTaken, SeatBlocked, SeatNotFound, TooManySeats, ReservationNotFound,
        HoldExpired, AlreadyPaid, AlreadyCancelled, SaleNotOpen, SaleClosed, KeyReused.
        """
        from boxoffice.core import carts

        self._require_seats(seats, None)
        buyer = self._access.served(caller)
        with self.stores.database(changing=True) as connection:
            held = carts.add_seats(
                connection,
                reservation,
                buyer,
                seats,
                seats_max=self.settings.seats_per_reservation_max,
                key=key,
            )
        self.stores.hint(held.performance, seats)
        return held

    def release_seats(
        self, reservation: str, caller: Caller, *, seats: Sequence[str], key: str
    ) -> model.HeldReservation:
        """Give back some seats of a hold; `cancel` gives back all.

        Raises SeatNotFound, InputInvalid for all its seats, ReservationNotFound, HoldExpired,
        AlreadyPaid, AlreadyCancelled, KeyReused.
        """
        from boxoffice.core import carts

        self._require_seats(seats, None)
        buyer = self._access.served(caller)
        with self.stores.database(changing=True) as connection:
            held = carts.release_seats(connection, reservation, buyer, seats, key=key)
        self.stores.hint(held.performance, seats)
        return held

    def extend_hold(  # noqa: PLR0913 - the parts of one operation
        self,
        reservation: str,
        caller: Caller,
        *,
        key: str,
        seconds: float | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> model.HeldReservation:
        """Hold for so many seconds from now (the usual time, if None), never shorter than it was.

        A name and a note say for whom seats are kept. Raises InputInvalid,
        ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled, KeyReused.
        """
        from boxoffice.core import carts

        wanted = self.settings.hold_seconds if seconds is None else seconds
        if not 0 < wanted <= LONG_HOLD_SECONDS_MAX:
            raise errors.InputInvalid("a hold lasts at most 30 days", hint="")
        buyer = self._access.served(caller)
        with self.stores.database(changing=True) as connection:
            held = carts.keep_hold(
                connection,
                reservation,
                buyer,
                seconds=wanted,
                name=_clean(name, Words("name"), *HOLD_NAME_MAX),
                note=_clean(note, Words("note"), *NOTE_MAX),
                key=key,
            )
        self.stores.hint(held.performance, held.seats)
        return held

    def assign(
        self, reservation: str, caller: Caller, *, user: str, key: str
    ) -> model.HeldReservation:
        """Give a hold to another customer, by name or id.

        Raises UserNotFound, ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled,
        KeyReused.
        """
        from boxoffice.core import carts, catalogue

        buyer = self._access.served(caller)
        with self.stores.database(changing=True) as connection:
            number = catalogue.user_id(connection, user)
            return carts.keep_hold(connection, reservation, buyer, user=number, key=key)

    def exchange(  # noqa: PLR0913 - the parts of one operation
        self,
        reservation: str,
        caller: Caller,
        *,
        seats: Sequence[str],
        key: str,
        tender: model.Tender | None = None,
        types: Sequence[str] = (),
    ) -> model.Exchange:
        """Exchange the seats of a paid reservation for others of the same performance.

        The old ones are refunded as they were paid, the new ones, among which some of the old
        may be, paid with `tender`. They cost the ordinary price, or that of ``types`` as in
        `reserve`, whatever the old ones did. Raises PriceTypeNotFound, ReservationNotPaid,
        ReservationNotFound, SeatTaken, SeatBlocked, SeatNotFound, TooManySeats, SaleNotOpen,
        SaleClosed, InsufficientBalance, AmountInvalid, KeyReused.
        """
        from boxoffice.core import exchange
        from boxoffice.core.references import parse_reservation

        performance, _ = parse_reservation(reservation)
        self._require_seats(seats, None)
        paid_types = self._types(types, len(seats))
        checked = self._tender(tender, caller)
        buyer = self._access.served(caller)
        with self.stores.transaction() as connection:
            done = exchange.exchange(
                connection,
                reservation,
                buyer,
                seats,
                checked,
                key=key,
                hold_seconds=self.settings.hold_seconds,
                types=paid_types,
            )
        self.stores.hint(performance)
        return done

    # --- orders and customers ---

    def find_orders(self, text: str, *, performance: int | None = None) -> list[model.Order]:
        """Find reservations by reference, customer, hold name or seat, newest first.

        At most FOUND_MAX are returned.
        """
        from boxoffice.core import orders

        self._access.require_operator()
        with self.stores.database() as connection:
            return orders.find(connection, text, performance, found_max=FOUND_MAX)

    def show_order(self, reservation: str) -> model.Order:
        """Return one reservation; raises ReservationNotFound."""
        from boxoffice.core import orders

        self._access.require_operator()
        with self.stores.database() as connection:
            return orders.show(connection, reservation)

    def find_users(self, text: str) -> list[model.Customer]:
        """Find customers by a part of their name or by number, at most FOUND_MAX."""
        from boxoffice.core import orders

        self._access.require_operator()
        with self.stores.database() as connection:
            return orders.find_users(connection, text, self.settings.currency, found_max=FOUND_MAX)

    # --- what can be told without asking anybody ---

    def _tender(self, tender: model.Tender | None, caller: Caller) -> model.Tender:
        """Return a tender as it will be stored; raises InputInvalid, AmountInvalid, Forbidden."""
        from boxoffice.core.model import BALANCE, TENDERS

        if tender is None or tender == BALANCE:
            return BALANCE
        if tender.kind == BALANCE.kind and tender.received is None and tender.note is None:
            return tender
        self._access.require_operator()
        if not caller.staff:  # a customer's token says nothing of who took the money
            raise errors.Forbidden("only staff take another tender than the balance")
        if tender.kind not in TENDERS:
            raise errors.InputInvalid(
                "a tender is one of {known}", hint="", known=", ".join(TENDERS)
            )
        if (tender.kind == "cash") != (tender.received is not None):
            raise errors.InputInvalid("cash, and only cash, says how much was received", hint="")
        if tender.received is not None and not 0 <= tender.received <= CASH_MAX:
            raise errors.AmountInvalid
        if (tender.kind in ("card", "complimentary")) != (tender.note is not None):
            raise errors.InputInvalid(
                "a card payment needs its reference, complimentary tickets a reason", hint=""
            )
        note = _clean(tender.note, Words("note"), *NOTE_MAX)
        return replace(tender, note=note)


def _clean(text: str | None, what: str, cells_max: int, characters_max: int) -> str | None:
    from boxoffice.core.text import clean_name

    if text is None:
        return None
    cleaned = clean_name(text, what, cells_max=cells_max, digits=True)
    if len(cleaned) > characters_max:
        raise errors.InputInvalid(
            "the {what} is longer than {most} characters", what=what, most=characters_max
        )
    return cleaned
