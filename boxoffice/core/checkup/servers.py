"""The servers: whether they answer, what they are, and whether they keep what they are told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from boxoffice.core.checkup.check import Check, fine, judged
from boxoffice.core.errors import BoxOfficeError, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis
    from sqlalchemy import Connection

    from boxoffice.core.config import Settings
    from boxoffice.core.stores import Stores

SKEW_SECONDS_MAX = 1.0
MICROSECONDS = 1_000_000
SERVER = "server"
# What the promises of the box office stand on, and the values that are strong enough.
STRONG = {
    "synchronous_commit": ("on", "remote_apply"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "server_encoding": ("UTF8",),
}
TOLD = ("max_connections", "TimeZone")
# For these the connection has values of its own; what the server would give others is told.
POSTGRES_SETTINGS = "SELECT name, reset_val FROM pg_settings WHERE name = ANY (%(names)s)"
WEAK_HINT = Words(
    "set {name} = {value}: ALTER SYSTEM, or ALTER DATABASE or ROLE where these say otherwise"
)
ENCODING_HINT = Words("make the database anew with ENCODING 'UTF8'")
EVICTION_HINT = Words("set maxmemory-policy noeviction: an evicted place is a lost place")
FILE_HINT = Words("set appendonly yes: a restart would lose the places in the queues")
SYNC_HINT = Words("set appendfsync everysec: a crash of the host would lose places")
CLOCK_HINT = Words("keep all clocks by NTP; deadlines go by the servers' clocks")
MARKED = Words("allowed: this database is marked for them, and no shop's")
UNMARKED = Words("refused")
SKEW = Words("within a second of this host")


def examine(settings: Settings) -> Iterator[Check]:
    """Look at both servers; whatever does not answer is told after the time-outs of a command."""
    from boxoffice.core.stores import Stores

    stores = Stores(settings, connections=1)
    try:
        yield from _postgres(stores)
        yield from _redis(stores)
    finally:
        stores.close()


def _postgres(stores: Stores) -> Iterator[Check]:
    try:
        with stores.bare_database() as connection:
            version = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
            strength = list(_postgres_settings(connection))
            skew = _skew("postgres clock", lambda: _postgres_clock(connection))
    except BoxOfficeError as error:
        yield _failed("postgres", error)
        yield _failed("schema", error)
        return
    yield fine("postgres", version, SERVER)
    yield _schema(stores)
    yield _audit_head(stores)
    yield _load_tests(stores)
    yield from strength
    yield skew


def _schema(stores: Stores) -> Check:
    from boxoffice.core.schema import REVISION

    try:
        with stores.database():
            return fine("schema", REVISION, SERVER)
    except BoxOfficeError as error:
        return _failed("schema", error)


def _audit_head(stores: Stores) -> Check:
    """Tell the last link of the audit, to be written down elsewhere, to whoever may read it."""
    from boxoffice.core.audit import read_head

    try:
        with stores.database() as connection:
            head = read_head(connection)
    except BoxOfficeError:
        return fine("audit head", "-", SERVER)
    return fine("audit head", f"{head.number} {head.hash}", SERVER)


def _load_tests(stores: Stores) -> Check:
    """Tell whether `bench` may use this database."""
    from boxoffice.core.load.mark import is_marked

    try:
        with stores.looking() as connection:
            return fine("load tests", MARKED if is_marked(connection) else UNMARKED, SERVER)
    except BoxOfficeError:
        return fine("load tests", "-", SERVER)


def _postgres_settings(connection: Connection) -> Iterator[Check]:
    names = [*STRONG, *TOLD]
    rows = connection.exec_driver_sql(POSTGRES_SETTINGS, {"names": names})
    values = {row.name: row.reset_val for row in rows}
    for name, strong in STRONG.items():
        hint = ENCODING_HINT
        if name != "server_encoding":
            hint = Words(WEAK_HINT.template, name=name, value=strong[0])
        yield judged(name, values[name], SERVER, ok=values[name] in strong, hint=hint)
    for name in TOLD:
        yield fine(name, values[name], SERVER)


def _redis(stores: Stores) -> Iterator[Check]:
    try:
        with stores.redis() as redis:
            told: Any = redis.info()
            sync = _append_sync(redis)
            skew = _skew("redis clock", lambda: _redis_clock(redis))
    except BoxOfficeError as error:
        yield _failed("redis", error)
        return
    name = told.get("server_name", "redis")
    yield fine("redis", f"{name} {told.get(f'{name}_version', told['redis_version'])}", SERVER)
    yield fine("run_id", str(told["run_id"]), SERVER)
    kept = bool(told.get("aof_enabled"))
    yield judged("appendonly", "yes" if kept else "no", SERVER, ok=kept, hint=FILE_HINT)
    yield judged("appendfsync", sync or "-", SERVER, ok=sync != "no", hint=SYNC_HINT)
    policy = str(told.get("maxmemory_policy", "-"))
    yield judged(
        "maxmemory-policy", policy, SERVER, ok=policy in ("noeviction", "-"), hint=EVICTION_HINT
    )
    yield skew


def _append_sync(redis: Redis) -> str | None:
    """Ask for a setting that only CONFIG tells, which a server may keep to itself."""
    from redis.exceptions import ResponseError

    try:
        answer: Any = redis.config_get("appendfsync")
    except ResponseError:
        return None
    return str(answer.get("appendfsync", "")) or None


def _skew(name: str, ask: Any) -> Check:  # noqa: ANN401 - a question without arguments
    """Compare a server's clock with this host's; the way there and back is no difference."""
    before = _host_clock()
    server = ask()
    after = _host_clock()
    ahead = max(server - after, before - server, 0.0)
    ok = ahead <= SKEW_SECONDS_MAX
    apart = server - (before + after) / 2
    shown = SKEW if ok else Words("{seconds:+.1f} s from this host", seconds=apart)
    return judged(name, shown, SERVER, ok=ok, hint=CLOCK_HINT)


def _host_clock() -> float:
    """Read this host's clock, only to compare it: nothing is decided by it."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def _postgres_clock(connection: Connection) -> float:
    question = "SELECT extract(epoch FROM clock_timestamp())::float8"
    return float(connection.exec_driver_sql(question).scalar_one())


def _redis_clock(redis: Redis) -> float:
    answer: Any = redis.time()
    seconds, microseconds = answer
    return float(seconds) + float(microseconds) / MICROSECONDS


def _failed(name: str, error: BoxOfficeError) -> Check:
    return Check(name=name, ok=False, value=error.message, source=SERVER, hint=error.advice)
