"""The kept list of concerts: a second old at most, and a tenth after a change."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from boxoffice.core import concert_cache, errors
from boxoffice.core.concert_cache import (
    BUILDER_KEY,
    BUILDER_MILLISECONDS,
    CACHE_KEY,
    CHANGED_LIFE_MILLISECONDS,
    CHANGES_KEY,
)
from tests.conftest import PRICE, SHOW, key, plain, staff
from tests.waiting import wait_until

ONE = staff("user1")
CROWD, DEADLINE_SECONDS = 16, 30
WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


def free_seats(office):
    (concert,) = office.list_concerts()
    return concert.free_seats


def test_a_kept_list_is_equal_to_a_read_one(world):
    read = world.office.list_concerts()
    with world.office.stores.redis() as redis:
        assert redis.exists(CACHE_KEY)
        redis.persist(CACHE_KEY)
    world.box.execute("UPDATE performance_seats SET status = 'blocked'")
    assert world.office.list_concerts() == read
    assert read[0].price_from.amount == PRICE


def test_a_kept_list_ends_by_itself_within_a_second(world):
    world.office.list_concerts()
    with world.office.stores.redis() as redis:
        assert 0 < redis.pttl(CACHE_KEY) <= 1_000
        wait_until(lambda: not redis.exists(CACHE_KEY), "the copy ends")
    assert free_seats(world.office) == 50


def shows(office, free):
    """Wait for the list to show so many free seats, no longer than a changed copy lives."""
    return wait_until(lambda: free_seats(office) == free, f"{free} free seats")


def life_of_copy(world):
    with world.office.stores.redis() as redis:
        return redis.pttl(CACHE_KEY)


def test_a_list_shows_what_one_just_did_within_its_tenth_of_a_second(world):
    world.office.charge(PRICE, "user1", key=key())
    assert free_seats(world.office) == 50
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    wait_until(lambda: life_of_copy(world) <= CHANGED_LIFE_MILLISECONDS, "the hint arrives")
    shows(world.office, 49)
    world.office.pay(held.reservation, ONE, key=key())
    world.office.cancel(held.reservation, ONE, key=key())
    shows(world.office, 50)
    world.office.create_performance(
        str(world.concert), SHOW.replace(year=2098), prices={"Standard": 1}, key=key()
    )
    shows(world.office, 100)


def test_a_list_that_was_read_before_a_change_is_kept_shortly(world):
    """The reader is slow, the buyer quick: the buyer must not long meet the reader's old list."""

    def read_slowly():
        concerts = world.office._read_concerts()
        world.box.office().reserve(world.performance, ONE, seats=["A-1"], key=key())
        with world.office.stores.redis() as redis:
            wait_until(lambda: redis.exists(CHANGES_KEY), "the hint arrives")
        return concerts

    stale = concert_cache.read(world.office.stores, read_slowly)
    assert stale[0].free_seats == 50
    assert life_of_copy(world) <= CHANGED_LIFE_MILLISECONDS
    shows(world.office, 49)


def test_a_slow_readers_old_list_is_kept_shortly_though_another_began_after_the_change(world):
    other = world.box.office()

    def read_slowly():
        concerts = world.office._read_concerts()
        world.box.office().reserve(world.performance, ONE, seats=["A-1"], key=key())
        with world.office.stores.redis() as redis:
            wait_until(lambda: redis.exists(CHANGES_KEY), "the hint arrives")
            redis.delete(BUILDER_KEY)  # as it ends where a reading takes long
        assert free_seats(other) == 49
        return concerts

    assert concert_cache.read(world.office.stores, read_slowly)[0].free_seats == 50
    assert life_of_copy(world) <= CHANGED_LIFE_MILLISECONDS


def test_a_storm_of_changes_does_not_make_every_look_a_reading(world):
    world.office.list_concerts()
    readings = []

    def counted():
        readings.append(1)
        return world.office._read_concerts()

    began = time.monotonic()
    for _ in range(300):
        world.office.stores.hint(world.performance)
        concert_cache.read(world.office.stores, counted)
    lives = (time.monotonic() - began) * 1000 / CHANGED_LIFE_MILLISECONDS
    assert len(readings) <= lives + 1


def test_while_one_reads_others_wait_for_the_copy(world):
    with world.office.stores.redis() as redis:
        redis.set(BUILDER_KEY, 1, px=60_000)
        other = [{"id": 9, "name": "kept", "venue": "", "performances": 0, "first_date": None}]
        rest = {"last_date": None, "on_sale": True, "free_seats": 1}
        other[0] |= rest | {"price_from": None, "price_to": None}
        redis.set(CACHE_KEY, json.dumps(other))
    assert [concert.name for concert in world.office.list_concerts()] == ["kept"]


def look_at_once(box, looks):
    """Let as many look at the same moment; return what they read, all readings, and how long."""
    readings, together = [], threading.Barrier(looks)
    offices = [box.office() for _ in range(looks)]

    def look(office):
        def counted():
            readings.append(1)
            return office._read_concerts()

        together.wait(DEADLINE_SECONDS)
        (concert,) = concert_cache.read(office.stores, counted)
        return concert.free_seats

    began = time.monotonic()
    with ThreadPoolExecutor(looks) as threads:
        seen = list(threads.map(look, offices))
    return seen, len(readings), (time.monotonic() - began) * 1000


def test_of_many_who_look_at_once_one_reads(world):
    seen, readings, took = look_at_once(world.box, CROWD)
    assert seen == [50] * CROWD
    assert readings <= 1 + took // BUILDER_MILLISECONDS


def test_a_reader_killed_at_its_reading_is_followed_by_one_other(world):
    """The killed one holds its place for a second: then somebody takes it, not everybody."""
    with psycopg.connect(plain(world.box.settings.database_url)) as gate:
        gate.execute("LOCK TABLE performance_seats IN ACCESS EXCLUSIVE MODE")
        command = [sys.executable, "-m", "boxoffice", "list-concerts"]
        with subprocess.Popen(command, env=world.box.environment) as reader:
            wait_until(lambda: world.box.one(WAITING), "it reads, and has to wait")
            reader.kill()
    seen, readings, took = look_at_once(world.box, CROWD)
    assert seen == [50] * CROWD
    assert readings <= 1 + took // BUILDER_MILLISECONDS


def test_a_reader_that_fails_lets_the_next_one_read(world):
    def fail():
        raise errors.DatabaseUnavailable

    with pytest.raises(errors.DatabaseUnavailable):
        concert_cache.read(world.office.stores, fail)
    with world.office.stores.redis() as redis:
        assert not redis.exists(BUILDER_KEY)


def test_without_redis_the_list_is_read_every_time(world):
    office = world.box.office(redis_url="unix:///nonexistent/socket")
    assert free_seats(office) == 50
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    assert free_seats(office) == 49
