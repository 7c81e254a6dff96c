"""The kept list of concerts: a second old at most, and never older than what one just did."""

from __future__ import annotations

import json

from boxoffice.core import concert_cache
from boxoffice.core.concert_cache import BUILDER_KEY, CACHE_KEY
from tests.conftest import PRICE, SHOW, key, staff
from tests.waiting import wait_until

ONE = staff("user1")


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


def test_nobody_sees_a_list_older_than_what_they_just_did(world):
    world.office.charge(PRICE, "user1", key=key())
    assert free_seats(world.office) == 50
    held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    assert free_seats(world.office) == 49
    world.office.pay(held.reservation, ONE, key=key())
    assert free_seats(world.office) == 49
    world.office.cancel(held.reservation, ONE, key=key())
    assert free_seats(world.office) == 50
    world.office.create_performance(
        str(world.concert), SHOW.replace(year=2098), prices={"Standard": 1}, key=key()
    )
    assert free_seats(world.office) == 100


def test_a_list_that_was_read_before_a_change_is_not_kept_after_it(world):
    """The reader is slow, the buyer quick: the buyer must not meet the reader's old list."""

    def read_slowly():
        concerts = world.office._read_concerts()
        world.box.office().reserve(world.performance, ONE, seats=["A-1"], key=key())
        return concerts

    stale = concert_cache.read(world.office.stores, read_slowly)
    assert stale[0].free_seats == 50
    assert free_seats(world.office) == 49


def test_while_one_reads_others_wait_for_the_copy(world):
    with world.office.stores.redis() as redis:
        redis.set(BUILDER_KEY, 1, px=60_000)
        other = [{"id": 9, "name": "kept", "venue": "", "performances": 0, "first_date": None}]
        rest = {"last_date": None, "on_sale": True, "free_seats": 1}
        other[0] |= rest | {"price_from": None, "price_to": None}
        redis.set(CACHE_KEY, json.dumps(other))
    assert [concert.name for concert in world.office.list_concerts()] == ["kept"]


def test_a_reader_that_died_keeps_others_waiting_half_a_second_at_most(world):
    with world.office.stores.redis() as redis:
        redis.set(BUILDER_KEY, 1, px=60_000)
    assert free_seats(world.office) == 50


def test_without_redis_the_list_is_read_every_time(world):
    office = world.box.office(redis_url="unix:///nonexistent/socket")
    assert free_seats(office) == 50
    world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    assert free_seats(office) == 49
