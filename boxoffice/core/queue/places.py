"""Places in the line: taking one, asking where it stands, giving it up, getting it back."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from random import uniform
from typing import TYPE_CHECKING, Any

from boxoffice.core import tokens
from boxoffice.core.errors import PlaceHeld, PlaceNotFound
from boxoffice.core.model import Left, Place
from boxoffice.core.queue import stubs
from boxoffice.core.queue.scripts import Recall, payers_key, raise_refusal, run, tag, token_key

if TYPE_CHECKING:
    from redis import Redis

    from boxoffice.core.config import Settings

POLL_JITTER = 0.2
POLL_SECONDS_MIN = 0.1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def join(  # noqa: PLR0913
    redis: Redis,
    concert: int,
    user: int,
    settings: Settings,
    *,
    key: str | None = None,
    token: str | None = None,
    take_over: bool = False,
    database: str = "",
) -> Place:
    """Take the last place of a concert's queue, or tell about the place the user has.

    ``key`` makes it repeatable: the same key always speaks of the same place. ``token``,
    when it is of the user's live place, stays the one in force; who has none may
    ``take_over`` the place, which ends the tokens of the terminal that had it. ``database``
    names the one that the user's number is of.

    Raises PlaceHeld for a place of another terminal, QueueClosed, KeyReused for a key of
    another user, PlaceNotFound when the place made under this key has ended, TokenInvalid
    when another terminal took it over, or for a text that is no token.
    """
    salt = tokens.new_salt()
    made = tokens.make(concert, user, salt, key or "")
    shown = token if token and tokens.concert_of(token) == concert else None
    operation = hashlib.sha256(key.encode()).hexdigest() if key else ""
    keys = (
        token_key(concert, tokens.fingerprint(made)),
        token_key(concert, tokens.fingerprint(shown) if shown else ""),
        f"{tag(concert)}:op:{operation}",
    )
    flags = ("1" if key else "0", "1" if take_over else "0")
    reply = run(redis, "join", concert, settings, keys, user, salt.hex(), *flags, database)
    _raise_join_refusal(reply, settings)
    given, replayed = reply[7:9]
    text = tokens.make(concert, user, bytes.fromhex(given), key or "") if given else shown
    assert text is not None
    text = tokens.canonical(text)
    stub = _stub(reply[9:], concert, user, text)
    return _place(concert, reply, text, replayed=replayed == 1, stub=stub)


def _raise_join_refusal(reply: list[Any], settings: Settings) -> None:
    if reply[0] == "ended":
        raise PlaceNotFound(
            "the place taken under this key has ended",
            hint="`boxoffice enqueue CONCERT` with a new key takes a new place",
        )
    if reply[0] == "held":
        raise PlaceHeld(
            "this place is held by another terminal since {since}",
            since=_clock(int(reply[1]), settings),
        )
    raise_refusal(reply[0])


def _clock(milliseconds: int, settings: Settings) -> str:
    from zoneinfo import ZoneInfo

    time = EPOCH + timedelta(milliseconds=milliseconds)
    return f"{time.astimezone(ZoneInfo(settings.time_zone)):%H:%M}"


def poll(redis: Redis, token: str, settings: Settings, stub: str | None = None) -> Place:
    """Tell where a token stands in its queue, and when to ask again.

    For a `stub` that is old or of no use there is a fresh one, to be kept in its place.
    Raises TokenInvalid, PlaceNotFound when its place has ended, QueueClosed.
    """
    concert = tokens.concert_of(token)
    issued = stubs.issued(stub) if stub else ""
    reply = run(redis, "poll", concert, settings, (key_of(token),), issued)
    raise_refusal(reply[0])
    text = tokens.canonical(token)
    fresh = _stub(reply[7:], concert, int(reply[1]), text) if reply[7:] else None
    return _place(concert, reply, text, stub=fresh)


def leave(redis: Redis, token: str, settings: Settings) -> Left:
    """Give up a place, waiting or admitted; again with the same token gives the same answer.

    Raises TokenInvalid, PlaceNotFound when the place ended in another way.
    """
    concert = tokens.concert_of(token)
    reply = run(redis, "leave", concert, settings, (key_of(token),))
    raise_refusal(reply[0])
    state, user, again = reply
    return Left(concert=concert, user=int(user), state=state, replayed=again == 1)


def restore(redis: Redis, token: str, stub: str, settings: Settings) -> bool:
    """Give back the place that a token was given for, where the queue has lost it.

    Returns whether it was: a token that is known, a stub that was not signed for just this
    token or more than a day before the loss, a place that was paid for, and a loss that was
    long ago give nothing. Raises TokenInvalid for no token.
    """
    concert = tokens.concert_of(token)
    if redis.exists(key_of(token)):
        return False
    held = stubs.read(stub, concert, tokens.canonical(token), _stub_key(redis, concert))
    if held is None:
        return False
    keys = (key_of(token), payers_key(concert))
    words = (held.user, held.number, held.terminal, int(held.drawn), held.issued)
    return bool(run(redis, "restore", concert, settings, keys, *words) == "restored")


def _stub(words: list[Any], concert: int, user: int, token: str) -> str:
    number, terminal, drawn, issued, stub_key = words
    held = stubs.Stub(
        user=user,
        number=int(number),
        terminal=int(terminal),
        issued=int(issued),
        drawn=drawn == 1,
    )
    return stubs.write(held, concert, token, stub_key)


def _stub_key(redis: Redis, concert: int) -> str:
    """Return the key that stubs are signed with; raises Recall where the server has lost it."""
    found: Any = redis.hget(f"{tag(concert)}:line", "stub_key")
    if found is None:
        raise Recall(required=True)
    return str(found.decode())


def _place(
    concert: int, reply: list[Any], token: str, *, replayed: bool = False, stub: str | None = None
) -> Place:
    state, user, position, wait, interval, ends, limit = reply[:7]
    return Place(
        concert=concert,
        user=int(user),
        state=state,
        position=position,
        ahead=None if position is None else position - 1,
        wait_seconds=wait,
        poll_seconds=_poll_seconds(float(interval), int(limit) / 1000),
        admitted_until=moment(ends),
        token=token,
        stub=stub,
        replayed=replayed,
    )


def _poll_seconds(interval: float, limit_seconds: float) -> float:
    """Spread the calls by a fifth, but keep who obeys well inside absence and claim limits."""
    spread = interval * uniform(1 - POLL_JITTER, 1 + POLL_JITTER)  # noqa: S311 - no secret
    return min(max(round(spread, 1), POLL_SECONDS_MIN), limit_seconds / 2)


def moment(milliseconds: str | None) -> datetime | None:
    """Return a time of Redis, or None for none."""
    if milliseconds is None:
        return None
    return EPOCH + timedelta(milliseconds=int(milliseconds))


def key_of(token: str) -> str:
    """Name the key of a token; raises TokenInvalid."""
    return token_key(tokens.concert_of(token), tokens.fingerprint(token))
