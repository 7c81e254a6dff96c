"""The Lua scripts of the queue: what each is made of, its keys, and how it is run."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxoffice.core.errors import (
    KeyReused,
    PlaceNotFound,
    QueueClosed,
    TokenInvalid,
    TokenUnknown,
    Words,
)

if TYPE_CHECKING:
    from redis import Redis

    from boxoffice.core.config import Settings

LUA = Path(__file__).parent.parent / "lua"
PARTS = {
    "join": ("prelude", "place"),
    "poll": ("guard", "prelude", "place"),
    "check": ("guard", "prelude"),
    "finish": ("guard", "prelude"),
    "leave": ("guard", "prelude"),
    "show": ("prelude", "place"),
    "found": (),
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
    "recover_seconds": "recover_seconds",
    "staff_allowance": "staff_allowance",
}
TAKEN_OVER = Words("another terminal took this place over")


class Recall(Exception):
    """The queue wants to be told what Postgres knows of it, and then to be asked again.

    ``required`` where it cannot answer before that.
    """

    def __init__(self, *, required: bool) -> None:
        super().__init__()
        self.required = required


class Foreign(Recall):
    """The queue is of another database than the numbers it was asked with."""

    def __init__(self) -> None:
        super().__init__(required=True)


def tag(concert: int) -> str:
    """Name the hash tag that keeps every key of a concert in one slot of a cluster."""
    return f"{{concert:{concert}}}"


def token_key(concert: int, fingerprint: str) -> str:
    """Name the key that says whose place a token is of."""
    return f"{tag(concert)}:token:{fingerprint}"


def payers_key(concert: int) -> str:
    """Name the key that says who paid before a loss."""
    return f"{tag(concert)}:payers"


def run(
    redis: Redis,
    operation: str,
    concert: int,
    settings: Settings,
    keys: tuple[str, ...],
    *arguments: str | float,
) -> Any:  # noqa: ANN401 - a reply has the shape that the script's header says
    """Run an operation after the prelude, and return its reply; raises Recall."""
    defaults = (getattr(settings, name) for name in SETTINGS.values())
    reply = run_bare(redis, operation, concert, keys, *defaults, *arguments)
    first = reply[0] if isinstance(reply, list) and reply else None
    if first in ("unfounded", "recall"):
        raise Recall(required=first == "unfounded")
    return reply


def run_bare(
    redis: Redis, operation: str, concert: int, keys: tuple[str, ...], *arguments: str | float
) -> Any:  # noqa: ANN401
    """Run a script with the keys of a concert and of the operation."""
    from redis.exceptions import NoScriptError

    text, digest = _script(operation)
    declared = (*(f"{tag(concert)}:{name}" for name in KEYS), *keys)
    given = (*declared, *arguments)
    try:
        reply = redis.evalsha(digest, len(declared), *given)
    except NoScriptError:  # a server that was started or flushed since
        reply = redis.eval(text, len(declared), *given)
    return [_plain(part) for part in reply] if isinstance(reply, list) else _plain(reply)


def raise_refusal(state: str, *, ended_is_told: bool = False) -> None:
    """Raise the error that the first word of a reply means, if it means one."""
    if state == "unknown":
        raise TokenUnknown
    if state in ("ended", "taken") and ended_is_told:
        return
    if state == "ended":
        raise PlaceNotFound
    if state == "taken":
        raise TokenInvalid(TAKEN_OVER)
    if state == "reused":
        raise KeyReused
    if state == "closed":
        raise QueueClosed
    if state == "full":
        raise QueueClosed("the queue of this concert is full")
    if state == "foreign":
        raise Foreign


@cache
def _script(operation: str) -> tuple[str, str]:
    names = (*PARTS.get(operation, ("prelude",)), operation)
    text = "\n".join((LUA / f"{name}.lua").read_text() for name in names)
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _plain(part: Any) -> Any:  # noqa: ANN401
    return part.decode() if isinstance(part, bytes) else part
