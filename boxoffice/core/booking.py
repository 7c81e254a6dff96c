"""Reserve, pay, cancel: one story across seats, accounts and events.

Each step is one statement (core/sql), so a process may die anywhere: it happened or it did
not. What a statement would not do is explained afterwards, by reading.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from boxoffice.core import errors, seats
from boxoffice.core.audit import Principal
from boxoffice.core.database import statement
from boxoffice.core.idempotency import Answer, make_request, recall, run_statement
from boxoffice.core.model import (
    CancelledReservation,
    HeldReservation,
    Money,
    PaidReservation,
    Reservation,
)
from boxoffice.core.references import (
    NONCE_BITS,
    parse_reservation,
    payment_reference,
    reservation_reference,
)
from boxoffice.core.tables import (
    accounts,
    concerts,
    payments,
    performances,
    reservation_seats,
    reservations,
    venue_seats,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from boxoffice.core.idempotency import Request
    from boxoffice.core.seats import Wanted

RESERVATIONS_LISTED_MAX = 1_000
BEST_ATTEMPTS_MAX = 5
OTHER_CONCERT = "this token is for another concert"
OTHER_CONCERT_HINT = "`boxoffice enqueue CONCERT` queues for this one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """For whom something is booked: a customer admitted to a concert, or anybody, by staff.

    `refusal` says why a customer may not act now; answers given before are given again.
    """

    user: int
    concert: int | None = None
    staff: Principal | None = None
    refusal: errors.BoxOfficeError | None = None


def reserve(  # noqa: PLR0913 - the parts of one operation
    connection: Connection,
    performance: int,
    wanted: Wanted,
    buyer: Buyer,
    *,
    key: str,
    hold_seconds: float,
) -> HeldReservation:
    """Hold seats for a buyer, all of them or none, for `hold_seconds` from now.

    The best few are chosen anew when somebody else takes them in between. Raises
    PerformanceNotFound, SeatNotFound, SeatBlocked, SeatTaken, SaleNotOpen, SaleClosed,
    NotAdmitted, UserNotFound, KeyReused.
    """
    asked = asdict(wanted) | {"labels": sorted(wanted.labels)}
    request = make_request(key, "reserve", **asked, performance=performance, user=buyer.user)
    former = _refuse_or_recall(connection, request, buyer)
    if former is None and wanted.best:
        former = recall(connection, request)
    if former is not None:
        return _held(former, replayed=True)
    hold = partial(_hold, connection, performance, buyer, request, hold_seconds)
    if not wanted.best:
        return hold(wanted.labels)
    for _ in range(BEST_ATTEMPTS_MAX - 1):
        with suppress(errors.SeatTaken):
            return hold(seats.choose_best(connection, performance, wanted))
    return hold(seats.choose_best(connection, performance, wanted))


def _hold(  # noqa: PLR0913
    connection: Connection,
    performance: int,
    buyer: Buyer,
    request: Request,
    hold_seconds: float,
    labels: Sequence[str],
) -> HeldReservation:
    parameters = _hold_parameters(performance, labels, buyer, request, hold_seconds)
    row = seats.hold(connection, parameters)
    if row.outcome == "in_flight":  # the same key, executed by somebody else, is done now
        row = seats.hold(connection, parameters)
    if row.outcome == "replayed" and row.request != request.fingerprint:
        raise errors.KeyReused
    if row.outcome not in ("held", "replayed"):
        raise _hold_refused(row.outcome, performance, labels, row.labels or ())
    return _held(row.result, replayed=row.outcome == "replayed")


def _refuse_or_recall(
    connection: Connection, request: Request, buyer: Buyer
) -> dict[str, Any] | None:
    """Let a buyer who may not act now have only the answer that the key got before."""
    if buyer.refusal is None:
        return None
    former = recall(connection, request)
    if former is None:
        raise buyer.refusal
    return former


def _hold_parameters(
    performance: int, labels: Sequence[str], buyer: Buyer, request: Request, hold_seconds: float
) -> dict[str, Any]:
    nonce = secrets.randbits(NONCE_BITS)
    return {
        "performance": performance,
        "labels": list(labels),
        "reservation": nonce,
        "reference": reservation_reference(performance, nonce),
        "payment_reference": payment_reference(performance, nonce),
        "hold_seconds": hold_seconds,
        "key": request.key,
        "request": request.fingerprint,
        **_by(buyer),
    }


def _hold_refused(
    outcome: str, performance: int, labels: Sequence[str], fault: Sequence[str]
) -> errors.BoxOfficeError:
    if outcome == "seat_taken":
        return seats.taken(fault)
    if outcome == "seat_blocked":
        return errors.SeatBlocked(f"the house keeps {seats.named(fault)}")
    if outcome == "seat_not_found":
        unknown = [label for label in labels if label not in fault]
        return errors.SeatNotFound(
            f"performance {performance} has no seat {seats.named(unknown)}"
        )
    if outcome == "performance_not_found":
        return errors.PerformanceNotFound(f"there is no performance {performance}")
    if outcome == "not_admitted":
        return errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    return {"sale_not_open": errors.SaleNotOpen, "sale_closed": errors.SaleClosed}[outcome]()


def pay(connection: Connection, reference: str, buyer: Buyer, *, key: str) -> PaidReservation:
    """Pay a held reservation from its owner's balance.

    Raises ReservationNotFound, HoldExpired, AlreadyPaid, AlreadyCancelled,
    InsufficientBalance, NotAdmitted, KeyReused.
    """
    result, replayed = _settle(connection, "pay", reference, buyer, key) or _refuse_payment(
        connection, reference, buyer
    )
    return PaidReservation(
        reservation=result["reservation"],
        payment=result["payment"],
        state=result["state"],
        paid=Money(**result["paid"]),
        balance=Money(**result["balance"]),
        seats=tuple(result["seats"]),
        paid_at=_local(result["paid_at"], result["time_zone"]),
        replayed=replayed,
    )


def cancel(
    connection: Connection, reference: str, buyer: Buyer, *, key: str
) -> CancelledReservation:
    """Cancel a reservation: free its seats and refund what was paid.

    A second time gives the answer again and refunds nothing. Raises ReservationNotFound,
    HoldExpired, PerformanceBegun, KeyReused.
    """
    answer = _settle(connection, "cancel", reference, buyer, key)
    if answer is None:
        return _cancelled_before(connection, reference, buyer)
    result, replayed = answer
    return CancelledReservation(
        reservation=result["reservation"],
        state=result["state"],
        refund=Money(**result["refund"]),
        balance=Money(**result["balance"]),
        replayed=replayed,
    )


def _settle(
    connection: Connection, command: str, reference: str, buyer: Buyer, key: str
) -> Answer | None:
    performance, nonce = parse_reservation(reference)
    canonical = reservation_reference(performance, nonce)
    request = make_request(key, command, reservation=canonical, user=buyer.user)
    former = _refuse_or_recall(connection, request, buyer)
    if former is not None:
        return former, True
    parameters = {
        "performance": performance,
        "reservation": nonce,
        "reference": canonical,
        "payment_reference": payment_reference(performance, nonce),
        "event": f"{command}:{canonical}",
        **_by(buyer),
    }
    return run_statement(connection, command, request, parameters)


def _refuse_payment(connection: Connection, reference: str, buyer: Buyer) -> NoReturn:
    row = _standing(connection, reference, buyer)
    if row.state == "paid":
        raise errors.AlreadyPaid
    if row.state == "cancelled":
        raise errors.AlreadyCancelled
    if row.state == "expired" or row.ended:
        raise errors.HoldExpired
    if buyer.concert not in (None, row.concert_id):
        raise errors.NotAdmitted(OTHER_CONCERT, hint=OTHER_CONCERT_HINT)
    if row.balance is None:
        raise errors.InsufficientBalance
    raise errors.HoldExpired


def _cancelled_before(
    connection: Connection, reference: str, buyer: Buyer
) -> CancelledReservation:
    row = _standing(connection, reference, buyer)
    if row.state == "paid":
        raise errors.PerformanceBegun
    if row.state != "cancelled":
        raise errors.HoldExpired("the hold had already ended; there is nothing to cancel")
    refund = row.total if row.payment == "refunded" else 0
    return CancelledReservation(
        reservation=reservation_reference(*parse_reservation(reference)),
        state="cancelled",
        refund=Money(amount=refund, currency=row.currency),
        balance=Money(amount=row.balance or 0, currency=row.currency),
        replayed=True,
    )


def _standing(connection: Connection, reference: str, buyer: Buyer) -> Any:  # noqa: ANN401
    """Read how a buyer's reservation stands; raises ReservationNotFound for anybody else's."""
    performance, nonce = parse_reservation(reference)
    account = (accounts.c.user_id == reservations.c.user_id) & (
        accounts.c.currency == reservations.c.currency
    )
    payment = (payments.c.performance_id == reservations.c.performance_id) & (
        payments.c.reservation_id == reservations.c.id
    )
    row = connection.execute(
        select(
            reservations.c.state,
            reservations.c.total,
            reservations.c.currency,
            (reservations.c.held_until <= func.now()).label("ended"),
            performances.c.concert_id,
            payments.c.state.label("payment"),
            accounts.c.balance,
        )
        .join(performances, performances.c.id == reservations.c.performance_id)
        .join(payments, payment)
        .outerjoin(accounts, account)
        .where(
            reservations.c.performance_id == performance,
            reservations.c.id == nonce,
            reservations.c.user_id == buyer.user,
        )
    ).one_or_none()
    if row is None:
        raise errors.ReservationNotFound
    return row


def list_reservations(connection: Connection, user: int) -> list[Reservation]:
    """Return a user's reservations, newest first; a hold that has ended reads as expired."""
    labels = (
        select(func.array_agg(aggregate_order_by(venue_seats.c.label, venue_seats.c.seat_no)))
        .select_from(reservation_seats)
        .join(
            venue_seats,
            (venue_seats.c.venue_id == performances.c.venue_id)
            & (venue_seats.c.seat_no == reservation_seats.c.seat_no),
        )
        .where(
            reservation_seats.c.performance_id == reservations.c.performance_id,
            reservation_seats.c.reservation_id == reservations.c.id,
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            reservations,
            (reservations.c.held_until <= func.now()).label("ended"),
            concerts.c.id.label("concert_id"),
            concerts.c.name,
            performances.c.starts_at,
            performances.c.time_zone,
            labels.label("labels"),
        )
        .join(performances, performances.c.id == reservations.c.performance_id)
        .join(concerts, concerts.c.id == performances.c.concert_id)
        .where(reservations.c.user_id == user)
        .order_by(reservations.c.created_at.desc(), reservations.c.id)
        .limit(RESERVATIONS_LISTED_MAX)
    )
    return [_reservation(row) for row in rows]


def _reservation(row: Any) -> Reservation:  # noqa: ANN401
    zone = ZoneInfo(row.time_zone)
    return Reservation(
        reservation=reservation_reference(row.performance_id, row.id),
        concert=row.concert_id,
        concert_name=row.name,
        performance=row.performance_id,
        date=row.starts_at.astimezone(zone),
        seats=tuple(row.labels),
        state="expired" if row.state == "held" and row.ended else row.state,
        total=Money(amount=row.total, currency=row.currency),
        held_until=row.held_until.astimezone(zone),
        created_at=row.created_at.astimezone(zone),
    )


def sweep(connection: Connection, *, holds_max: int) -> int:
    """Tidy holds that have ended, at most `holds_max` a performance; return how many."""
    ended = connection.execute(
        select(reservations.c.performance_id)
        .where(reservations.c.state == "held", reservations.c.held_until <= func.now())
        .distinct()
    ).scalars()
    return sum(_sweep_performance(connection, number, holds_max) for number in ended.all())


def _sweep_performance(connection: Connection, performance: int, holds_max: int) -> int:
    parameters = {"performance": performance, "holds_max": holds_max}
    return len(connection.exec_driver_sql(statement("sweep"), parameters).all())


def _held(result: dict[str, Any], *, replayed: bool) -> HeldReservation:
    return HeldReservation(
        reservation=result["reservation"],
        performance=result["performance"],
        seats=tuple(result["seats"]),
        total=Money(**result["total"]),
        state=result["state"],
        held_until=_local(result["held_until"], result["time_zone"]),
        payment=result["payment"],
        replayed=replayed,
    )


def _local(time: str, zone: str) -> datetime:
    return datetime.fromisoformat(time).astimezone(ZoneInfo(zone))


def _by(buyer: Buyer) -> dict[str, Any]:
    return {
        "user": buyer.user,
        "concert": buyer.concert,
        "staff": buyer.staff and buyer.staff.name,
        "terminal": buyer.staff and buyer.staff.terminal,
    }
