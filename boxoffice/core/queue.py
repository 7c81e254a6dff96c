"""The waiting line of a concert: who may try to book, in the order of coming.

Redis orders, Postgres decides: nothing here is worth a seat or a cent. Each operation is
one Lua script in ``lua/`` that first moves the line and then answers, so that no daemon is
needed. Functions take the Redis client first and let its errors through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import uniform
from typing import TYPE_CHECKING, Any

from boxoffice.core import tokens
from boxoffice.core.config import SETTABLE
from boxoffice.core.errors import (
    InputInvalid,
    KeyReused,
    NotAdmitted,
    PlaceNotFound,
    QueueClosed,
    TokenInvalid,
)
from boxoffice.core.model import Left, Line, Place

if TYPE_CHECKING:
    from redis import Redis

    from boxoffice.core.config import Settings

STATES = ("closed", "pre", "open", "paused", "drain")
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0
RETRIES = 2
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 0.05, 0.5
POLL_JITTER = 0.2
POLL_SECONDS_MIN = 0.1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LUA = Path(__file__).parent / "lua"
PARTS = {
    "join": ("prelude", "place"),
    "poll": ("guard", "prelude", "place"),
    "check": ("guard", "prelude"),
    "finish": ("guard", "prelude"),
    "leave": ("guard", "prelude"),
    "show": ("prelude", "place"),
}
KEYS = ("settings", "line", "waiting", "admitted", "places", "seen", "pace")
# A concert's own setting -> the default for all concerts, in the order of prelude.lua.
SETTINGS = {
    "capacity": "queue_capacity",
    "rate_per_minute": "queue_rate_per_minute",
    "burst": "queue_burst",
    "admission_seconds": "admission_seconds",
    "admission_seconds_max": "admission_seconds_max",
    "claim_seconds": "claim_seconds",
    "absence_seconds": "absence_seconds",
    "poll_near_seconds": "poll_near_seconds",
    "poll_middle_seconds": "poll_middle_seconds",
    "poll_far_seconds": "poll_far_seconds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether the owner of a token may act; ``position`` counts from 1 while waiting."""

    concert: int
    user: int
    state: str  # waiting, admitted, ended
    position: int | None
    admitted_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A queue as staff see it: figures, and the ids of the first people."""

    line: Line
    wait_seconds: int | None
    waiting: tuple[int, ...]
    admitted: tuple[tuple[int, datetime], ...]


def connect(
    url: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Redis:
    """Build the client of a unix://, redis:// or rediss:// URL; nothing is sent yet.

    Raises InputInvalid for any other URL.
    """
    # The package costs 0.4 s of CPU to import, so only what needs the queue pays for it.
    from redis import Redis
    from redis.backoff import ExponentialWithJitterBackoff
    from redis.retry import Retry

    try:
        return Redis.from_url(
            url,
            socket_connect_timeout=connect_seconds,
            socket_timeout=answer_seconds,
            # The default of ten retries would keep a person waiting for half a minute.
            retry=Retry(
                ExponentialWithJitterBackoff(base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS),
                RETRIES,
            ),
            # RESP2 and no client info: connecting sends no command of its own.
            protocol=2,
            driver_info=None,
        )
    except (ValueError, TypeError):
        # The URL may hold a password, so it is not repeated.
        raise InputInvalid(
            "redis_url is not a Redis address", hint="write unix://, redis:// or rediss://"
        ) from None


def join(  # noqa: PLR0913
    redis: Redis,
    concert: int,
    user: int,
    settings: Settings,
    *,
    key: str | None = None,
    token: str | None = None,
) -> Place:
    """Take the last place of a concert's queue, or tell about the place the user has.

    ``key`` makes it repeatable: the same key always speaks of the same place. ``token``,
    when it is of the user's live place, stays the one in force.

    Raises QueueClosed, KeyReused for a key of another user, PlaceNotFound when the place
    made under this key has ended, TokenInvalid for a text that is no token.
    """
    salt = tokens.new_salt()
    made = tokens.make(concert, user, salt, key or "")
    shown = token if token and tokens.concert_of(token) == concert else None
    operation = hashlib.sha256(key.encode()).hexdigest() if key else ""
    keys = (
        _token_key(concert, tokens.fingerprint(made)),
        _token_key(concert, tokens.fingerprint(shown) if shown else ""),
        f"{_tag(concert)}:op:{operation}",
    )
    reply = _run(redis, "join", concert, settings, keys, user, salt.hex(), "1" if key else "0")
    if reply[0] == "ended":
        raise PlaceNotFound(
            "the place taken under this key has ended",
            hint="`boxoffice enqueue CONCERT` with a new key takes a new place",
        )
    _raise_refusal(reply[0])
    given = reply[7]
    text = tokens.make(concert, user, bytes.fromhex(given), key or "") if given else shown
    assert text is not None
    return _place(concert, reply, tokens.canonical(text), replayed=reply[8] == 1)


def poll(redis: Redis, token: str, settings: Settings) -> Place:
    """Tell where a token stands in its queue, and when to ask again.

    Raises TokenInvalid, PlaceNotFound when its place has ended, QueueClosed.
    """
    concert = tokens.concert_of(token)
    reply = _run(redis, "poll", concert, settings, (_key_of(token),))
    _raise_refusal(reply[0])
    return _place(concert, reply, tokens.canonical(token))


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
    reply = _run(redis, "check", concert, settings, (_key_of(token),), seconds)
    _raise_refusal(reply[0], ended_is_told=True)
    state, user, position, ends = reply
    return Admission(
        concert=concert,
        user=int(user),
        state=state,
        position=position,
        admitted_until=_moment(ends),
    )


def require_admitted(admission: Admission) -> None:
    """Let only the admitted through; raises NotAdmitted, or TokenInvalid for an ended place."""
    if admission.state == "waiting":
        raise NotAdmitted("not admitted yet: position {at} in the queue", at=admission.position)
    if admission.state != "admitted":
        raise TokenInvalid("the place of this token has ended")


def finish(redis: Redis, token: str, settings: Settings) -> bool:
    """End an admission after its payment committed, and admit the next.

    Returns whether a live admission was ended: a queue that forgot the token, or a second
    call, is no reason to doubt the payment. Raises TokenInvalid for a text that is no token.
    """
    reply = _run(redis, "finish", tokens.concert_of(token), settings, (_key_of(token),))
    return bool(reply == 1)


def leave(redis: Redis, token: str, settings: Settings) -> Left:
    """Give up a place, waiting or admitted; again with the same token gives the same answer.

    Raises TokenInvalid, PlaceNotFound when the place ended in another way.
    """
    concert = tokens.concert_of(token)
    reply = _run(redis, "leave", concert, settings, (_key_of(token),))
    _raise_refusal(reply[0])
    state, user, again = reply
    return Left(concert=concert, user=int(user), state=state, replayed=again == 1)


def admit(redis: Redis, concert: int, settings: Settings) -> Line:
    """Remove the ended and the absent, admit who may be admitted, and count the line."""
    state, waiting, admitted, capacity, rate = _run(redis, "admit", concert, settings, ())
    return Line(
        concert=concert,
        state=state,
        waiting=waiting,
        admitted=admitted,
        capacity=capacity,
        rate_per_minute=rate,
    )


def show(redis: Redis, concert: int, settings: Settings, people_max: int) -> Shown:
    """Count the line and name, by id, the first `people_max` who wait and who are admitted."""
    reply = _run(redis, "show", concert, settings, (), people_max)
    state, waiting, admitted, capacity, rate, wait, waiters, guests = reply
    pairs = zip(guests[::2], guests[1::2], strict=True)
    return Shown(
        line=Line(
            concert=concert,
            state=state,
            waiting=waiting,
            admitted=admitted,
            capacity=capacity,
            rate_per_minute=rate,
        ),
        wait_seconds=wait,
        waiting=tuple(int(user) for user in waiters),
        admitted=tuple(
            (int(user), EPOCH + timedelta(milliseconds=int(end))) for user, end in pairs
        ),
    )


def serve(redis: Redis, concert: int, user: int, settings: Settings) -> bool:
    """End the place of a user served at the counter; say whether there was one."""
    return bool(_run(redis, "serve", concert, settings, (), user) == 1)


def configure(redis: Redis, concert: int, **changes: str | float | None) -> None:
    """Change the settings of one concert's queue: ``state`` or a name of SETTINGS.

    None goes back to the default. Raises InputInvalid, and then changes nothing.
    """
    checked = check_settings(**changes)
    name_of_hash = f"{_tag(concert)}:settings"
    values: dict[Any, Any] = {n: value for n, value in checked.items() if value is not None}
    dropped = checked.keys() - values.keys()
    with redis.pipeline(transaction=True) as pipe:
        if values:
            pipe.hset(name_of_hash, mapping=values)
        if dropped:
            pipe.hdel(name_of_hash, *dropped)
        pipe.execute()


def check_settings(**changes: str | float | None) -> dict[str, str | float | None]:
    """Return settings of a queue as they will be kept; raises InputInvalid."""
    return {name: _checked(name, value) for name, value in changes.items()}


def _checked(name: str, value: str | float | None) -> str | float | None:
    """Check one setting against its limits in config.py."""
    if value is None and name in ("state", *SETTINGS):
        return None
    if name == "state":
        if value not in STATES:
            raise InputInvalid("state must be one of {known}", known=", ".join(STATES))
        return value
    if name not in SETTINGS:
        raise InputInvalid("a queue has no setting {name!r}", name=name)
    spec = SETTABLE[SETTINGS[name]]
    low, high = spec.metadata["low"], spec.metadata["high"]
    whole = spec.type == "int"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise InputInvalid(
            "{name} must be a whole number" if whole else "{name} must be a number", name=name
        )
    if not low <= value <= high:
        raise InputInvalid("{name} must be from {low:g} to {high:g}", name=name, low=low, high=high)
    return value


def _raise_refusal(state: str, *, ended_is_told: bool = False) -> None:
    if state == "unknown":
        raise TokenInvalid("this token is unknown or was used too long ago")
    if state == "ended" and not ended_is_told:
        raise PlaceNotFound
    if state == "reused":
        raise KeyReused
    if state == "closed":
        raise QueueClosed
    if state == "full":
        raise QueueClosed("the queue of this concert is full")


def _place(concert: int, reply: list[Any], token: str, *, replayed: bool = False) -> Place:
    state, user, position, wait, interval, ends, limit = reply[:7]
    return Place(
        concert=concert,
        user=int(user),
        state=state,
        position=position,
        ahead=None if position is None else position - 1,
        wait_seconds=wait,
        poll_seconds=_poll_seconds(float(interval), int(limit) / 1000),
        admitted_until=_moment(ends),
        token=token,
        replayed=replayed,
    )


def _poll_seconds(interval: float, limit_seconds: float) -> float:
    """Spread the calls by a fifth, but keep who obeys well inside absence and claim limits."""
    spread = interval * uniform(1 - POLL_JITTER, 1 + POLL_JITTER)  # noqa: S311 - no secret
    return min(max(round(spread, 1), POLL_SECONDS_MIN), limit_seconds / 2)


def _moment(milliseconds: str | None) -> datetime | None:
    if milliseconds is None:
        return None
    return EPOCH + timedelta(milliseconds=int(milliseconds))


def _tag(concert: int) -> str:
    """Name the hash tag that keeps every key of a concert in one slot of a cluster."""
    return f"{{concert:{concert}}}"


def _token_key(concert: int, fingerprint: str) -> str:
    return f"{_tag(concert)}:token:{fingerprint}"


def _key_of(token: str) -> str:
    return _token_key(tokens.concert_of(token), tokens.fingerprint(token))


def _run(
    redis: Redis,
    operation: str,
    concert: int,
    settings: Settings,
    keys: tuple[str, ...],
    *arguments: str | float,
) -> Any:  # noqa: ANN401 - a reply has the shape that the script's header says
    from redis.exceptions import NoScriptError

    text, digest = _script(operation)
    tag = _tag(concert)
    declared = (*(f"{tag}:{name}" for name in KEYS), *keys)
    defaults = (getattr(settings, name) for name in SETTINGS.values())
    given = (*declared, *defaults, *arguments)
    try:
        reply = redis.evalsha(digest, len(declared), *given)
    except NoScriptError:  # a server that was started or flushed since
        reply = redis.eval(text, len(declared), *given)
    return [_plain(part) for part in reply] if isinstance(reply, list) else reply


@cache
def _script(operation: str) -> tuple[str, str]:
    names = (*PARTS.get(operation, ("prelude",)), operation)
    text = "\n".join((LUA / f"{name}.lua").read_text() for name in names)
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _plain(part: Any) -> Any:  # noqa: ANN401
    return part.decode() if isinstance(part, bytes) else part
