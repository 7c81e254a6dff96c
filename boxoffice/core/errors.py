"""What can go wrong on purpose: a small tree of kinds with stable codes and hints.

A class is one code; its docstring is the sentence said when the raiser gives none; its
kind is its base class. Raisers give templates and their values apart, for the translations.
Exit codes belong to the command line alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class Words(str):
    """English that still knows its template and values, so that a face can say it otherwise.

    The template is filled in by ``str.format``; without values its braces stand for themselves.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Fill the template in."""
        words = super().__new__(cls, template.format(**values) if values else template)
        words.template, words.values = template, values
        return words


class BoxOfficeError(Exception):
    """The box office could not do what was asked."""

    code: ClassVar[str] = ""
    kind: ClassVar[str] = ""
    hint: ClassVar[str] = ""

    def __init__(
        self, message: str | None = None, *, hint: str | None = None, **values: object
    ) -> None:
        self.message = _words(message or sentence(type(self)), values)
        self.advice = _words(self.hint if hint is None else hint, values)
        super().__init__(self.message)


def _words(text: str, values: Mapping[str, object]) -> Words:
    return text if isinstance(text, Words) else Words(text, **values)


def sentence(error: type[BoxOfficeError]) -> str:
    """Return what an error says where its raiser says nothing: the line of its docstring."""
    first_line = (error.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return first_line[:1].lower() + first_line[1:]


class Invalid(BoxOfficeError):
    """What was typed cannot be meant."""

    kind = "invalid"


class NotFound(BoxOfficeError):
    """No such thing is known."""

    kind = "not_found"


class Refused(BoxOfficeError):
    """A rule refuses it, and will refuse the same request again."""

    kind = "refused"


class Conflict(BoxOfficeError):
    """Somebody was faster."""

    kind = "conflict"


class Unavailable(BoxOfficeError):
    """A server cannot be reached; the same request may work later."""

    kind = "unavailable"


class Unknown(BoxOfficeError):
    """Nobody can say yet whether it happened."""

    kind = "unknown"


class InputInvalid(Invalid):
    """The input is not valid."""

    code = "input_invalid"
    hint = "see the command's --help"


class SaleWindowInvalid(InputInvalid):
    """The sale would close before it opens."""

    hint = "it opens now and closes at the start, unless --sale-opens and --sale-closes say when"


class ConcertNotFound(NotFound):
    """There is no such concert."""

    code = "concert_not_found"
    hint = "`boxoffice list-concerts` shows what is on sale"


class PerformanceNotFound(NotFound):
    """There is no such performance."""

    code = "performance_not_found"
    hint = "`boxoffice list-dates CONCERT` shows the performances of a concert"


class SeatNotFound(NotFound):
    """There is no such seat in this performance."""

    code = "seat_not_found"
    hint = "`boxoffice list-seats PERFORMANCE` shows the labels"


class PriceTypeNotFound(NotFound):
    """There is no such price type in this performance."""

    code = "price_type_not_found"
    hint = "`boxoffice performance prices PERFORMANCE` shows the price types"


class UserNotFound(NotFound):
    """There is no such user."""

    code = "user_not_found"
    hint = "`boxoffice user add NAME` makes one"


class EventNotFound(NotFound):
    """Nothing is open of such an event."""

    code = "event_not_found"
    hint = "`boxoffice outbox list` shows what is open"


class VenueNotFound(NotFound):
    """There is no such venue."""

    code = "venue_not_found"
    hint = "`boxoffice venue import FILE` makes one from a plan"


class ReservationNotFound(NotFound):
    """There is no such reservation of this user."""

    code = "reservation_not_found"
    hint = "`boxoffice list-reservations` shows yours"


class TicketNotFound(NotFound):
    """There is no such ticket."""

    code = "ticket_not_found"
    hint = "`boxoffice ticket list --performance PERFORMANCE` shows the sold seats, for staff"


class TicketUsed(Conflict):
    """Somebody came in with this ticket already."""

    code = "ticket_used"
    hint = "look at both tickets; one of them is a copy"


class TicketCancelled(Refused):
    """The ticket is cancelled: its seat was given back or exchanged."""

    code = "ticket_cancelled"
    hint = "`boxoffice list-reservations` shows the tickets that are still good"


class WrongPerformance(Refused):
    """The ticket is for another performance."""

    code = "wrong_performance"
    hint = "look at the date on the ticket"


class DrawNotFound(NotFound):
    """The places of this concert are not drawn by lot."""

    code = "draw_not_found"
    hint = "`boxoffice enqueue CONCERT` takes a place in the order of coming"


class PlaceNotFound(NotFound):
    """There is no place in this queue any more."""

    code = "place_not_found"
    hint = "`boxoffice enqueue CONCERT` takes a new place"


class TokenInvalid(Refused):
    """The token is missing, unknown or ended."""

    code = "token_invalid"
    hint = "`boxoffice enqueue CONCERT` gives a token"


class TokenUnknown(TokenInvalid):
    """This token is unknown or was used too long ago."""


class NotAdmitted(Refused):
    """It is not this token's turn yet."""

    code = "not_admitted"
    hint = "`boxoffice position --wait` waits until it is"


class QueueClosed(Refused):
    """The queue of this concert takes nobody now."""

    code = "queue_closed"
    hint = "`boxoffice show-concert CONCERT` shows when the sale opens"


class SaleNotOpen(Refused):
    """The sale of this performance has not opened yet."""

    code = "sale_not_open"
    hint = "`boxoffice show-concert CONCERT` shows when it opens"


class SaleClosed(Refused):
    """The sale of this performance is over."""

    code = "sale_closed"
    hint = "`boxoffice list-concerts` shows what is still on sale"


class PerformanceCancelled(Refused):
    """The performance is cancelled; what was paid for it is refunded."""

    code = "performance_cancelled"
    hint = "`boxoffice list-concerts` shows what is on sale"


class SeatTaken(Conflict):
    """The seat is already taken."""

    code = "seat_taken"
    hint = "`boxoffice list-seats PERFORMANCE` shows the free ones"


class SeatBlocked(Refused):
    """The seat is kept by the house."""

    code = "seat_blocked"
    hint = "`boxoffice list-seats PERFORMANCE` shows the free ones"


class TooManySeats(Refused):
    """That is more seats than one reservation may have."""

    code = "too_many_seats"
    hint = "ask for fewer seats, or make several reservations"


class PerformanceBegun(Refused):
    """The performance has begun; only staff can cancel now."""

    code = "performance_begun"
    hint = "ask at the counter"


class HoldExpired(Refused):
    """The hold has ended and its seats are free for anybody."""

    code = "hold_expired"
    hint = "`boxoffice reserve PERFORMANCE --seat LABEL` holds seats again"


class AlreadyPaid(Refused):
    """The reservation is already paid."""

    code = "already_paid"
    hint = "`boxoffice list-reservations` shows it; `boxoffice cancel` refunds it"


class AlreadyCancelled(Refused):
    """The reservation is already cancelled."""

    code = "already_cancelled"
    hint = "`boxoffice reserve PERFORMANCE --seat LABEL` holds seats again"


class InsufficientBalance(Refused):
    """The balance does not cover the price."""

    code = "insufficient_balance"
    hint = "`boxoffice charge AMOUNT` adds to the balance"


class AmountInvalid(Refused):
    """The amount is zero, below zero or above the limit."""

    code = "amount_invalid"
    hint = "give a whole number of the currency's minor unit"


class PriceChanged(Conflict):
    """The reservation costs another price by now than was agreed."""

    code = "price_changed"
    hint = "look at its seats again"


class WalkInHasNoBalance(Refused):
    """A walk-in customer has no account to pay into."""

    code = "walk_in_has_no_balance"
    hint = "choose or add a customer first"


class ReservationNotPaid(Refused):
    """Only a paid reservation can be exchanged."""

    code = "reservation_not_paid"
    hint = "a hold is changed by releasing its seats and taking others"


class KeyReused(Refused):
    """This key was used before, for another request."""

    code = "key_reused"
    hint = "use a new key for a new request"


class NameTaken(Conflict):
    """The name is already in use."""

    code = "name_taken"
    hint = "choose another name"


class DateTaken(Conflict):
    """The concert already has a performance at that time."""

    code = "date_taken"
    hint = "`boxoffice show-concert CONCERT` shows its dates"


class PlaceHeld(Refused):
    """This place is held by another terminal."""

    code = "place_held"
    hint = (
        "`boxoffice enqueue CONCERT --take-over` goes on here, and ends the other terminal's token"
    )


class DrawRefused(Refused):
    """The draw of this concert was held, and there is only one."""

    code = "draw_refused"
    hint = "the state `paused` keeps places without a draw"


class StaffAllowanceUsed(Refused):
    """As many staff sell beside the queue as this concert allows."""

    code = "staff_allowance_used"
    hint = "try again in a minute, or an admin raises the queue's staff_allowance"


class OperationAbandoned(Refused):
    """This key was settled before anything was done under it; nothing ever will be."""

    code = "operation_abandoned"
    hint = "do it again without --key, or with a new one"


class Forbidden(Refused):
    """The role of this session does not allow it."""

    code = "forbidden"
    hint = "BOXOFFICE_ROLE sets the role: customer, reader, clerk or admin"


class NotMarked(Refused):
    """This database is not marked for load tests: it may be a shop's."""

    code = "not_marked"
    hint = "`boxoffice bench --mark` marks a database in which nothing was sold and nobody queued"


class AlreadyInUse(Refused):
    """This database was used already: somebody queued, reserved or has money in it."""

    code = "already_in_use"
    hint = "use a new database, or another BOXOFFICE_HOME for embedded servers"


class OperationNotSeen(Unavailable):
    """No operation with this key has been seen; it may still arrive."""

    code = "operation_not_seen"
    hint = (
        "ask again later; `boxoffice status KEY --settle` makes sure that it never arrives;"
        " `enqueue` and `leave` are simply given again"
    )


class SchemaOutdated(Unavailable):
    """The database has another schema than this version needs."""

    code = "schema_outdated"
    hint = "`boxoffice store migrate` brings it up to date"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached."""

    code = "database_unavailable"
    hint = "`boxoffice doctor` shows what is wrong"


class WorkersAway(Unavailable):
    """No worker is at work."""

    code = "workers_away"
    hint = "`boxoffice worker` is one"


class WorkersLate(Unavailable):
    """Workers are at work, but some job is done by none of them in time."""

    code = "workers_late"
    hint = "`boxoffice worker status` shows when each job was done last"


class QueueUnavailable(Unavailable):
    """The queue cannot be reached."""

    code = "queue_unavailable"
    hint = "`boxoffice doctor` shows what is wrong; staff can sell without the queue (--staff)"


class StoreUnavailable(Unavailable):
    """The embedded servers cannot run here."""

    code = "store_unavailable"
    hint = "`boxoffice doctor` shows what is wrong; or set BOXOFFICE_DATABASE_URL and _REDIS_URL"


class StoreNotEmbedded(Refused):
    """The servers are named by URL, so they are not ours to start or stop."""

    code = "store_not_embedded"
    hint = "unset BOXOFFICE_DATABASE_URL and BOXOFFICE_REDIS_URL to use the embedded servers"


class LocalDiskFailed(Unavailable):
    """The operating system refused to read or write."""

    code = "local_disk_failed"
    hint = "make room, or check the rights of the folder"


class WaitTimedOut(Unavailable):
    """The time to wait ran out; the place in the queue is kept."""

    code = "wait_timed_out"
    hint = "`boxoffice position --wait` goes on waiting"


class OutcomeUnknown(Unknown):
    """It may or may not have happened; do not start a new one."""

    code = "outcome_unknown"
    hint = "`boxoffice status KEY` says what became of it"
    key: str = ""


class AnswerLost(Unknown):
    """It was done, but its answer could not be written."""

    code = "answer_lost"
    hint = "`boxoffice status KEY` says the answer again"
    key: str = ""


class Interrupted(Unknown):
    """Interrupted; what was asked may or may not have happened."""

    code = "interrupted"
    hint = "`boxoffice status KEY` says what became of it"
    key: str = ""


def all_errors() -> list[type[BoxOfficeError]]:
    """Return every error that has a code, ordered by code."""
    found: list[type[BoxOfficeError]] = []
    kinds = list(BoxOfficeError.__subclasses__())
    for kind in kinds:
        found.extend(kind.__subclasses__())
    return sorted(found, key=lambda error: error.code)
