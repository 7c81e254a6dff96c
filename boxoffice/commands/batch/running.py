"""A run from its first line to its last, and what is left where it is cut off."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from boxoffice.commands.batch.acting import Actor
from boxoffice.commands.batch.telling import RUN_AGAIN, Tally
from boxoffice.commands.runtime import open_office
from boxoffice.core.errors import Forbidden, InputInvalid, Interrupted, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from boxoffice.commands.batch.acting import Manner
    from boxoffice.commands.batch.lines import Line
    from boxoffice.core.office import Office


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Lend the file of the lines, or stdin; raises InputInvalid."""
    if path == "-":
        yield sys.stdin.buffer
        return
    try:
        file = open(path, "rb")  # noqa: PTH123, SIM115 - closed below
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or Words("not a file name")
        raise InputInvalid("the file cannot be read: {reason}", reason=reason, hint="") from None
    with file:
        yield file


@contextmanager
def running(*, as_json: bool) -> Iterator[Tally]:
    """Lend the tally of a run, and say at its end, whichever that is, what it came to.

    Raises Interrupted where a signal ends it between two lines, or in the middle of one, which
    is then done or not done.
    """
    with suppress(ValueError):  # only the main thread may, and only it is told
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    tally = Tally(as_json=as_json)
    try:
        yield tally
    except (KeyboardInterrupt, Interrupted):
        raise Interrupted(
            "interrupted after {number} lines", number=tally.lines, hint=RUN_AGAIN
        ) from None
    finally:
        tally.conclude()


@contextmanager
def office_of(manner: Manner) -> Iterator[Office]:
    """Open the office of a run; raises Forbidden where a customer would act as staff."""
    with open_office(dry_run=manner.dry_run) as office:
        if manner.staff and not office.is_operator:
            raise Forbidden
        yield office


def run_here(lines: Iterable[Line], office: Office, manner: Manner, tally: Tally) -> None:
    """Do the lines in this process."""
    actor = Actor(office, manner)
    for line in lines:
        answer = actor.act(line)
        tally.tell(answer.written(), answer.exit, replayed=answer.replayed)
        if manner.stop_on_error and answer.exit:
            return
