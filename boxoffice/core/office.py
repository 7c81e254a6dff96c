"""The whole of what the box office can do: one method an operation, one transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.access import require_same_concert, required
from boxoffice.core.administration import Administration
from boxoffice.core.counter import Counter
from boxoffice.core.loading import Loading
from boxoffice.core.oversight import Oversight
from boxoffice.core.pricing import Pricing
from boxoffice.core.queueing import Queueing
from boxoffice.core.reporting import Reporting
from boxoffice.core.scheduling import Scheduling
from boxoffice.core.sets import Sets
from boxoffice.core.settling import Settling
from boxoffice.core.ticketing import Ticketing
from boxoffice.core.working import Working

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boxoffice.core import model
    from boxoffice.core.model import Caller

# Modules of the core are imported by the operation that needs them: joining a queue must not
# pay for loading a database driver, nor reading a balance for a Redis client.


class Office(
    Queueing,
    Counter,
    Administration,
    Pricing,
    Scheduling,
    Oversight,
    Sets,
    Settling,
    Reporting,
    Ticketing,
    Working,
    Loading,
):
    """The API of the core; connects to a server when an operation first needs it.

    Every operation may raise DatabaseUnavailable, QueueUnavailable, StoreUnavailable and
    SchemaOutdated; one that changes something, OutcomeUnknown. Keys are operation keys: the
    same key and request get the first answer again, with `replayed` set. What only staff do
    stands in the parts it is made of.
    """

    # --- looking ---

    def list_concerts(self) -> list[model.Concert]:
        """Return the concerts with a performance on sale now."""
        from boxoffice.core import concert_cache

        return concert_cache.read(self.stores, self._read_concerts)

    def _read_concerts(self) -> list[model.Concert]:
        from boxoffice.core import catalogue

        with self.stores.database() as connection:
            return catalogue.list_concerts(connection)

    def show_concert(self, concert: str) -> model.ConcertDetail:
        """Return one concert with its performances; raises ConcertNotFound."""
        from boxoffice.core import catalogue

        with self.stores.database() as connection:
            return catalogue.show_concert(connection, concert)

    def list_dates(self, concert: str, caller: Caller) -> list[model.Performance]:
        """Return the performances of a concert that have free seats; behind the queue."""
        from boxoffice.core import catalogue

        queued_for = self._access.visitor(caller)
        with self.stores.database() as connection:
            number = catalogue.concert_id(connection, concert)
            require_same_concert(queued_for, number)
            self._access.note_look(connection, caller, "list-dates", number)
            return catalogue.list_dates(connection, number)

    def list_seats(  # noqa: PLR0913 - the filters of one list
        self,
        performance: int,
        caller: Caller,
        *,
        section: str | None = None,
        category: str | None = None,
        best: int | None = None,
        everything: bool = False,
    ) -> list[model.Seat]:
        """Return the free seats of a performance, or the best few; behind the queue.

        Raises PerformanceNotFound, SeatTaken when fewer than `best` are free, InputInvalid.
        """
        from boxoffice.core import blocks, catalogue, seats

        queued_for = self._access.visitor(caller)
        if best is not None:
            self._require_seat_count(best)
        with self.stores.database() as connection:
            require_same_concert(queued_for, catalogue.concert_of(connection, performance))
            self._access.note_look(connection, caller, "list-seats", performance)
            wanted = seats.Wanted(section=section, category=category, best=best)
            listed = seats.list_seats(connection, performance, wanted, everything=everything)
            if not (everything and caller.staff):
                return listed
            return blocks.explain(connection, performance, listed)

    def seat_plan(self, performance: int, caller: Caller) -> tuple[model.SeatMap, model.SeatStates]:
        """Return a performance with its hall, and how every seat stands; behind the queue.

        Raises PerformanceNotFound.
        """
        from boxoffice.core import seat_maps

        queued_for = self._access.visitor(caller)
        with self.stores.database() as connection:
            hall = seat_maps.read_map(connection, performance)
            require_same_concert(queued_for, hall.concert)
            self._access.note_look(connection, caller, "list-seats", performance)
            return hall, seat_maps.read_states(connection, performance)

    def list_reservations(
        self, user: str | None = None, *, token: str | None = None
    ) -> list[model.Reservation]:
        """Return a user's reservations, newest first; raises UserNotFound, Forbidden."""
        from boxoffice.core import catalogue, reservations

        name = self._access.whose(user, token)
        with self.stores.database() as connection:
            number = catalogue.user_id(connection, name)
            self._access.require_person(number)
            return reservations.list_reservations(connection, number)

    # --- booking ---

    def reserve(  # noqa: PLR0913 - the parts of one request
        self,
        performance: int,
        caller: Caller,
        *,
        key: str,
        seats: Sequence[str] = (),
        best: int | None = None,
        section: str | None = None,
        category: str | None = None,
        types: Sequence[str] = (),
    ) -> model.HeldReservation:
        """Hold seats by label, or the best few, for the hold time of the settings.

        ``types`` is a price type for all seats, or one a seat in their order (of the best ones:
        that of the plan). Raises PriceTypeNotFound, SeatTaken, SeatBlocked, SeatNotFound,
        TooManySeats, PerformanceNotFound, SaleNotOpen, SaleClosed, NotAdmitted, TokenInvalid,
        UserNotFound, InputInvalid, KeyReused.
        """
        from boxoffice.core import booking
        from boxoffice.core.seats import Wanted

        self._require_seats(seats, best)
        if seats and (section or category):
            raise errors.InputInvalid("a section or category is for --best, not for named seats")
        paid_types = self._types(types, len(seats) if best is None else best)
        buyer, hold_seconds = self._access.holder(
            caller, performance, key=key, hold_seconds=self.settings.hold_seconds
        )
        wanted = Wanted(
            labels=tuple(seats),
            best=best,
            section=section,
            category=category,
            types=paid_types,
        )
        with self.stores.database(changing=True) as connection:
            held = booking.reserve(
                connection,
                performance,
                wanted,
                buyer,
                key=key,
                hold_seconds=hold_seconds,
            )
        self.stores.hint(performance, held.seats)
        return held

    def pay(
        self, reservation: str, caller: Caller, *, key: str, tender: model.Tender | None = None
    ) -> model.PaidReservation:
        """Pay a held reservation from the balance; the token ends after the commit.

        Staff may take another tender, and pay for whoever holds it where they name no user.
        Raises ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled,
        InsufficientBalance, AmountInvalid, NotAdmitted, TokenInvalid, KeyReused.
        """
        from boxoffice.core import booking
        from boxoffice.core.references import parse_reservation

        performance, _ = parse_reservation(reservation)
        checked = self._tender(tender, caller)
        buyer = self._access.buyer(caller, reservation=reservation)
        with self.stores.database(changing=True) as connection:
            paid = booking.pay(connection, reservation, buyer, key=key, tender=checked)
        if not (caller.staff or paid.replayed):  # by a replay's time the token may be for more
            self.stores.finish(required(caller.token))
        self.stores.hint(performance, paid.seats)
        return paid

    def cancel(self, reservation: str, caller: Caller, *, key: str) -> model.CancelledReservation:
        """Cancel a reservation of the caller's user and refund what was paid.

        Staff who name no user cancel anybody's. Raises ReservationNotFound, HoldExpired,
        PerformanceBegun, TokenInvalid, KeyReused.
        """
        from boxoffice.core import booking
        from boxoffice.core.references import parse_reservation

        performance, _ = parse_reservation(reservation)
        buyer = self._access.owner(caller, reservation)
        with self.stores.database(changing=True) as connection:
            cancelled = booking.cancel(connection, reservation, buyer, key=key)
        self.stores.hint(performance)
        return cancelled

    # --- money ---

    def charge(
        self,
        amount: int,
        user: str | None = None,
        *,
        token: str | None = None,
        currency: str | None = None,
        key: str,
    ) -> model.Charge:
        """Add an amount in minor units to a balance.

        Raises AmountInvalid, UserNotFound, Forbidden, InputInvalid, KeyReused.
        """
        from boxoffice.core import accounts, catalogue
        from boxoffice.core.model import Money

        money = Money(amount=amount, currency=self._currency(currency))
        name = self._access.whose(user, token)
        staff = self._access.principal()
        with self.stores.database(changing=True) as connection:
            owner = catalogue.user_number(connection, name)
            return accounts.charge(
                connection,
                owner,
                money,
                amount_max=self.settings.charge_max,
                key=key,
                staff=staff,
            )

    def balance(
        self,
        user: str | None = None,
        *,
        token: str | None = None,
        currency: str | None = None,
        history: bool = False,
    ) -> model.Balance:
        """Return a balance, and where asked its newest entries; raises UserNotFound, Forbidden."""
        from boxoffice.core import accounts

        name = self._access.whose(user, token)
        with self.stores.database() as connection:
            zone = self.settings.time_zone if history else None
            return accounts.balance(connection, name, self._currency(currency), history_zone=zone)

    def show_user(self, user: str | None = None, *, token: str | None = None) -> model.User:
        """Return whom a command is about; raises UserNotFound, Forbidden, TokenInvalid."""
        from boxoffice.core import accounts, orders
        from boxoffice.core.model import User

        name = self._access.whose(user, token)
        with self.stores.database() as connection:
            found = accounts.balance(connection, name, self._currency(None))
            names = orders.names_of(connection, [found.user])
        return User(user=found.user, name=names[found.user])
