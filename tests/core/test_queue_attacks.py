"""What was tried on the queue and would have gained or lost somebody a place, or stopped it."""

from __future__ import annotations

import dataclasses

import pytest

from boxoffice.core import queue
from boxoffice.core.errors import PlaceNotFound
from tests.core.conftest import begin
from tests.waiting import wait_until

BASE = 2**32
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def name(concert, part):
    return f"{{concert:{concert}}}:{part}"


def test_a_clock_that_was_put_back_stops_neither_the_line_nor_any_end(redis, concert, settings):
    brisk = dataclasses.replace(
        settings,
        queue_capacity=1,
        queue_burst=1,
        queue_rate_per_minute=60_000,
        claim_seconds=1,
        admission_seconds=1,
    )
    first = queue.join(redis, concert, 1, brisk)
    second = queue.join(redis, concert, 2, brisk)
    # All that was written so far is of a clock an hour ahead of the one of now.
    began = int(redis.hget(name(concert, "line"), "time")) + HOUR_MS
    redis.hset(name(concert, "line"), mapping={"time": began, "bucket_time": began})
    redis.zadd(name(concert, "admitted"), {"1": began + 100})
    redis.zincrby(name(concert, "seen"), HOUR_MS, "2")
    wait_until(
        lambda: queue.poll(redis, second.token, brisk).state == "admitted", "the second is let in"
    )
    with pytest.raises(PlaceNotFound):
        queue.poll(redis, first.token, brisk)
    times = [int(redis.hget(name(concert, "line"), "time"))]
    queue.admit(redis, concert, brisk)
    times.append(int(redis.hget(name(concert, "line"), "time")))
    assert began < times[0] <= times[1] < began + HOUR_MS


def test_an_admission_whose_payment_the_server_forgot_ends_and_no_other_place(
    redis, concert, settings
):
    places = [queue.join(redis, concert, user, settings) for user in (1, 2, 3)]
    for user, ago_ms in ((1, MINUTE_MS), (2, 0), (3, MINUTE_MS)):  # when they had come
        queue.poll(redis, places[user - 1].token, settings)
        fields = redis.hget(name(concert, "places"), str(user)).decode().split(":")
        fields[4] = str(int(fields[4]) - ago_ms)
        redis.hset(name(concert, "places"), str(user), ":".join(fields))
    begin(redis, concert, base=BASE, lost=True)
    for _ in range(2):
        queue.note_payers(redis, concert, settings, [(1, 5), (2, 5), (3, 5)])
    with pytest.raises(PlaceNotFound):  # admitted, and paid since
        queue.poll(redis, places[0].token, settings)
    assert queue.poll(redis, places[1].token, settings).state == "admitted"  # paid for one before
    assert queue.poll(redis, places[2].token, settings).state == "admitted"  # waited till now


def test_settings_that_two_change_at_once_are_in_the_end_the_same_in_both_stores(world):
    office, concert = world.office, str(world.concert)
    office.configure_queue(concert, capacity=5)
    # Whoever else changes it is the last in Postgres, and was before us in the queue.
    world.box.execute(
        "CREATE FUNCTION another() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.settings := NEW.settings || '{\"capacity\": 7}'; RETURN NEW; END $$"
    )
    world.box.execute(
        "CREATE TRIGGER another BEFORE UPDATE ON queues FOR EACH ROW EXECUTE FUNCTION another()"
    )
    try:
        assert office.configure_queue(concert, capacity=6).capacity == 7
    finally:
        world.box.execute("DROP TRIGGER another ON queues")
        world.box.execute("DROP FUNCTION another()")
    assert office.queue_status(concert).settings["capacity"] == 7
    assert office.show_queue(world.concert).line.capacity == 7
