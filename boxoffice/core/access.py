"""Who asks, and may they: customers act by a token, staff for a user, by the session's role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from boxoffice.core import errors
from boxoffice.core.allowance import Allowance
from boxoffice.core.audit import current_principal, record
from boxoffice.core.model import WALK_IN
from boxoffice.core.references import number_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from boxoffice.core import queue
    from boxoffice.core.audit import Principal
    from boxoffice.core.config import Settings
    from boxoffice.core.model import Caller
    from boxoffice.core.stores import Stores

ADMIN = "admin"
OPERATORS = ("clerk", ADMIN)
READER = "reader"
# An admission outlives the hold made under it by the time it takes to type the payment.
PAYMENT_SECONDS = 5.0
ROUNDING_SECONDS = 0.01  # Redis counts in milliseconds
HOLD_SECONDS_MIN = 10.0  # shorter is of no use to anybody, unless it is the rule
OTHER_CONCERT = errors.Words("this token is for another concert")
OTHER_CONCERT_HINT = errors.Words("`boxoffice enqueue CONCERT` queues for this one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """For whom something is booked: a customer admitted to a concert, or anybody, by staff.

    `refusal` says why somebody may not act now; answers given before are given again.
    `seconds_left` is how long a customer may act.
    """

    user: int
    concert: int | None = None
    staff: Principal | None = None
    refusal: errors.BoxOfficeError | None = None
    seconds_left: float | None = None


class Access:
    """The rights of one session; asks the queue about tokens and Postgres about names."""

    def __init__(self, settings: Settings, stores: Stores) -> None:
        self._settings = settings
        self._stores = stores
        self._database: str | None = None
        self._allowance = Allowance(settings, stores)

    @property
    def is_operator(self) -> bool:
        """Whether this session may act for others."""
        return self._settings.acting_role in OPERATORS

    def require_person(self, user: int) -> None:
        """Raise Forbidden for a customer's session that claims to be the walk-in customer.

        What everybody without an account bought is nobody's in particular.
        """
        if user == int(WALK_IN) and not self.is_operator:
            raise errors.Forbidden("nobody is the walk-in customer")

    def require_operator(self) -> None:
        """Raise Forbidden for a customer's session."""
        if not self.is_operator:
            raise errors.Forbidden

    def require_admin(self) -> None:
        """Raise Forbidden for anybody but an admin: what there is to sell is not a clerk's."""
        if self._settings.acting_role != ADMIN:
            raise errors.Forbidden("only an admin may do this")

    def require_reporter(self) -> None:
        """Raise Forbidden for a customer's session: reports are for staff and readers."""
        if self._settings.acting_role not in (*OPERATORS, READER):
            raise errors.Forbidden

    def require_auditor(self) -> None:
        """Raise Forbidden for anybody but admins and readers, who see what everybody did."""
        if self._settings.acting_role not in (ADMIN, READER):
            raise errors.Forbidden("only an admin or a reader may do this")

    def principal(self) -> Principal | None:
        """Name the operator for the audit; None for a customer, who acts for nobody else."""
        return current_principal(self._settings.acting_role) if self.is_operator else None

    def whose(self, user: str | None, token: str | None) -> str:
        """Name the user that a command is about: operators say it, customers are it.

        Raises Forbidden, TokenInvalid, InputInvalid when nobody is named.
        """
        if user == "":
            raise errors.InputInvalid("whose? the user is empty", hint=self._naming_hint)
        if self.is_operator:
            name = user or self._owner_of(token) or self._settings.user
        else:
            name = self._settings.user or self._owner_of(token)
            if user is not None and user != name and not self._is_same(user, name):
                raise errors.Forbidden("a customer acts for nobody else")
        if name is None:
            raise errors.InputInvalid("whose? nobody is named", hint=self._naming_hint)
        return name

    @property
    def _naming_hint(self) -> str:
        if self.is_operator:
            return errors.Words("give --user USER")
        return errors.Words("BOXOFFICE_USER names a customer")

    def _is_same(self, user: str, name: str | None) -> bool:
        """Tell whether two names, or a name and an id, mean one known user."""
        return name is not None and self._ask_number(user) == self._ask_number(name)

    def visitor(self, caller: Caller) -> int | None:
        """Return the concert a customer is admitted to; None for staff, who see all.

        Raises NotAdmitted, TokenInvalid, Forbidden.
        """
        from boxoffice.core import queue

        if caller.staff:
            self.require_operator()
            return None
        admission = self._bound(self._admission(caller.token, caller.stub))
        queue.require_admitted(admission)
        return admission.concert

    def buyer(
        self, caller: Caller, *, reservation: str | None = None, renew_seconds: float = 0
    ) -> Buyer:
        """Return for whom a booking is; a customer's admission lasts `renew_seconds` more.

        A customer who is not admitted is told by the buyer's `refusal`. Raises TokenInvalid,
        Forbidden, UserNotFound, ReservationNotFound.
        """
        from boxoffice.core import queue

        if caller.staff:
            return self.served(caller, reservation)
        admission = self._bound(
            self._admission(caller.token, caller.stub, renew_seconds=renew_seconds)
        )
        refusal: errors.BoxOfficeError | None = None
        try:
            queue.require_admitted(admission)
        except errors.Refused as error:
            refusal = error
        return Buyer(
            user=admission.user,
            concert=admission.concert,
            refusal=refusal,
            seconds_left=admission.seconds_left,
        )

    def owner(self, caller: Caller, reservation: str) -> Buyer:
        """Return who owns what is asked about; a token says so even after its place ended.

        Raises TokenInvalid, Forbidden, UserNotFound, ReservationNotFound.
        """
        if caller.staff:
            return self.served(caller, reservation)
        return Buyer(user=self._bound(self._admission(caller.token, caller.stub)).user)

    def served(self, caller: Caller, reservation: str | None = None) -> Buyer:
        """Return for whom staff act: the user they name, or else whose the reservation is.

        Raises Forbidden, InputInvalid, UserNotFound, ReservationNotFound.
        """
        self.require_operator()
        if caller.user is None and reservation is not None:
            from boxoffice.core import reservations

            with self._stores.database() as connection:
                owner = reservations.owner_of(connection, reservation)
            return Buyer(user=owner, staff=self.principal())
        if not caller.user:
            raise errors.InputInvalid("for whom? nobody is named", hint="give --user USER")
        number = number_in(caller.user)
        if number is None:
            from boxoffice.core import catalogue

            with self._stores.database() as connection:
                number = catalogue.user_id(connection, caller.user)
        # A number is not looked up: the booking itself finds out whether it is anybody's.
        return Buyer(user=number, staff=self.principal())

    def holder(
        self, caller: Caller, performance: int, *, key: str, hold_seconds: float
    ) -> tuple[Buyer, float]:
        """Return for whom seats are held, and for how many seconds, at most ``hold_seconds``.

        Raises TokenInvalid, Forbidden, UserNotFound, PerformanceNotFound.
        """
        buyer = self.buyer(caller, renew_seconds=hold_seconds + PAYMENT_SECONDS)
        if buyer.staff:
            return self._beside_the_line(buyer, performance, key=key), hold_seconds
        return within_admission(buyer, hold_seconds)

    def _beside_the_line(self, buyer: Buyer, performance: int, *, key: str) -> Buyer:
        """Count staff who sell beside the line; one session too many gets a refusal.

        Raises PerformanceNotFound.
        """
        assert buyer.staff is not None
        try:
            self._allowance.use(buyer.staff, performance, user=buyer.user, key=key)
        except errors.StaffAllowanceUsed as error:
            return replace(buyer, refusal=error)
        return buyer

    def note_look(self, connection: Connection, caller: Caller, what: str, at: object) -> None:
        """Note in the audit that staff looked for a user; a look for nobody is not an act.

        Raises UserNotFound.
        """
        if not caller.staff or caller.user is None:
            return
        from boxoffice.core import catalogue

        user = catalogue.user_id(connection, caller.user)
        by = current_principal(self._settings.acting_role)
        record(connection, by, what, user=user, detail={"at": at})

    def _owner_of(self, token: str | None) -> str | None:
        try:
            return str(self._bound(self._admission(token)).user) if token else None
        except errors.TokenInvalid as error:
            raise errors.TokenInvalid(error.message, hint=self._naming_hint) from None

    def _admission(
        self, token: str | None, stub: str | None = None, *, renew_seconds: float = 0
    ) -> queue.Admission:
        from boxoffice.core import queue
        from boxoffice.core.queue import recovery

        own = required(token)
        admission = recovery.ask_for_token(
            self._stores,
            self._settings,
            own,
            stub,
            lambda redis: queue.renew(redis, own, self._settings, renew_seconds),
        )
        self._require_own(admission)
        self.require_person(admission.user)
        return admission

    def _bound(self, admission: queue.Admission) -> queue.Admission:
        """Refuse a token of a queue that belongs to another database than the one in use.

        Its users are other people there; the queue begins anew. Raises TokenInvalid.
        """
        from boxoffice.core.queue import memory, recovery

        if self._database is None:
            with self._stores.database() as connection:
                self._database = memory.database_of(connection)
        if self._database != admission.database:
            with self._stores.redis() as redis:
                recovery.recall(self._stores, self._settings, admission.concert, redis)
            raise errors.TokenInvalid("this token is of another database")
        return admission

    def own_token(self, token: str | None, stub: str | None = None) -> str:
        """Return a token, after a look that it is this session's customer's where one is named.

        Raises TokenInvalid.
        """
        if self._names_customer:
            self._admission(token, stub)
        return required(token)

    @property
    def _names_customer(self) -> bool:
        return self._settings.user is not None and not self.is_operator

    def _customer_number(self, database: str) -> int | None:
        """Return the number of the customer whose session this is, None for an unknown one.

        `database` is the one that the queue is of. Asked at every poll, so Postgres is asked
        only where the queue's directory is silent.
        """
        name = self._settings.user
        assert name is not None
        number = number_in(name)
        if number is not None:
            return number
        from boxoffice.core import directory

        with self._stores.redis() as redis:
            known = directory.find_user(redis, name, database)
            if known is None:
                known = self._ask_number(name)
                if known is not None:
                    directory.remember(redis, "user", name, known, self._database_of_numbers())
        return known

    def _database_of_numbers(self) -> str:
        from boxoffice.core.queue import memory

        with self._stores.database() as connection:
            return memory.identity(connection).database

    def _ask_number(self, name: str) -> int | None:
        from boxoffice.core import catalogue
        from boxoffice.core.tables import users

        with self._stores.database() as connection:
            return catalogue.find_id(connection, users, name)

    def _require_own(self, admission: queue.Admission) -> None:
        """Refuse another user's token where whoever runs the session says whose it is."""
        if self._names_customer and admission.user != self._customer_number(admission.database):
            raise errors.TokenInvalid(
                "this token belongs to another user", hint="`boxoffice enqueue CONCERT` gives yours"
            )


def within_admission(buyer: Buyer, hold_seconds: float) -> tuple[Buyer, float]:
    """Return how long a buyer may hold seats: no longer than the admission lasts.

    So near to its end that there is no use in it, the buyer gets a refusal.
    """
    left = buyer.seconds_left
    if buyer.refusal or left is None or left >= hold_seconds + PAYMENT_SECONDS - ROUNDING_SECONDS:
        return buyer, hold_seconds
    shorter = left - PAYMENT_SECONDS
    if shorter < HOLD_SECONDS_MIN:
        refusal = errors.NotAdmitted(
            "the admission ends in {left} s, too soon to hold seats",
            hint="`boxoffice leave` and `boxoffice enqueue CONCERT` take a new place",
            left=round(left),
        )
        return replace(buyer, refusal=refusal), hold_seconds
    return buyer, shorter


def required(token: str | None) -> str:
    """Return the token; raises TokenInvalid where there is none."""
    if not token:
        raise errors.TokenInvalid("no token is at hand")
    return token


def require_same_concert(queued_for: int | None, concert: int) -> None:
    """Raise NotAdmitted when a customer queued for another concert than the one asked about."""
    if queued_for not in (None, concert):
        raise errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
