"""Many real processes at one box office, starting together, each with its own connection."""

from __future__ import annotations

import multiprocessing
import random
import time
from typing import TYPE_CHECKING, Any

from boxoffice.core.office import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from tests.conftest import Box

# Forked, because two hundred interpreters would start for a minute. Nobody shares a
# connection: the parent's is closed before, and each process opens its own.
FORK = multiprocessing.get_context("fork")
DEADLINE_SECONDS = 120


class Crowd:
    """Processes that each run `work(office, together, *arguments)` and answer with its result.

    `together` is the barrier that all of them start from; work may wait at it again.
    """

    def __init__(self, box: Box, work: Callable[..., Any], arguments: Sequence[tuple]) -> None:
        for office in box.opened:
            office.close()
        together = FORK.Barrier(len(arguments))
        self.members = []
        self.answers: list[Connection] = []
        for given in arguments:
            answer, told = FORK.Pipe(duplex=False)
            member = FORK.Process(target=_run, args=(box, work, given, together, told))
            member.start()
            told.close()  # so that a member that dies is heard as the end of its answer
            self.members.append(member)
            self.answers.append(answer)

    def results(self) -> list[Any]:
        """Wait for everybody and return what each one's work returned."""
        found = [answer.recv() for answer in self.answers]
        for member, answer in zip(self.members, self.answers, strict=True):
            answer.close()
            member.join(DEADLINE_SECONDS)
            assert member.exitcode == 0
        return found

    def busy(self) -> bool:
        """Say whether anybody is still at work."""
        return any(member.is_alive() for member in self.members)


def _run(
    box: Box, work: Callable[..., Any], arguments: tuple, together: Any, told: Connection
) -> None:
    random.seed()  # a fork inherits its parent's dice
    office = Office(box.settings, connections=1)
    try:
        with office.stores.database():
            pass  # connected before the start, so that all begin at once
        together.wait(DEADLINE_SECONDS)
        told.send(work(office, together, *arguments))
    except BaseException:
        together.abort()  # nobody waits for who is gone
        raise
    told.close()
    office.close()


def rush(box: Box, work: Callable[..., Any], arguments: Sequence[tuple]) -> list[Any]:
    """Let a crowd do its work and return what each one answered."""
    return Crowd(box, work, arguments).results()


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Return a question that is answered with yes for so long."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end
