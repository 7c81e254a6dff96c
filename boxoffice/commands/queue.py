"""The waiting line: enqueue, position, leave."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.output import form
from boxoffice.commands.runtime import open_office, operation_key, queueing
from boxoffice.commands.session import (
    find_token,
    keep_stub,
    kept_token,
    named_token,
    save_session,
    stub_of,
)
from boxoffice.core.errors import InputInvalid, QueueUnavailable, WaitTimedOut
from boxoffice.core.language import tr

if TYPE_CHECKING:
    from boxoffice.core.config import Settings
    from boxoffice.core.model import Place
    from boxoffice.core.office import Office

EXAMPLES = {
    "enqueue": "boxoffice enqueue 1 --user kim",
    "position": "boxoffice position --wait --timeout 600",
    "leave": "boxoffice leave",
}
TIMEOUT_SECONDS_MAX = 1_000_000


def enqueue(
    concert: options.ConcertArgument,
    user: options.UserOption = None,
    token: options.TokenOption = None,
    take_over: options.TakeOverOption = False,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietTokenOption = False,
) -> None:
    """Take a place in the queue of a concert, or tell the place you have."""
    key = operation_key(key)
    with queueing(key) as office:
        settings = office.settings
        text = named_token(token, settings) or kept_token(settings)
        stub = stub_of(text, settings)
        place = office.enqueue(concert, user, token=text, key=key, stub=stub, take_over=take_over)
        keep(place, settings)
        shape = form(as_json, quiet)
        output.print_one(place, shape, identity="token", zone=settings.time_zone)
        _tell_of_draw(place, told=not (as_json or quiet))


def position(
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is your turn.")] = False,
    timeout: options.TimeoutOption = None,
    token: options.TokenOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietStateOption = False,
) -> None:
    """Tell where you stand in the queue and when to ask again."""
    _check_timeout(timeout, wait=wait)
    with open_office() as office:
        text = find_token(token, office.settings)
        place = _wait(office, text, timeout) if wait else _asked(office, text)
        shape = form(as_json, quiet)
        output.print_one(place, shape, identity="state", zone=office.settings.time_zone)
        _tell_of_draw(place, told=not (as_json or quiet))


def leave(
    token: options.TokenOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Give up your place in the queue."""
    key = operation_key(key)
    with queueing(key) as office:
        left = office.leave(find_token(token, office.settings))
        output.print_one(left, form(as_json, quiet), identity="concert")


def keep(place: Place, settings: Settings) -> None:
    """Keep the session; where that fails the place is taken all the same, and is told."""
    try:
        save_session(place, settings)
    except OSError as error:
        told = tr(
            "{path} cannot be written ({reason}): pass the token along as BOXOFFICE_TOKEN",
            path=settings.session_file,
            reason=error.strerror,
        )
        output.say(f"boxoffice: {told}")


def _check_timeout(timeout: float | None, *, wait: bool) -> None:
    if timeout is None:
        return
    if not wait:
        raise InputInvalid("--timeout needs --wait")
    if not 0 <= timeout <= TIMEOUT_SECONDS_MAX:
        raise InputInvalid("--timeout must be from 0 to {most:,} seconds", most=TIMEOUT_SECONDS_MAX)


def _tell_of_draw(place: Place, *, told: bool) -> None:
    if told and place.state == "waiting" and place.position is None:
        output.say(tr("The places are drawn by lot at the start; this one is in the draw."))


def _asked(office: Office, token: str | None) -> Place:
    place = office.position(token, stub=stub_of(token, office.settings))
    keep_stub(place, office.settings)
    return place


def _wait(office: Office, token: str | None, timeout: float | None) -> Place:
    """Poll as told until admitted, also through an outage of the queue; raises WaitTimedOut."""
    deadline = None if timeout is None else time.monotonic() + timeout
    place = _asked(office, token)
    while place.state != "admitted":
        pause = place.poll_seconds
        if deadline is not None:
            pause = min(pause, deadline - time.monotonic())
            if pause <= 0:
                raise _timed_out(place)
        if sys.stderr.isatty():
            output.say(_estimated(place))
        time.sleep(pause)
        try:
            place = _asked(office, token)
        except QueueUnavailable:
            output.say(tr("The queue does not answer; it is asked again."))
    return place


def _timed_out(place: Place) -> WaitTimedOut:
    if place.position is None:
        return WaitTimedOut("the draw was not held when the time ran out")
    return WaitTimedOut(
        "still at position {position} when the time ran out", position=place.position
    )


def _estimated(place: Place) -> str:
    at = place.position
    if at is None:
        return tr("waiting for the draw at the start")
    if place.wait_seconds is None:
        return tr("position {at}", at=at)
    minutes, seconds = divmod(place.wait_seconds, 60)
    if not minutes:
        return tr("position {at}, about {seconds} s to go", at=at, seconds=seconds)
    return tr(
        "position {at}, about {minutes} min {seconds} s to go",
        at=at,
        minutes=minutes,
        seconds=seconds,
    )
