"""Doing something once, and finding out what became of it where the answer was lost.

An outcome is unknown only if a statement was sent and no answer came. Then the same call is
repeated under the same key, which gets the first answer or does it now. A refusal is no answer
yet: the first statement may still be under way in the server and succeed after it, so the key
is settled before the refusal counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from boxoffice.core.errors import (
    AmountInvalid,
    BoxOfficeError,
    Invalid,
    KeyReused,
    NotFound,
    OperationAbandoned,
    OutcomeUnknown,
    Unavailable,
    Unknown,
)
from boxoffice.core.journal import journal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from boxoffice.core.journal import Journal, Unkept
    from boxoffice.core.model import Operation
    from boxoffice.core.office import Office

T = TypeVar("T")

# Said before a key is looked at: the request that was sent cannot have been this one.
NEVER_SENT = (Invalid, NotFound, AmountInvalid)
BACK_OFF_SECONDS_MIN, BACK_OFF_SECONDS_MAX = 0.1, 4.0


def sleep(seconds: float) -> bool:
    """Wait, and go on."""
    time.sleep(seconds)
    return True


def conclude(  # noqa: PLR0913 - what to do, and how long to try
    office: Office,
    key: str,
    command: str,
    call: Callable[[str], T],
    *,
    about: Mapping[str, str | int | None],
    token: str | None = None,
    deadline_seconds: float | None = None,
    pause: Callable[[float], bool] = sleep,
    doubted: Callable[[Unknown], None] | None = None,
    journal: Journal | Unkept | None = None,
) -> T:
    """Do something once under a key, and return its answer or raise the error it ended in.

    It stands in the journal from before the first statement until its outcome is known; whoever
    gives the ``journal`` closes there what was done, once somebody was told. ``about`` says
    there what it is, ``token`` here whose it is. After an unknown outcome
    ``doubted`` is told and the same ``call(key)`` repeated for ``deadline_seconds`` (None: those
    of the settings); ``pause`` waits so many seconds and says whether to go on. Raises
    LocalDiskFailed, and then nothing was sent, and OutcomeUnknown with the key.
    """
    own = journal_of(office.settings) if journal is None else journal
    in_doubt = own.begin(key, command, **about)
    attempts = _Attempts(
        office=office,
        key=key,
        call=call,
        token=token,
        seconds=office.settings.outcome_seconds if deadline_seconds is None else deadline_seconds,
        pause=pause,
    )
    try:
        answer = attempts.conclude(doubted, in_doubt=in_doubt)
    except BoxOfficeError as error:
        if not isinstance(error, Unknown):
            own.close(key)
        raise
    else:
        if journal is None:
            own.close(key)
        return answer
    finally:
        own.release(key)  # by a signal or a bug, too: then nobody knows what became of it


def waits() -> Iterator[float]:
    """Yield how long to wait before each attempt, in seconds: anything below a doubling limit."""
    from random import uniform  # only where there is doubt: it costs more than a journal entry

    limit = BACK_OFF_SECONDS_MIN
    while True:
        yield uniform(0, limit)  # noqa: S311 - no secret
        limit = min(2 * limit, BACK_OFF_SECONDS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempts(Generic[T]):
    """One call under one key, made until its outcome is known."""

    office: Office
    key: str
    call: Callable[[str], T]
    token: str | None
    seconds: float
    pause: Callable[[float], bool]

    def conclude(self, doubted: Callable[[Unknown], None] | None, *, in_doubt: bool) -> T:
        """Make the call; where it was ``in_doubt`` before, no refusal is taken on trust."""
        if not in_doubt:
            try:
                return self.call(self.key)
            except Unknown as error:
                if doubted:
                    doubted(error)
        return self._repeat(time.monotonic() + self.seconds)

    def _repeat(self, deadline: float) -> T:
        for wait_seconds in waits():
            left_seconds = deadline - time.monotonic()
            if left_seconds <= 0 or not self.pause(min(wait_seconds, left_seconds)):
                break
            try:
                return self._again()
            except (Unavailable, Unknown):
                continue
        unknown = OutcomeUnknown()
        unknown.key = self.key
        raise unknown

    def _again(self) -> T:
        try:
            return self.call(self.key)
        except (Unavailable, Unknown, KeyReused, OperationAbandoned, *NEVER_SENT):
            raise
        except BoxOfficeError as refusal:
            ended = self._settled()
            if ended.state == "done":
                return cast("T", replace(ended.result, replayed=True))
            raise refusal from None

    def _settled(self) -> Operation:
        """Return the end of the key; raises Unavailable, Unknown where it has none yet."""
        try:
            ended = self.office.settle(self.key, token=self.token)
        except (Unavailable, Unknown):
            raise
        except (
            BoxOfficeError
        ):  # nobody may: the customer's token ended, or others may guess the key
            raise OutcomeUnknown from None
        if ended.state == "in_progress":
            raise OutcomeUnknown
        return ended
