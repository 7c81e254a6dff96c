"""Admissions: whether a token's owner may act now, for how long, and the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boxoffice.core import tokens
from boxoffice.core.errors import NotAdmitted, TokenInvalid
from boxoffice.core.queue.places import key_of, moment
from boxoffice.core.queue.scripts import TAKEN_OVER, raise_refusal, run

if TYPE_CHECKING:
    from datetime import datetime

    from redis import Redis

    from boxoffice.core.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether the owner of a token may act, and for how many seconds more.

    ``position`` counts from 1 while waiting, None before a draw; ``database`` is the one that
    the user's number is of.
    """

    concert: int
    user: int
    state: str  # waiting, admitted, ended, taken
    position: int | None
    admitted_until: datetime | None
    seconds_left: float | None
    database: str


def check(redis: Redis, token: str, settings: Settings) -> Admission:
    """Say whose token it is and whether its owner is admitted, for commands behind the queue.

    An ended place still names its owner for a day. Raises TokenInvalid.
    """
    return renew(redis, token, settings, 0)


def renew(redis: Redis, token: str, settings: Settings, seconds: float) -> Admission:
    """Make an admission last so many seconds more, as far as its longest life allows.

    Raises TokenInvalid.
    """
    concert = tokens.concert_of(token)
    reply = run(redis, "check", concert, settings, (key_of(token),), seconds)
    raise_refusal(reply[0], ended_is_told=True)
    state, user, position, ends, left, database = reply
    return Admission(
        concert=concert,
        user=int(user),
        state=state,
        position=position,
        admitted_until=moment(ends),
        seconds_left=None if left is None else int(left) / 1000,
        database=database,
    )


def require_admitted(admission: Admission) -> None:
    """Let only the admitted through.

    Raises NotAdmitted, or TokenInvalid for a place that ended or went to another terminal.
    """
    if admission.state == "waiting" and admission.position is None:
        raise NotAdmitted("not admitted yet: the places are drawn by lot at the start")
    if admission.state == "waiting":
        raise NotAdmitted("not admitted yet: position {at} in the queue", at=admission.position)
    if admission.state == "taken":
        raise TokenInvalid(TAKEN_OVER)
    if admission.state != "admitted":
        raise TokenInvalid("the place of this token has ended")


def finish(redis: Redis, token: str, settings: Settings) -> bool:
    """End an admission after its payment committed, and admit the next.

    Returns whether a live admission was ended: a queue that forgot the token, or a second
    call, is no reason to doubt the payment. Raises TokenInvalid for a text that is no token.
    """
    reply = run(redis, "finish", tokens.concert_of(token), settings, (key_of(token),))
    return bool(reply == 1)
