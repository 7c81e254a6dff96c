"""Admitting: never above the capacity or the rate, and every admission and absence ends."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime

import pytest

from boxoffice.core import queue
from boxoffice.core.errors import PlaceNotFound

DEADLINE_SECONDS = 30


def key(concert, name):
    return f"{{concert:{concert}}}:{name}"


def redis_seconds(redis):
    seconds, microseconds = redis.time()
    return seconds + microseconds / 1e6


def left_seconds(redis, place_or_admission):
    return place_or_admission.admitted_until.timestamp() - redis_seconds(redis)


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_capacity_is_never_passed_even_after_it_was_lowered(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=5)
    tokens = [queue.join(redis, concert, user, settings).token for user in range(20)]
    queue.configure(redis, concert, settings, capacity=2)
    queue.finish(redis, tokens[0], settings)
    assert queue.admit(redis, concert, settings).admitted == 4
    for token in tokens[1:4]:
        queue.finish(redis, token, settings)
    line = queue.admit(redis, concert, settings)
    assert (line.admitted, line.waiting) == (2, 14)


def test_one_call_admits_at_most_200(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    for user in range(450):
        queue.join(redis, concert, user, settings)
    queue.configure(redis, concert, settings, state="open", capacity=1000)
    assert [queue.admit(redis, concert, settings).admitted for _ in range(4)] == [
        200,
        400,
        450,
        450,
    ]


def test_no_more_are_admitted_than_burst_and_rate_allow(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=1000, burst=7, rate_per_minute=1)
    for user in range(50):
        queue.join(redis, concert, user, settings)
    assert queue.admit(redis, concert, settings).admitted == 7


def test_a_slow_rate_does_not_starve_however_often_people_ask(redis, concert, settings):
    """The clock of the bucket advances only by the time converted: nothing is rounded away."""
    queue.configure(redis, concert, settings, state="paused")
    for user in range(200):
        queue.join(redis, concert, user, settings)
    burst, interval = 50, 0.1
    queue.configure(
        redis, concert, settings, state="open", capacity=1000, burst=burst, rate_per_minute=600
    )
    before = redis_seconds(redis)
    assert queue.admit(redis, concert, settings).admitted == burst
    after = redis_seconds(redis)
    for pause in (0.001, 0.13, 0.15, 0.17, 0.19) * 4:
        for _ in range(20):
            queue.admit(redis, concert, settings)
        time.sleep(pause)
    least = int((redis_seconds(redis) - after) / interval - 0.05)
    admitted = queue.admit(redis, concert, settings).admitted - burst
    most = int((redis_seconds(redis) - before) / interval + 0.05)
    assert least <= admitted <= most
    assert admitted >= 20


def test_an_idle_queue_saves_up_no_more_than_the_burst(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=1000, burst=3, rate_per_minute=6000)
    token = queue.join(redis, concert, 1, settings).token
    queue.finish(redis, token, settings)
    bucket_time = float(redis.hget(key(concert, "line"), "bucket_time"))
    redis.hset(key(concert, "line"), "bucket_time", bucket_time - 3_600_000)
    queue.configure(redis, concert, settings, rate_per_minute=1)
    for user in range(2, 12):
        queue.join(redis, concert, user, settings)
    assert queue.admit(redis, concert, settings).admitted == 3


def test_who_is_admitted_in_his_own_call_has_claimed_at_once(redis, concert, settings):
    short = dataclasses.replace(settings, claim_seconds=5, admission_seconds=100)
    place = queue.join(redis, concert, 1, short)
    assert 90 < left_seconds(redis, place) <= 100


def test_who_is_admitted_by_anothers_call_has_the_claim_window_and_then_the_full_time(
    redis, concert, settings
):
    window = dataclasses.replace(settings, claim_seconds=50, admission_seconds=500)
    queue.configure(redis, concert, settings, capacity=1)
    first = queue.join(redis, concert, 1, window)
    second = queue.join(redis, concert, 2, window)
    queue.finish(redis, first.token, window)
    unclaimed = redis.zscore(key(concert, "admitted"), 2) / 1000 - redis_seconds(redis)
    assert 40 < unclaimed <= 50
    claimed = queue.check(redis, second.token, window)
    assert claimed.state == "admitted"
    assert 490 < left_seconds(redis, claimed) <= 500
    assert queue.poll(redis, second.token, window).admitted_until == claimed.admitted_until


def test_an_unclaimed_admission_is_lost_and_the_user_joins_at_the_end(redis, concert, settings):
    window = dataclasses.replace(settings, claim_seconds=0.1)
    queue.configure(redis, concert, settings, capacity=1)
    first = queue.join(redis, concert, 1, window)
    second = queue.join(redis, concert, 2, window)
    queue.finish(redis, first.token, window)
    wait_until(lambda: queue.admit(redis, concert, window).admitted == 0)
    with pytest.raises(PlaceNotFound):
        queue.poll(redis, second.token, window)
    assert queue.join(redis, concert, 3, window).state == "admitted"
    assert queue.join(redis, concert, 2, window).position == 1


def test_an_admission_ends_by_itself_and_the_next_poll_moves_the_line(redis, concert, settings):
    short = dataclasses.replace(settings, admission_seconds=0.2)
    queue.configure(redis, concert, settings, capacity=1)
    first = queue.join(redis, concert, 1, short)
    second = queue.join(redis, concert, 2, short)
    assert second.position == 1
    wait_until(lambda: queue.poll(redis, second.token, short).state == "admitted")
    ended = queue.check(redis, first.token, short)
    assert (ended.state, ended.user) == ("ended", 1)


def test_an_admission_is_renewed_up_to_its_longest_life_however_often_it_is_asked(
    redis, concert, settings
):
    short = dataclasses.replace(settings, admission_seconds=10, admission_seconds_max=200)
    token = queue.join(redis, concert, 1, short).token
    assert 9 < left_seconds(redis, queue.renew(redis, token, short, 5)) <= 10  # long enough
    for _ in range(10):
        assert 99 < left_seconds(redis, queue.renew(redis, token, short, 100)) <= 100
    for wanted in (200, 300, 10_000):
        renewed = queue.renew(redis, token, short, wanted)
        assert 190 < left_seconds(redis, renewed) <= 200
        assert renewed.state == "admitted"


def test_waiting_users_have_nothing_to_renew(redis, concert, settings):
    places = [queue.join(redis, concert, user, settings) for user in (1, 2, 3)]
    admission = queue.renew(redis, places[2].token, settings, 100)
    assert (admission.state, admission.position, admission.admitted_until) == ("waiting", 1, None)


def test_times_are_aware_and_of_redis(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings)
    assert place.admitted_until.tzinfo is UTC
    assert abs(left_seconds(redis, place) - 3600) < 10


def test_the_absent_are_dropped_and_those_who_ask_are_not(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=1)
    absence = dataclasses.replace(settings, absence_seconds=1.0)
    tokens = {user: queue.join(redis, concert, user, absence).token for user in range(1, 6)}
    present = (3, 5)

    def only_the_present_wait():
        for user in present:
            assert queue.poll(redis, tokens[user], absence).state == "waiting"
        return queue.admit(redis, concert, absence).waiting == len(present)

    wait_until(only_the_present_wait)
    assert queue.poll(redis, tokens[3], absence).position == 1
    assert queue.poll(redis, tokens[5], absence).position == 2
    for user in (2, 4):
        with pytest.raises(PlaceNotFound):
            queue.poll(redis, tokens[user], absence)
        assert queue.join(redis, concert, user, absence).state == "waiting"
    # The admitted user is never absent.
    assert queue.check(redis, tokens[1], absence).state == "admitted"


def test_the_absent_are_never_admitted_even_when_many_wait_to_be_dropped(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    for user in range(500):
        queue.join(redis, concert, user, settings)
    queue.configure(redis, concert, settings, state="open", capacity=100)
    names = redis.zrange(key(concert, "seen"), 0, -1)
    redis.zadd(key(concert, "seen"), dict.fromkeys(names, 1))
    redis.hset(key(concert, "line"), mapping={"state": "open", "since": 1})
    present = queue.join(redis, concert, 1000, settings)
    lines = [queue.admit(redis, concert, settings) for _ in range(5)]  # 200 users a call
    assert lines[-1].waiting == 0
    admitted = redis.zrange(key(concert, "admitted"), 0, -1)
    assert admitted == [b"1000"]
    assert queue.check(redis, present.token, settings).state == "admitted"


@pytest.mark.parametrize("state", ["pre", "closed"])
def test_before_the_start_and_while_closed_places_are_kept_without_asking(
    redis, concert, settings, state
):
    queue.configure(redis, concert, settings, state="pre" if state == "pre" else "paused")
    absence = dataclasses.replace(settings, absence_seconds=5)
    for user in (1, 2, 3):
        queue.join(redis, concert, user, absence)
    queue.configure(redis, concert, settings, state=state)
    queue.admit(redis, concert, absence)
    redis.zadd(key(concert, "seen"), {1: 1, 2: 1, 3: 1})
    redis.hset(key(concert, "line"), "since", 1)  # in this state for an age
    assert queue.admit(redis, concert, absence).waiting == 3
    queue.configure(redis, concert, settings, state="paused")  # and the absence starts here
    assert queue.admit(redis, concert, absence).waiting == 3
    redis.hset(key(concert, "line"), "since", 1)
    assert queue.admit(redis, concert, absence).waiting == 0


def test_time_never_goes_back(redis, concert, settings):
    ahead_ms = int((redis_seconds(redis) + 1000) * 1000)
    redis.hset(key(concert, "line"), "time", ahead_ms)
    place = queue.join(redis, concert, 1, settings)
    assert place.admitted_until == datetime.fromtimestamp(ahead_ms / 1000 + 3600, UTC)


def test_a_head_full_of_admitted_users_does_not_stall_the_line(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=300)
    for user in range(250):
        queue.join(redis, concert, user, settings)
    # What no operation can do, a restore from a torn copy might.
    redis.zadd(key(concert, "waiting"), {user: user - 1000 for user in range(250)})
    queue.join(redis, concert, 777, settings)
    for _ in range(5):
        queue.admit(redis, concert, settings)
    assert redis.zscore(key(concert, "admitted"), 777)
    assert redis.zcard(key(concert, "waiting")) == 0
    assert redis.zcard(key(concert, "admitted")) == 251
    assert redis.hget(key(concert, "places"), 0).split(b":")[1] == b"1"  # and still claimed


def test_a_user_without_a_rank_is_never_first(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    place = queue.join(redis, concert, 1, settings)
    redis.zrem(key(concert, "waiting"), 1)
    with pytest.raises(PlaceNotFound):
        queue.poll(redis, place.token, settings)
    assert queue.check(redis, place.token, settings).position is None


def test_the_mean_is_over_five_minutes_of_which_the_oldest_counts_in_part(redis, concert, settings):
    tokens = [queue.join(redis, concert, user, settings).token for user in range(63)]
    wait_until(lambda: redis_seconds(redis) % 60 < 55)  # so that the minute does not end here
    started = redis_seconds(redis)
    minute = int(started // 60)
    redis.delete(key(concert, "pace"))
    for age, admitted in ((1, 300), (5, 600), (6, 10_000)):
        redis.hset(key(concert, "pace"), str(age), f"{minute - age}:{admitted}")
    redis.hset(key(concert, "line"), "since", 1)
    place = queue.poll(redis, tokens[-1], settings)
    ended = redis_seconds(redis)
    assert place.ahead == 60
    least, most = (60 * 300 / (300 + 600 * (1 - seconds % 60 / 60)) for seconds in (started, ended))
    assert least - 0.01 <= place.wait_seconds <= most + 1
