"""How long people may come back after a loss: while nobody is admitted, and a minute more."""

from __future__ import annotations

import dataclasses

import pytest

from boxoffice.core import queue
from boxoffice.core.queue import draw
from tests.core import valkey
from tests.core.conftest import begin
from tests.waiting import wait_until

BASE = 2**32
SEED = "5eed" * 16


def lose(redis, concert, settings, state, **known):
    redis.delete(*redis.scan_iter(f"{{concert:{concert}}}:*"))
    begin(redis, concert, base=BASE, lost=True, settings={"state": state}, **known)
    queue.admit_holders(redis, concert, settings, [])


def come_back(redis, place, settings):
    return queue.restore(redis, place.token, place.stub, settings)


def state_of(redis, concert, settings):
    return queue.admit(redis, concert, settings).state


@pytest.fixture
def over(settings):
    """Settings under which the minute is over as soon as it begins."""
    return dataclasses.replace(settings, recover_seconds=0)


@pytest.mark.parametrize("state", ["pre", "closed", "paused"])
def test_while_nobody_is_admitted_people_come_back_and_then_for_a_minute(
    redis, concert, settings, over, state
):
    queue.configure(redis, concert, settings, state="paused")
    early, late, never = (queue.join(redis, concert, user, settings) for user in (1, 2, 3))
    lose(redis, concert, settings, state)
    assert state_of(redis, concert, over) == state
    assert come_back(redis, early, over)
    queue.configure(redis, concert, over, state="open")
    assert state_of(redis, concert, settings) == "recover"
    assert come_back(redis, late, settings)
    assert queue.poll(redis, late.token, settings).position == 2
    assert state_of(redis, concert, over) == "open"
    assert not come_back(redis, never, over)


def test_the_minute_begins_when_the_state_ends_and_is_not_used_up_by_it(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    place = queue.join(redis, concert, 1, settings)
    lose(redis, concert, settings, "paused")
    redis.hset(f"{{concert:{concert}}}:line", "recover_from", 1)  # a pause of half a century
    queue.configure(redis, concert, settings, state="drain")
    assert state_of(redis, concert, settings) == "recover"
    assert come_back(redis, place, settings)


def test_a_pause_long_after_the_loss_does_not_begin_it_anew(redis, concert, settings, over):
    place = queue.join(redis, concert, 1, settings)
    lose(redis, concert, settings, "open")
    assert state_of(redis, concert, over) == "open"
    queue.configure(redis, concert, settings, state="paused")
    assert not come_back(redis, place, settings)
    queue.configure(redis, concert, settings, state="open")
    assert state_of(redis, concert, settings) == "open"


def test_a_pause_within_the_minute_gives_a_whole_one_after_it(redis, concert, settings, over):
    place = queue.join(redis, concert, 1, settings)
    lose(redis, concert, settings, "open")
    queue.configure(redis, concert, settings, state="paused")
    queue.configure(redis, concert, over, state="open")
    assert state_of(redis, concert, settings) == "recover"
    assert come_back(redis, place, settings)


def test_nobody_is_absent_in_a_pause_before_everybody_could_come_back(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    short = dataclasses.replace(settings, absence_seconds=0.1)
    first, second = (queue.join(redis, concert, user, settings) for user in (1, 2))
    lose(redis, concert, short, "paused")
    assert come_back(redis, first, short)
    since = int(redis.time()[0])
    wait_until(lambda: queue.admit(redis, concert, short) and redis.time()[0] - since > 1, "1 s")
    assert come_back(redis, second, short)
    assert queue.poll(redis, second.token, short).position == 2


def test_drawn_places_come_back_long_after_a_loss_before_the_draw(redis, concert, settings, over):
    users = list(range(1, 20))
    queue.configure(redis, concert, settings, state="pre", seed=SEED)
    places = {user: queue.join(redis, concert, user, settings) for user in users}
    lose(redis, concert, settings, "pre", seed=SEED)
    for user in users[:10]:
        assert come_back(redis, places[user], over)
    assert queue.configure(redis, concert, over, state="open") == 10
    late = queue.join(redis, concert, 99, settings)
    for user in users[10:]:
        assert come_back(redis, places[user], settings)
    waiting = [int(user) for user in redis.zrange(f"{{concert:{concert}}}:waiting", 0, -1)]
    assert waiting == [*draw.order(SEED, users), 99]
    assert queue.poll(redis, late.token, settings).position == 20


def test_the_minute_does_not_run_before_postgres_was_asked(valkey_binary, settings, over):
    with valkey.running(valkey_binary) as server:
        redis = server.client
        begin(redis, 7, base=BASE)
        queue.configure(redis, 7, settings, capacity=1)
        places = [queue.join(redis, 7, user, settings) for user in (1, 2)]
        server.kill()
        server.start()
        with pytest.raises(queue.Recall):
            queue.admit(redis, 7, over)
        queue.finish(redis, places[0].token, over)
        assert queue.poll(redis, places[1].token, over).state == "waiting"
        assert state_of(redis, 7, over) == "recover"
        begin(redis, 7, base=2 * BASE, lost=True, settings={"capacity": 1})
        queue.admit_holders(redis, 7, over, [])
        assert queue.poll(redis, places[1].token, over).state == "admitted"
