"""A queue whose Redis restarted, lost its end, or lost everything: who gets which place back."""

from __future__ import annotations

import dataclasses
import random

import pytest

from boxoffice.core import queue, tokens
from boxoffice.core.errors import PlaceNotFound, TokenInvalid, TokenUnknown
from boxoffice.core.queue import stubs
from tests.core import valkey
from tests.core.conftest import STUB_KEY, begin
from tests.waiting import wait_until

CONCERT = 7
BASE = 2**32


@pytest.fixture
def server(valkey_binary):
    with valkey.running(valkey_binary) as running:
        begin(running.client, CONCERT, base=BASE)
        yield running


@pytest.fixture
def redis(server):
    return server.client


def key(name):
    return f"{{concert:{CONCERT}}}:{name}"


def line_of(redis):
    return redis.zrange(key("waiting"), 0, -1, withscores=True)


def tell(redis, settings, kept=None, *, times=1, holders=()):
    """Tell the queue what Postgres knows: that it was there, and a base above every number."""
    begin(redis, CONCERT, base=BASE * (times + 1), lost=True, settings=kept or {})
    return queue.admit_holders(redis, CONCERT, settings, holders)


def join(redis, user, settings, **options):
    return queue.join(redis, CONCERT, user, settings, **options)


def come_back(redis, place, settings):
    return queue.restore(redis, place.token, place.stub, settings)


def asked_to_tell(redis, settings):
    """Whether a caller is asked to bring what Postgres knows."""
    try:
        queue.admit(redis, CONCERT, settings)
    except queue.Recall as wanted:
        return not wanted.required
    return False


def test_a_restart_with_all_its_data_loses_and_reorders_nobody(server, settings):
    redis = server.client
    queue.configure(redis, CONCERT, settings, capacity=3)
    places = [join(redis, user, settings) for user in random.sample(range(1000), 60)]
    before = line_of(redis)
    server.kill()
    server.start()
    assert asked_to_tell(redis, settings)
    assert not asked_to_tell(redis, settings)  # one caller is enough, the others go on
    assert tell(redis, settings, kept={"capacity": 3}) == 0
    assert line_of(redis) == before
    for position, place in enumerate(places[3:], 1):
        assert queue.poll(redis, place.token, settings).position == position
    for place in places[:3]:
        assert queue.check(redis, place.token, settings).state == "admitted"
        assert not come_back(redis, place, settings)  # nothing of it was lost


def test_nobody_new_is_admitted_and_nobody_is_absent_while_people_come_back(server, settings):
    redis = server.client
    queue.configure(redis, CONCERT, settings, capacity=1)
    short = dataclasses.replace(settings, absence_seconds=0.2)
    first, second = (join(redis, user, short) for user in (1, 2))
    server.kill()
    server.start()
    assert asked_to_tell(redis, short)
    tell(redis, short, kept={"capacity": 1})
    queue.finish(redis, first.token, short)
    wait_until(lambda: redis.time()[0] - int(redis.hget(key("line"), "since")) // 1000 >= 1, "1 s")
    line = queue.admit(redis, CONCERT, short)
    assert (line.state, line.admitted, line.waiting) == ("recover", 0, 1)
    over = dataclasses.replace(short, recover_seconds=0)
    assert queue.poll(redis, second.token, over).state == "admitted"


def test_a_file_cut_to_sixty_per_cent_and_everybody_waiting_is_back_in_exact_order(
    server, settings
):
    redis = server.client
    queue.configure(redis, CONCERT, settings, capacity=5)
    places = {user: join(redis, user, settings) for user in random.sample(range(10_000), 200)}
    before = line_of(redis)
    assert len(before) == 195
    server.kill()
    server.cut(0.6)
    server.start()
    kept = redis.zcard(key("waiting"))
    assert 20 < kept < 175
    assert asked_to_tell(redis, settings)
    tell(redis, settings, kept={"capacity": 5})
    stranger = join(redis, 77_777, settings)
    come = list(places.values())
    random.shuffle(come)
    restored = sum(come_back(redis, place, settings) for place in come)
    assert restored >= 195 - kept
    assert line_of(redis)[:-1] == before
    assert queue.poll(redis, stranger.token, settings).position == 196
    for place in places.values():  # the tokens go on as if nothing had been
        assert queue.check(redis, place.token, settings).state in ("waiting", "admitted")


def test_emptied_the_queue_waits_for_postgres_and_then_gives_every_place_back(redis, settings):
    queue.configure(redis, CONCERT, settings, state="paused")
    places = [join(redis, user, settings) for user in (30, 10, 20)]
    redis.flushall()
    with pytest.raises(queue.Recall) as wanted:
        come_back(redis, places[0], settings)
    assert wanted.value.required
    tell(redis, settings, kept={"state": "paused"})
    new = join(redis, 99, settings)
    for place in reversed(places):
        with pytest.raises(TokenUnknown):
            queue.poll(redis, place.token, settings)
        assert come_back(redis, place, settings)
    assert [user for user, _ in line_of(redis)] == [b"30", b"10", b"20", b"99"]
    assert queue.poll(redis, new.token, settings).position == 4


def test_who_holds_seats_is_admitted_at_once_as_far_as_there_is_room(redis, settings):
    queue.configure(redis, CONCERT, settings, capacity=2)
    places = {user: join(redis, user, settings) for user in (1, 2, 3)}
    redis.flushall()
    capacity = {"capacity": 2}
    held = [(1, 200_000), (2, 300_000), (3, 300_000)]
    assert tell(redis, settings, kept=capacity, holders=held) == 2
    assert queue.admit(redis, CONCERT, settings).admitted == 2
    for user, seconds in ((1, 200), (2, 300)):
        assert come_back(redis, places[user], settings)
        admission = queue.check(redis, places[user].token, settings)
        assert admission.state == "admitted"
        assert seconds - 30 < admission.seconds_left <= seconds
    assert come_back(redis, places[3], settings)
    assert queue.check(redis, places[3].token, settings).position == 1
    assert tell(redis, settings, times=2, kept=capacity, holders=held) == 2  # again
    assert queue.admit(redis, CONCERT, settings).admitted == 2


def test_a_holder_without_token_and_stub_goes_on_without_taking_over(redis, settings):
    join(redis, 1, settings)
    redis.flushall()
    tell(redis, settings, holders=[(1, 60_000)])
    assert join(redis, 1, settings).state == "admitted"


def test_after_the_minute_a_stub_is_worth_nothing(redis, settings):
    place = join(redis, 1, settings)
    redis.flushall()
    tell(redis, settings)
    over = dataclasses.replace(settings, recover_seconds=0)
    assert not come_back(redis, place, over)
    assert join(redis, 2, over).state == "admitted"


def altered(stub):
    """The stub with one character in its middle made another."""
    at = len(stub) // 2
    return stub[:at] + ("0" if stub[at] != "0" else "1") + stub[at + 1 :]


def test_no_stub_but_the_tokens_own_gives_anything(redis, settings):
    queue.configure(redis, CONCERT, settings, state="paused")
    own, other = join(redis, 1, settings), join(redis, 2, settings)
    made_up = tokens.make(CONCERT, 1, tokens.new_salt(), "")
    mine = stubs.read(own.stub, CONCERT, own.token, STUB_KEY)
    redis.flushall()
    tell(redis, settings, kept={"state": "paused"})
    better = dataclasses.replace(mine, number=1)
    attempts = [
        (own.token, other.stub),
        (other.token, own.stub),
        (made_up, own.stub),
        (own.token, altered(own.stub)),
        (own.token, ""),
        (own.token, "S0"),
        (own.token, stubs.write(better, CONCERT, own.token, "00" * 32)),
        (own.token, stubs.write(better, CONCERT + 1, own.token, STUB_KEY)),
    ]
    for token, stub in attempts:
        assert not queue.restore(redis, token, stub, settings), (token, stub)
    elsewhere = own.token.replace(f"c{CONCERT}-", f"c{CONCERT + 1}-")
    begin(redis, CONCERT + 1, base=BASE * 2, lost=True)
    queue.admit_holders(redis, CONCERT + 1, settings, [])
    assert not queue.restore(redis, elsewhere, own.stub, settings)
    assert line_of(redis) == []


def test_a_place_that_had_ended_stays_ended_unless_its_end_was_lost_too(server, settings):
    redis = server.client
    queue.configure(redis, CONCERT, settings, capacity=1)
    paid, gone, waiting = (join(redis, user, settings) for user in (1, 2, 3))
    queue.finish(redis, paid.token, settings)
    queue.leave(redis, gone.token, settings)
    server.kill()
    server.start()
    assert asked_to_tell(redis, settings)
    tell(redis, settings, kept={"capacity": 1})
    for place in (paid, gone):
        assert not come_back(redis, place, settings)
        with pytest.raises(PlaceNotFound):
            queue.poll(redis, place.token, settings)
    assert queue.check(redis, waiting.token, settings).state == "admitted"


def test_of_two_stubs_of_one_user_the_later_holds_and_there_is_one_place(redis, settings):
    queue.configure(redis, CONCERT, settings, state="paused")
    first = join(redis, 1, settings)
    queue.leave(redis, first.token, settings)
    join(redis, 2, settings)
    second = join(redis, 1, settings)
    for order in ((first, second), (second, first)):
        redis.flushall()
        tell(redis, settings, kept={"state": "paused"})
        for place in order:
            assert come_back(redis, place, settings)
        assert redis.zcard(key("waiting")) == 1
        assert queue.poll(redis, second.token, settings).state == "waiting"
        with pytest.raises(PlaceNotFound):
            queue.poll(redis, first.token, settings)


def test_a_terminal_that_was_taken_over_from_does_not_come_back_over_the_other(redis, settings):
    old = join(redis, 1, settings)
    new = join(redis, 1, settings, take_over=True)
    for order in ((old, new), (new, old)):
        redis.flushall()
        tell(redis, settings)
        for place in order:
            assert come_back(redis, place, settings)
        with pytest.raises(TokenInvalid, match="another terminal"):
            queue.poll(redis, old.token, settings)
        assert queue.poll(redis, new.token, settings).state == "waiting"


def test_who_joined_anew_before_finding_the_stub_gets_the_old_place(redis, settings):
    queue.configure(redis, CONCERT, settings, state="paused")
    mine, other = join(redis, 1, settings), join(redis, 2, settings)
    redis.flushall()
    tell(redis, settings, kept={"state": "paused"})
    assert come_back(redis, other, settings)
    assert join(redis, 1, settings).position == 2
    assert come_back(redis, mine, settings)
    assert queue.poll(redis, mine.token, settings).position == 1
    assert redis.zcard(key("waiting")) == 2


def test_a_stub_given_after_the_loss_is_not_of_the_loss(redis, settings):
    redis.flushall()
    tell(redis, settings)
    place = join(redis, 1, settings)
    redis.delete(*redis.scan_iter(key("token:*")))
    assert not come_back(redis, place, settings)


def test_numbers_grow_over_every_loss(redis, settings):
    queue.configure(redis, CONCERT, settings, state="paused")
    places = []
    for times in range(1, 5):
        places.append(join(redis, times, settings))
        redis.flushall()
        tell(redis, settings, times=times, kept={"state": "paused"})
    numbers = [stubs.read(p.stub, CONCERT, p.token, STUB_KEY).number for p in places]
    assert numbers == sorted(set(numbers))
    for place in reversed(places):
        assert come_back(redis, place, settings)
    assert [int(user) for user, _ in line_of(redis)] == [1, 2, 3, 4]


def test_if_nobody_could_come_for_a_while_everybodys_absence_starts_anew(redis, settings):
    """The server lived on, and it was the network that was away."""
    queue.configure(redis, CONCERT, settings, state="paused")
    short = dataclasses.replace(settings, absence_seconds=1000)
    places = [join(redis, user, short) for user in (1, 2)]
    for name, fields in (("seen", None), ("line", ("time", "since"))):
        if fields is None:
            redis.zadd(key(name), {1: 1, 2: 1})
        else:
            redis.hset(key(name), mapping=dict.fromkeys(fields, 1))
    assert queue.poll(redis, places[1].token, short).position == 2
    assert queue.admit(redis, CONCERT, short).waiting == 2


def test_a_queue_of_another_database_is_removed_whole(redis, settings):
    place = join(redis, 1, settings)
    known = queue.Founding(database="another", stub_key=STUB_KEY, base=BASE)
    queue.found(redis, CONCERT, known)
    with pytest.raises(TokenUnknown):
        queue.check(redis, place.token, settings)
    assert queue.admit(redis, CONCERT, settings).admitted == 0
    with pytest.raises(queue.Foreign):
        join(redis, 1, settings, database="db")
    assert join(redis, 1, settings, database="another").state == "admitted"
