"""One customer's session: who it is, what has been chosen, and the way to the office."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from boxoffice.commands.guided.asking import no_terminal
from boxoffice.commands.runtime import operation_key, told_to_end
from boxoffice.commands.session import stub_of
from boxoffice.core import errors
from boxoffice.core.errors import Words
from boxoffice.core.language import tr
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from boxoffice.commands.guided.asking import Terminal
    from boxoffice.commands.guided.booked import Booked
    from boxoffice.commands.guided.countdown import Countdown
    from boxoffice.commands.guided.request import Request
    from boxoffice.core import model
    from boxoffice.core.office import Office

T = TypeVar("T")


class Step(StrEnum):
    """Where a session is; each is a module of its own."""

    CONCERT = "concert"
    WAITING = "waiting"
    DATES = "dates"
    SEATS = "seats"
    PAYING = "paying"
    RECEIPT = "receipt"


@dataclass(slots=True, kw_only=True)
class Session:
    """What is known so far. Nothing of it is worth keeping: the servers know it all."""

    office: Office
    terminal: Terminal
    request: Request
    user: str | None
    token: str | None
    is_named: bool  # whoever began this said for whom it is
    number: int = 0  # of the user
    name: str = ""
    known_as: tuple[str | int | None, ...] = ()  # how an operation of the user may name them
    concert: int = 0
    concert_name: str = ""
    performance: int | None = None
    date: datetime | None = None
    place: model.Place | None = None
    turn: Countdown | None = None  # how long the admission lives
    held: model.Reservation | None = None
    hold: Countdown | None = None
    charged: model.Money | None = None
    booked: Booked | None = None
    paid_before: model.Reservation | None = None  # elsewhere, or in an earlier session
    asked: list[Step] = field(default_factory=list)

    # --- who ---

    @property
    def caller(self) -> model.Caller:
        """Return who acts behind the queue."""
        return Caller(token=self.token, stub=stub_of(self.token, self.office.settings))

    def identify(self) -> None:
        """Learn who the user is; raises UserNotFound, Forbidden, TokenInvalid, InputInvalid."""
        user = self.office.show_user(self.user, token=self.token)
        self.number, self.name = user.user, user.name
        self.known_as = (self.number, str(self.number), self.user or self.office.settings.user)
        if self.office.is_operator:
            self.user = str(self.number)

    # --- asking ---

    @property
    def scripted(self) -> bool:
        """Tell whether a refusal ends the session, because nobody can choose anew."""
        return not self.terminal.can_ask or self.request.key is not None

    @property
    def names_date(self) -> bool:
        """Tell whether the performance is chosen by option."""
        return self.request.performance is not None or self.request.date is not None

    def ask_for(self, step: Step, what: Words, option: Words) -> None:
        """Note that a step is about to ask; raises InputInvalid where nobody can answer."""
        if self.scripted:
            raise no_terminal(what, option)
        if step not in self.asked:
            self.asked.append(step)

    def before(self, step: Step) -> Step:
        """Return the step that asked before this one did; the first is the concert's."""
        if step in self.asked:
            del self.asked[self.asked.index(step) :]
        return self.asked.pop() if self.asked else Step.CONCERT

    def choose_anew(self, step: Step) -> None:
        """Forget what was said by option for a step: it could not be had, or is not wanted."""
        changes: dict[Step, dict[str, object]] = {
            Step.CONCERT: {"concert": None, "performance": None, "date": None},
            Step.DATES: {"performance": None, "date": None},
            Step.PAYING: {"charge": None, "charge_missing": False},
            Step.SEATS: {"seats": (), "best": None, "section": None, "category": None},
        }
        self.request = replace(self.request, **changes.get(step, {}))  # type: ignore[arg-type]

    # --- changing something ---

    def key(self, step: str) -> str:
        """Return the operation key of a step: of the session's key, or a new one."""
        return self.request.step_key(step) or operation_key(None)

    def conclude(self, command: str, call: Callable[[str], T], **about: str | int) -> T:
        """Run one change, journalled, until it is known what became of it.

        Raises OutcomeUnknown and Interrupted with the key, and what the change itself raises.
        """
        from boxoffice.core.outcomes import conclude

        key = self.key(command)
        about = {"user": self.number, "concert": self.concert, **about}
        with told_to_end(key, ASK_HOW):
            return conclude(
                self.office, key, command, call, about=about, token=self.token, doubted=self._doubt
            )

    def _doubt(self, _unknown: errors.Unknown) -> None:
        self.terminal.say(tr("No answer came; finding out what became of it ..."))

    # --- looking ---

    def reservations(self) -> list[model.Reservation]:
        """Return the user's reservations, newest first."""
        return self.office.list_reservations(self.user, token=self.token)

    def standing(self, reference: str) -> model.Reservation:
        """Return how a reservation stands; raises ReservationNotFound."""
        for reservation in self.reservations():
            if reservation.reservation == reference:
                return reservation
        raise errors.ReservationNotFound

    @property
    def held_until(self) -> str:
        """Write when the hold ends, with its offset: whoever runs a script has other clocks."""
        assert self.held is not None
        return self.held.held_until.isoformat(timespec="seconds")

    def take_up(self, held: model.Reservation) -> None:
        """Go on with a live hold."""
        from boxoffice.commands.guided.countdown import count_down

        self.held = held
        self.concert, self.concert_name = held.concert, held.concert_name
        self.performance, self.date = held.performance, held.date
        self.hold = count_down(self.office, held.held_until, HELD_FOR)

    def drop_hold(self) -> None:
        """Forget a hold that has ended or was given back."""
        self.held = self.hold = None


HELD_FOR = Words("Held for you: {left} left")
ASK_HOW = Words("`boxoffice book` finds out and goes on; so does `boxoffice status KEY`")
