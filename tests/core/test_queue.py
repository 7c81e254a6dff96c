"""Joining, waiting and leaving: who has which place, and who may ask about it."""

from __future__ import annotations

import dataclasses
import random

import pytest

from boxoffice.core import queue, tokens
from boxoffice.core.errors import (
    InputInvalid,
    KeyReused,
    NotAdmitted,
    PlaceNotFound,
    QueueClosed,
    TokenInvalid,
)
from tests.core.conftest import begin
from tests.waiting import wait_until


def key(concert, name):
    return f"{{concert:{concert}}}:{name}"


def waiting_users(redis, concert):
    return [int(user) for user in redis.zrange(key(concert, "waiting"), 0, -1)]


def admitted_users(redis, concert):
    return {int(user) for user in redis.zrange(key(concert, "admitted"), 0, -1)}


def test_the_first_are_admitted_and_the_others_wait_in_the_order_of_coming(
    redis, concert, settings
):
    places = [queue.join(redis, concert, user, settings) for user in (50, 40, 30, 20)]
    assert [place.state for place in places] == ["admitted", "admitted", "waiting", "waiting"]
    assert [place.position for place in places] == [None, None, 1, 2]
    assert [place.ahead for place in places] == [None, None, 0, 1]
    assert all(place.admitted_until.tzinfo for place in places[:2])
    assert waiting_users(redis, concert) == [30, 20]


def test_places_go_by_number_even_when_everybody_comes_in_the_same_millisecond(
    redis, concert, settings
):
    queue.configure(redis, concert, settings, state="pre")
    users = random.sample(range(10_000), 300)
    for user in users:
        queue.join(redis, concert, user, settings)
    assert waiting_users(redis, concert) == users
    numbers = [score for _, score in redis.zrange(key(concert, "waiting"), 0, -1, withscores=True)]
    assert numbers == list(range(1, 301))
    queue.configure(redis, concert, settings, state="open", capacity=1)
    order = []
    for _ in users:
        queue.admit(redis, concert, settings)
        (user,) = admitted_users(redis, concert)
        order.append(user)
        redis.zadd(key(concert, "admitted"), {user: 1})
    assert order == users


def test_joining_twice_keeps_the_first_place(redis, concert, settings):
    places = {user: queue.join(redis, concert, user, settings) for user in (1, 2, 3, 4)}
    again = queue.join(redis, concert, 3, settings, token=places[3].token)
    assert again.position == 1
    assert waiting_users(redis, concert) == [3, 4]


def test_an_admitted_user_who_joins_is_told_so_and_never_queued_again(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings)
    again = queue.join(redis, concert, 1, settings, token=first.token)
    assert again.state == "admitted"
    assert again.admitted_until == first.admitted_until
    assert waiting_users(redis, concert) == []


def test_who_shows_the_token_of_the_place_keeps_it(redis, concert, settings):
    first = queue.join(redis, concert, 1, settings)
    again = queue.join(redis, concert, 1, settings, token=first.token.lower())
    assert again.token == first.token
    assert len(list(redis.scan_iter(key(concert, "token:*")))) == 1


def test_the_token_of_another_user_or_concert_is_not_taken_over(redis, concert, settings):
    other = queue.join(redis, concert, 2, settings)
    begin(redis, concert + 500_000)
    elsewhere = queue.join(redis, concert + 500_000, 1, settings)
    for shown in (other.token, elsewhere.token):
        place = queue.join(redis, concert, 1, settings, token=shown, take_over=True)
        assert place.token != shown
        assert queue.check(redis, place.token, settings).user == 1


def test_a_token_is_not_the_user_and_only_its_hash_is_stored(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings, key="my key")
    secret = place.token.split("-")[1].lower()
    for name in redis.scan_iter(key(concert, "*")):
        assert secret not in name.decode().lower()
        assert b"my key" not in name
        kind = redis.type(name)
        value = redis.get(name) if kind == b"string" else b""
        assert secret not in value.decode().lower()
    assert tokens.concert_of(place.token) == concert


def test_an_unknown_token_is_refused_by_every_operation(redis, concert, settings):
    unknown = tokens.make(concert, 1, tokens.new_salt(), "")
    for operation in (queue.poll, queue.check, queue.leave):
        with pytest.raises(TokenInvalid):
            operation(redis, unknown, settings)
    with pytest.raises(TokenInvalid):
        queue.renew(redis, unknown, settings, 5)
    assert queue.finish(redis, unknown, settings) is False


def test_positions_count_from_one_and_shrink_as_others_leave(redis, concert, settings):
    places = {user: queue.join(redis, concert, user, settings) for user in range(1, 7)}
    queue.leave(redis, places[4].token, settings)
    assert [queue.poll(redis, places[user].token, settings).position for user in (3, 5, 6)] == [
        1,
        2,
        3,
    ]


def test_leaving_twice_gives_the_same_answer(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings)
    first = queue.leave(redis, place.token, settings)
    again = queue.leave(redis, place.token, settings)
    assert (first.state, first.user, first.replayed) == ("left", 1, False)
    assert (again.state, again.user, again.replayed) == ("left", 1, True)
    with pytest.raises(PlaceNotFound):
        queue.poll(redis, place.token, settings)


def test_an_admitted_user_who_leaves_makes_room_in_the_same_call(redis, concert, settings):
    places = {user: queue.join(redis, concert, user, settings) for user in (1, 2, 3)}
    queue.leave(redis, places[1].token, settings)
    assert admitted_users(redis, concert) == {2, 3}


def test_a_token_speaks_only_of_its_own_place_never_of_a_later_one(redis, concert, settings):
    old = queue.join(redis, concert, 1, settings)
    queue.finish(redis, old.token, settings)
    new = queue.join(redis, concert, 1, settings)
    assert queue.check(redis, old.token, settings).state == "ended"
    assert queue.finish(redis, old.token, settings) is False
    with pytest.raises(PlaceNotFound):
        queue.leave(redis, old.token, settings)
    assert queue.check(redis, new.token, settings).state == "admitted"


def test_an_ended_place_still_names_its_owner(redis, concert, settings):
    place = queue.join(redis, concert, 17, settings)
    assert queue.finish(redis, place.token, settings) is True
    admission = queue.check(redis, place.token, settings)
    assert (admission.user, admission.state, admission.admitted_until) == (17, "ended", None)
    (name,) = redis.scan_iter(key(concert, "token:*"))
    assert 86_000 < redis.ttl(name) <= 86_400
    with pytest.raises(TokenInvalid):
        queue.require_admitted(admission)


def test_who_waits_may_not_act_and_is_told_the_position(redis, concert, settings):
    places = [queue.join(redis, concert, user, settings) for user in range(1, 6)]
    with pytest.raises(NotAdmitted, match="position 3"):
        queue.require_admitted(queue.check(redis, places[4].token, settings))
    queue.require_admitted(queue.check(redis, places[0].token, settings))


# --- operation keys ---


def test_the_same_key_gives_the_same_place_and_token_again(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    first = queue.join(redis, concert, 1, settings, key="k")
    queue.join(redis, concert, 2, settings, key="l")
    again = queue.join(redis, concert, 1, settings, key="k")
    assert (first.replayed, again.replayed) == (False, True)
    assert again.token == first.token
    assert again.position == first.position == 1
    assert len(list(redis.scan_iter(key(concert, "token:*")))) == 2


def test_a_key_of_another_user_is_refused(redis, concert, settings):
    queue.join(redis, concert, 1, settings, key="k")
    with pytest.raises(KeyReused):
        queue.join(redis, concert, 2, settings, key="k")
    assert admitted_users(redis, concert) == {1}


@pytest.mark.parametrize("end", [queue.finish, queue.leave])
def test_a_key_whose_place_has_ended_never_makes_a_second_one(redis, concert, settings, end):
    place = queue.join(redis, concert, 1, settings, key="k")
    end(redis, place.token, settings)
    for _ in range(2):
        with pytest.raises(PlaceNotFound):
            queue.join(redis, concert, 1, settings, key="k")
    queue.join(redis, concert, 1, settings, key="another")
    with pytest.raises(PlaceNotFound):
        queue.join(redis, concert, 1, settings, key="k")
    assert admitted_users(redis, concert) == {1}
    assert waiting_users(redis, concert) == []


def test_a_key_first_used_with_a_shown_token_gives_a_working_token_without_it(
    redis, concert, settings
):
    place = queue.join(redis, concert, 1, settings)
    shown = queue.join(redis, concert, 1, settings, key="k", token=place.token)
    assert shown.token == place.token
    without = [queue.join(redis, concert, 1, settings, key="k") for _ in range(2)]
    assert without[0].token == without[1].token
    assert all(again.replayed for again in without)
    assert queue.check(redis, without[0].token, settings).state == "admitted"


# --- states ---


def test_a_closed_queue_takes_nobody_and_moves_nobody(redis, concert, settings):
    places = {user: queue.join(redis, concert, user, settings) for user in (1, 2, 3)}
    queue.configure(redis, concert, settings, state="closed")
    with pytest.raises(QueueClosed):
        queue.join(redis, concert, 4, settings)
    with pytest.raises(QueueClosed):
        queue.poll(redis, places[3].token, settings)
    queue.finish(redis, places[1].token, settings)
    assert admitted_users(redis, concert) == {2}
    assert queue.check(redis, places[2].token, settings).state == "admitted"
    queue.leave(redis, places[3].token, settings)
    assert waiting_users(redis, concert) == []


def test_in_a_pause_people_join_and_nobody_is_admitted(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    places = [queue.join(redis, concert, user, settings) for user in (1, 2, 3)]
    assert [place.position for place in places] == [1, 2, 3]
    assert [place.wait_seconds for place in places] == [None] * 3
    assert queue.admit(redis, concert, settings).admitted == 0
    queue.configure(redis, concert, settings, state="open")
    assert queue.poll(redis, places[0].token, settings).state == "admitted"


def test_a_draining_queue_takes_nobody_new_and_admits_those_who_wait(redis, concert, settings):
    places = {user: queue.join(redis, concert, user, settings) for user in (1, 2, 3)}
    queue.configure(redis, concert, settings, state="drain")
    with pytest.raises(QueueClosed):
        queue.join(redis, concert, 4, settings)
    assert queue.join(redis, concert, 3, settings, token=places[3].token).position == 1
    queue.finish(redis, places[1].token, settings)
    assert queue.poll(redis, places[3].token, settings).state == "admitted"


def test_a_state_nobody_knows_counts_as_closed(redis, concert, settings):
    redis.hset(key(concert, "settings"), "state", "opne")
    with pytest.raises(QueueClosed):
        queue.join(redis, concert, 1, settings)


# --- settings ---


def test_a_concert_has_its_own_settings_and_goes_back_to_the_defaults(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=5, rate_per_minute=120, state="paused")
    line = queue.admit(redis, concert, settings)
    assert (line.capacity, line.rate_per_minute, line.state) == (5, 120, "paused")
    queue.configure(redis, concert, settings, capacity=None, state=None)
    line = queue.admit(redis, concert, settings)
    assert (line.capacity, line.rate_per_minute, line.state) == (2, 120, "open")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "ajar"},
        {"capacity": 0},
        {"capacity": 10**30},
        {"capacity": 2.5},
        {"capacity": True},
        {"capacity": "3"},
        {"admission_seconds": float("nan")},
        {"admission_seconds": float("inf")},
        {"size": 3},
        {"capacity": 3, "burst": -1},
        {"size": None},
    ],
)
def test_a_setting_out_of_its_limits_is_refused_and_changes_nothing(
    redis, concert, settings, changes
):
    with pytest.raises(InputInvalid):
        queue.configure(redis, concert, settings, **changes)
    assert not redis.exists(key(concert, "settings"))


@pytest.mark.parametrize("junk", ["", "nan", "-inf", "1e999", "-1", "x" * 1000, "0x", "\x00"])
def test_junk_in_the_stored_settings_falls_back_to_the_defaults(redis, concert, settings, junk):
    redis.hset(key(concert, "settings"), mapping=dict.fromkeys(queue.SETTINGS, junk))
    line = queue.admit(redis, concert, settings)
    assert (line.capacity, line.rate_per_minute) == (2, 10_000_000)


def test_the_interval_grows_with_the_place_is_spread_and_stays_inside_the_limits(
    redis, concert, settings
):
    queue.configure(redis, concert, settings, state="paused")
    fill(redis, concert, 3000)
    intervals = {}
    for user, place in ((1, 1), (100, 100), (101, 101), (1000, 1000), (1001, 1001), (3000, 3000)):
        token = queue.join(redis, concert, user, settings, take_over=True).token
        polls = [queue.poll(redis, token, settings) for _ in range(30)]
        assert {poll.position for poll in polls} == {place}
        intervals[place] = {poll.poll_seconds for poll in polls}
    for place, seconds in ((1, 2), (100, 2), (101, 5), (1000, 5), (1001, 20), (3000, 20)):
        assert all(0.8 * seconds <= value <= 1.2 * seconds for value in intervals[place])
        assert len(intervals[place]) > 3
        assert all(round(value, 1) == value for value in intervals[place])
    hasty = dataclasses.replace(settings, absence_seconds=1, claim_seconds=0.5)
    assert queue.poll(redis, token, hasty).poll_seconds == 0.25


def asks_again_in(redis, concert, settings, places):
    """Require that each user, at a place, is told such an interval, spread by a fifth."""
    for user, place, seconds in places:
        token = queue.join(redis, concert, user, settings, take_over=True).token
        polls = [queue.poll(redis, token, settings) for _ in range(10)]
        assert {poll.position for poll in polls} == {place}
        told = [poll.poll_seconds for poll in polls]
        least, most = round(0.8 * seconds, 1), round(1.2 * seconds, 1)
        assert all(least <= each <= most for each in told), (place, told)


@pytest.mark.parametrize(
    ("rate", "near", "far"),
    [
        (6_000, 2, 10),  # a place inside has another owner every two seconds: 50 a second
        (1_800, 199 / 60, 1000 / 60),  # 30 a second
    ],
)
def test_in_a_young_line_the_soonest_turn_is_what_the_settings_allow(
    redis, concert, settings, rate, near, far
):
    queue.configure(redis, concert, settings, capacity=100, rate_per_minute=rate, burst=100)
    fill(redis, concert, 2_100)
    queue.admit(redis, concert, settings)
    places = ((300, 200, near), (1_101, 1_001, far), (2_100, 2_000, 20))
    asks_again_in(redis, concert, settings, places)


def test_whoever_is_far_back_in_a_fast_line_asks_again_half_way_to_the_turn(
    redis, concert, settings
):
    queue.configure(redis, concert, settings, capacity=3_000)
    fill(redis, concert, 5_000)
    formed = {"since": 1, "formed": (redis.time()[0] - 90) * 1_000}
    redis.hset(key(concert, "line"), mapping=formed)
    wait_until(
        lambda: redis.time()[0] % 60 < 50, "a minute that lasts: of the last only a part counts"
    )
    for _ in range(15):  # 200 a call: 3,000 in the last minute, which is 50 a second
        queue.admit(redis, concert, settings)
    places = ((4_001, 1_001, 10), (5_000, 2_000, 20), (3_200, 200, 2))
    asks_again_in(redis, concert, settings, places)
    slow = dataclasses.replace(settings, poll_near_seconds=4)
    token = queue.join(redis, concert, 3_200, slow, take_over=True).token
    assert queue.poll(redis, token, slow).poll_seconds >= 0.8 * 4  # never more often than in front


def test_a_line_is_young_again_where_nobody_waited(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=1)
    redis.hset(key(concert, "line"), "formed", 1)
    queue.join(redis, concert, 1, settings)
    formed = int(redis.hget(key(concert, "line"), "formed"))
    assert formed >= (redis.time()[0] - 60) * 1_000
    redis.hset(key(concert, "line"), "formed", 2)
    queue.join(redis, concert, 2, settings)
    assert int(redis.hget(key(concert, "line"), "formed")) > 2  # the first was let in at once
    redis.hset(key(concert, "line"), "formed", 3)
    queue.join(redis, concert, 3, settings)
    assert int(redis.hget(key(concert, "line"), "formed")) == 3  # the second still waits


def test_the_estimated_wait_is_the_people_ahead_by_the_mean_rate(redis, concert, settings):
    queue.configure(redis, concert, settings, capacity=30)
    fill(redis, concert, 90)
    place = queue.join(redis, concert, 90, settings, take_over=True)
    # 30 admitted in the first half minute (the shortest time a mean is taken over).
    assert (place.ahead, place.wait_seconds) == (59, 59)
    queue.configure(redis, concert, settings, state="paused")
    assert queue.poll(redis, place.token, settings).wait_seconds is None


def test_a_flushed_queue_answers_nobody_before_it_was_begun_again(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings)
    redis.delete(*redis.scan_iter(key(concert, "*")))
    redis.script_flush()
    with pytest.raises(TokenInvalid):
        queue.check(redis, place.token, settings)
    assert queue.finish(redis, place.token, settings) is False
    with pytest.raises(queue.Recall):
        queue.join(redis, concert, 1, settings)
    begin(redis, concert)
    assert queue.join(redis, concert, 1, settings).state == "admitted"


@pytest.mark.parametrize("url", ["", "localhost", "http://x/", "redis://h:port/"])
def test_an_address_that_is_none_of_redis_is_refused_without_repeating_it(url):
    with pytest.raises(InputInvalid) as refusal:
        queue.connect(url)
    assert not url or url not in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    ["unix:///tmp/x", "redis://u:p@h:1/0", "rediss://u:p@h:1/0", "unix://u@/tmp/x?db=0&password=p"],
)
def test_a_client_waits_a_bounded_time(url):
    client = queue.connect(url)
    options = client.connection_pool.connection_kwargs
    assert options["socket_timeout"] == 3.0
    assert options["socket_connect_timeout"] == 2.0
    assert options["retry"].get_retries() == 2
    client.close()


FILL = """
for user = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  redis.call('ZADD', KEYS[1], user, user)
  redis.call('ZADD', KEYS[2], ARGV[3], user)
  redis.call('HSET', KEYS[4], user, string.format('%d:0:0:1:%s:0', user, ARGV[3]))
end
redis.call('HSET', KEYS[3], 'number', ARGV[2])
"""
FILL_BATCH = 50_000


def fill(redis, concert, count):
    """Let users 1..count wait, all seen just now, user N with number N."""
    names = [key(concert, name) for name in ("waiting", "seen", "line", "places")]
    seconds, _ = redis.time()
    for first in range(1, count + 1, FILL_BATCH):
        last = min(first + FILL_BATCH - 1, count)
        redis.eval(FILL, len(names), *names, first, last, seconds * 1000)


def test_a_made_up_token_leaves_nothing_behind(redis, concert, settings):
    concert += 500_000
    made_up = tokens.make(concert, 1, tokens.new_salt(), "")
    for ask in (queue.poll, queue.check, queue.leave):
        with pytest.raises(TokenInvalid):
            ask(redis, made_up, settings)
    assert queue.finish(redis, made_up, settings) is False
    assert list(redis.scan_iter(f"{{concert:{concert}}}:*")) == []
