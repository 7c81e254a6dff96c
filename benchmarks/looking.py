"""What clients of concert_list.py do: look at the list in one way or another, sell, and watch."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from boxoffice.core import catalogue, concert_cache
from boxoffice.core.model import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crowd import Client

    from boxoffice.core.office import Office

CACHED, PLAIN, GET, SELECT = "cache", "no cache", "bare GET", "bare SELECT"
BALANCE, SEATS = "a balance", "seats of a club"  # what is never kept
SALES_A_SECOND = 20  # of each seller
HOLDS_A_SECOND = 6
WATCH_PAUSE_SECONDS = 0.001
# What the database committed, which a connection tells it of when asked to.
COMMITTED = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
FLUSH = "SELECT pg_stat_force_next_flush()"


def do(client: Client, work: Callable[..., Any], *given: Any) -> Any:
    """Do whichever work an attempt was given, and let what it committed be counted now."""
    outcome = work(client, *given)
    with client.office.stores.database() as connection:
        connection.exec_driver_sql(FLUSH)
    return outcome


def question(office: Office) -> tuple[str, dict[str, Any]]:
    """Return the statement that reads the list, as Postgres is sent it."""
    with office.stores.database() as connection:
        compiled = catalogue._upcoming().compile(connection.engine)  # noqa: SLF001 - the same one
    return str(compiled), compiled.params


def look(client: Client, way: str, seconds: float, *about: Any) -> tuple[Any, ...]:
    """Look again and again for so long; return each look's seconds, and how many were built."""
    builds: list[int] = []
    ask, took = _asking(client, way, builds, *about), []
    until = time.perf_counter() + seconds
    while not took or time.perf_counter() < until:
        began = time.perf_counter()
        assert ask()
        took.append(time.perf_counter() - began)
    return "looked", took, len(builds)


def _asking(client: Client, way: str, builds: list[int], *about: Any) -> Callable[[], Any]:
    office = client.office

    def build() -> Any:
        builds.append(1)
        return office._read_concerts()  # noqa: SLF001 - what the cache is given

    if way == SELECT:
        asked = question(client.office)
        return lambda: client.bare.execute(*asked).fetchall()
    return {
        CACHED: lambda: concert_cache.read(office.stores, build),
        PLAIN: build,
        BALANCE: lambda: office.balance(*about),
        SEATS: lambda: office.list_seats(*about, Caller(staff=True)),
        GET: lambda: client.redis.get(concert_cache.CACHE_KEY),
    }[way]


def sell(client: Client, user: str, seats: Sequence[tuple[int, str]], seconds: float) -> tuple:
    """Hold and pay seats, so many a second as far as that goes; return how many were sold."""
    caller, began = Caller(staff=True, user=user), time.perf_counter()
    for sold, (performance, seat) in enumerate(seats):
        now = time.perf_counter() - began
        if now >= seconds:
            return "sold", sold
        time.sleep(max(0.0, sold / SALES_A_SECOND - now))
        key = f"{performance}-{seat}"
        held = client.office.reserve(performance, caller, seats=[seat], key=f"{key}-h")
        client.office.pay(held.reservation, caller, key=f"{key}-p")
    return "sold", len(seats)


def hold(client: Client, user: str, seats: Sequence[tuple[int, str]], seconds: float) -> tuple:
    """Hold seats one by one at random moments for so long; return when each was answered."""
    caller, answered = Caller(staff=True, user=user), []
    until = time.perf_counter() + seconds
    for performance, seat in seats:
        time.sleep(random.expovariate(HOLDS_A_SECOND))
        if time.perf_counter() >= until:
            break
        key = f"{performance}-{seat}-h"
        client.office.reserve(performance, caller, seats=[seat], key=key)
        answered.append(time.perf_counter())
    return "held", answered


def watch(client: Client, concert: int, seconds: float) -> tuple:
    """Look for so long; return when each look began, and what it showed to be free."""
    seen, until = [], time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        listed = client.office.list_concerts()
        seen.append((began, next(each.free_seats for each in listed if each.id == concert)))
        time.sleep(WATCH_PAUSE_SECONDS)
    return "watched", seen


def staleness(free: int, answered: Sequence[float], seen: Sequence[tuple[float, int]]) -> list:
    """Return for each hold how long after its answer a look still began that did not show it.

    The clock is one for all processes of a machine; ``free`` were so before the first hold.
    """
    stale = [0.0] * len(answered)
    for began, shown in seen:
        for number in range(free - shown, len(answered)):
            if answered[number] >= began:
                break
            stale[number] = max(stale[number], began - answered[number])
    return stale
