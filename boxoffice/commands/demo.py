"""A booking session played before your eyes, on a world that stays to be explored."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from boxoffice.commands import demo_house, options
from boxoffice.commands.demo_house import CONCERT, CROWD, CUSTOMERS
from boxoffice.commands.runtime import confirm, open_office, operation_key
from boxoffice.core import language
from boxoffice.core.errors import BoxOfficeError, NotFound
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Any

    from boxoffice.core.model import (
        Caller,
        CreatedPerformance,
        HeldReservation,
        Money,
        PaidReservation,
        Place,
    )
    from boxoffice.core.office import Office

EXAMPLES = {"demo": "boxoffice demo"}
CLOCK = "Asia/Seoul"  # the theatre's
# Two at a time, so that the queue is a queue; short, so that a demo cut off leaves no jam.
QUEUE = {"capacity": 2, "admission_seconds": 60.0, "claim_seconds": 20.0}
WAIT_SECONDS = 90


def demo(yes: options.YesOption = False, no_input: options.NoInputOption = False) -> None:
    """Make a concert and play a whole booking: queue, seats, payment, a lost race, a refund."""
    with open_office() as office:
        if not office.settings.embedded:
            confirm(
                tr("This adds a concert to the database that BOXOFFICE_DATABASE_URL names. Do it?"),
                yes=yes,
                no_input=no_input,
                required=True,
            )
        _title(tr("The house"))
        nights = demo_house.make(office, _tell)
        office.configure_queue(CONCERT, **QUEUE)
        _play(office, nights[0].performance)
        office.configure_queue(CONCERT, **dict.fromkeys(QUEUE))  # time enough to look around
        _farewell(nights)


# --- the world ---


# --- the play ---


def _play(office: Office, performance: int) -> None:
    for name in (*CROWD, *CUSTOMERS):
        _leave_what_a_former_run_left(office, name)
    crowd = [_enqueue(office, name) for name in CROWD]
    mina = _wait_in_line(office, crowd[0])
    held = _look_and_reserve(office, performance, mina)
    office.leave(crowd[1].token)
    _lose_the_race(office, performance, held.seats[0])
    _pay_twice(office, held, mina)
    _change_ones_mind(office, held, mina)


def _wait_in_line(office: Office, somebody: Place) -> Place:
    _title(tr("The queue: two are let in at a time, and two were faster"))
    mina = _shown(f"enqueue '{CONCERT}' --user mina", lambda: _enqueue(office, "mina"), _place)
    _tell(tr("one of them leaves ..."))
    office.leave(somebody.token)
    admitted: Place = _shown("position --wait", lambda: _admitted(office, mina), _place)
    return admitted


def _look_and_reserve(office: Office, performance: int, place: Place) -> HeldReservation:
    _title(tr("Look and reserve"))
    caller = _customer(place)
    seats = _shown(
        f"list-seats {performance} --best 2",
        lambda: office.list_seats(performance, caller, best=2),
        lambda found: ", ".join(f"{s.seat} ({s.category}, {_won(s.price)})" for s in found),
    )
    labels = [seat.seat for seat in seats]
    words = " ".join(f"--seat {label}" for label in labels)
    held: HeldReservation = _shown(
        f"reserve {performance} {words}",
        lambda: office.reserve(performance, caller, seats=labels, key=operation_key(None)),
        _held,
    )
    return held


def _lose_the_race(office: Office, performance: int, label: str) -> None:
    _title(tr("Somebody else wants the same seats"))
    joon = _admitted(office, _enqueue(office, "joon"))
    _tell(tr("joon is let in, and fast:"))
    _shown(
        f"reserve {performance} --seat {label}",
        lambda: office.reserve(
            performance, _customer(joon), seats=[label], key=operation_key(None)
        ),
        _held,
    )
    office.leave(joon.token)


def _pay_twice(office: Office, held: HeldReservation, place: Place) -> None:
    _title(tr("Pay"))
    balance = office.balance("mina").balance.amount
    missing = max(held.total.amount - balance, 10_000)
    _shown(
        f"charge {missing} --user mina",
        lambda: office.charge(missing, "mina", key=operation_key(None)),
        lambda charge: tr("balance {balance}", balance=_won(charge.balance)),
    )
    key = operation_key(None)
    command = f"pay {held.reservation} --key {key[:8]}..."

    def pay() -> PaidReservation:
        return office.pay(held.reservation, _customer(place), key=key)

    _shown(
        command,
        pay,
        lambda paid: tr(
            "paid {paid}, balance {balance}", paid=_won(paid.paid), balance=_won(paid.balance)
        ),
    )
    _tell(tr("and again, as after a lost connection:"))
    _shown(
        command,
        pay,
        lambda paid: tr(
            "the same answer, charged once: balance {balance}", balance=_won(paid.balance)
        ),
    )


def _change_ones_mind(office: Office, held: HeldReservation, place: Place) -> None:
    _title(tr("Change of mind"))
    _shown(
        f"cancel {held.reservation}",
        lambda: office.cancel(held.reservation, _customer(place), key=operation_key(None)),
        lambda done: tr(
            "refunded {refund}, balance {balance}",
            refund=_won(done.refund),
            balance=_won(done.balance),
        ),
    )
    _shown(
        "balance --user mina --history",
        lambda: office.balance("mina", history=True),
        lambda told: "; ".join(f"{e.type} {_won(e.amount)}" for e in (told.history or ())[:3]),
    )


def _customer(place: Place) -> Caller:
    from boxoffice.core.model import Caller

    return Caller(token=place.token)


def _leave_what_a_former_run_left(office: Office, name: str) -> None:
    with suppress(NotFound):
        office.leave(_enqueue(office, name).token)


def _enqueue(office: Office, name: str) -> Place:
    return office.enqueue(CONCERT, name, take_over=True)


def _admitted(office: Office, place: Place) -> Place:
    deadline = time.monotonic() + WAIT_SECONDS
    while place.state != "admitted" and time.monotonic() < deadline:
        place = office.position(place.token)
        if place.state != "admitted":
            time.sleep(min(place.poll_seconds, 0.5))
    return place


# --- telling it ---


def _title(words: str) -> None:
    typer.echo(f"\n== {words}")


def _tell(words: str) -> None:
    typer.echo(f"   {words}")


def _shown(command: str, act: Callable[[], Any], words: Callable[[Any], str]) -> Any:  # noqa: ANN401
    """Show what a customer would type and what the office answers, refusals too."""
    typer.echo(f" $ boxoffice {command}")
    try:
        answer = act()
    except BoxOfficeError as error:
        _tell(f"boxoffice: {language.of(error)[0]}. [{error.code}]")
        return None
    _tell(words(answer))
    return answer


def _place(place: Place) -> str:
    if place.state == "admitted":
        return tr("admitted until {time}", time=_clock(place.admitted_until))
    return tr(
        "waiting at position {at}, ask again in {seconds} s",
        at=place.position,
        seconds=place.poll_seconds,
    )


def _clock(time: datetime | None) -> str:
    from zoneinfo import ZoneInfo

    return f"{time.astimezone(ZoneInfo(CLOCK)):%H:%M:%S}" if time else "?"


def _held(held: HeldReservation) -> str:
    return tr(
        "{reservation}: {seats} for {total}, held until {time:%H:%M:%S}",
        reservation=held.reservation,
        seats=", ".join(held.seats),
        total=_won(held.total),
        time=held.held_until,
    )


def _won(amount: Money) -> str:
    return language.money(amount)


def _farewell(nights: Sequence[CreatedPerformance]) -> None:
    first = nights[0].performance
    _title(tr("Now you"))
    for command, meaning in (
        ("boxoffice list-concerts", tr("what is on sale")),
        (f"boxoffice enqueue '{CONCERT}' --user mina", tr("queue; the session remembers you")),
        (f"boxoffice list-seats {first} --best 4", tr("the best four together")),
        (f"boxoffice reserve {first} --best 4", tr("hold them for five minutes")),
        ("boxoffice balance --user mina --history", tr("every won accounted for")),
        ("boxoffice store status", tr("the servers behind it; `store stop` stops them")),
        ("boxoffice --help", tr("everything else")),
    ):
        typer.echo(f"   {command:<48} {meaning}")
