"""The waiting line: enqueue, position, leave."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from boxoffice.commands import options, output
from boxoffice.commands.runtime import find_token, open_office, operation_key, save_session
from boxoffice.core.errors import WaitTimedOut

if TYPE_CHECKING:
    from boxoffice.core.model import Place
    from boxoffice.core.office import Office

EXAMPLES = {
    "enqueue": "boxoffice enqueue 1 --user kim",
    "position": "boxoffice position --wait --timeout 600",
    "leave": "boxoffice leave",
}


def enqueue(
    concert: options.ConcertArgument,
    user: options.UserOption = None,
    token: options.TokenOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Take a place in the queue of a concert, or tell the place you have."""
    key = operation_key(key)
    with open_office(key) as office:
        place = office.enqueue(concert, user, token=find_token(token, office.settings), key=key)
        save_session(place, office.settings)
        form = output.Format(as_json=as_json, quiet=quiet)
        output.print_one(place, form, identity="token")


def position(
    token: options.TokenOption = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is your turn.")] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", metavar="SECONDS", min=0, help="Wait no longer than this."),
    ] = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Tell where you stand in the queue and when to ask again."""
    with open_office() as office:
        text = find_token(token, office.settings)
        place = _wait(office, text, timeout) if wait else office.position(text)
        form = output.Format(as_json=as_json, quiet=quiet)
        output.print_one(place, form, identity="position")


def leave(
    token: options.TokenOption = None,
    key: options.KeyOption = None,
    as_json: options.JsonOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Give up your place in the queue."""
    key = operation_key(key)
    with open_office(key) as office:
        left = office.leave(find_token(token, office.settings))
        form = output.Format(as_json=as_json, quiet=quiet)
        output.print_one(left, form, identity="concert")


def _wait(office: Office, token: str | None, timeout: float | None) -> Place:
    """Poll as told until admitted; raises WaitTimedOut."""
    deadline = None if timeout is None else time.monotonic() + timeout
    while True:
        place = office.position(token)
        if place.state == "admitted":
            return place
        pause = place.poll_seconds
        if deadline is not None:
            pause = min(pause, deadline - time.monotonic())
            if pause <= 0:
                raise WaitTimedOut(f"still at position {place.position} when the time ran out")
        if sys.stderr.isatty():
            output.say(f"position {place.position}{_estimate(place)}")
        time.sleep(pause)


def _estimate(place: Place) -> str:
    if place.wait_seconds is None:
        return ""
    minutes, seconds = divmod(place.wait_seconds, 60)
    return f", about {minutes} min {seconds} s to go" if minutes else f", about {seconds} s to go"
