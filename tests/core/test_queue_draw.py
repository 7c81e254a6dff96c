"""The draw: the order nobody can know before the start, and everybody can check after it."""

from __future__ import annotations

import hashlib
import random

import pytest

from boxoffice.core import errors, queue
from boxoffice.core.queue import draw, memory, recovery
from tests.conftest import key
from tests.core.conftest import begin

SEED = "5eed" * 16
WAITING = 20_000
FILL = """
for user = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local lot = tonumber(string.sub(redis.sha1hex(ARGV[4] .. ':' .. user), 1, 13), 16) - 2 ^ 52
  redis.call('ZADD', KEYS[1], string.format('%.0f', lot), user)
  redis.call('ZADD', KEYS[2], ARGV[3], user)
  redis.call('HSET', KEYS[3], user, string.format('%d:0:0:1:%s:1', user, ARGV[3]))
end
"""


def line_of(redis, concert):
    return [int(user) for user in redis.zrange(f"{{concert:{concert}}}:waiting", 0, -1)]


def gather(redis, concert, settings, users):
    queue.configure(redis, concert, settings, state="pre", seed=SEED)
    return {user: queue.join(redis, concert, user, settings) for user in users}


def test_places_taken_before_the_start_go_by_lot_and_later_ones_by_coming(redis, concert, settings):
    users = random.sample(range(1, 100_000), 120)
    gather(redis, concert, settings, users)
    assert queue.configure(redis, concert, settings, state="paused") == 120
    late = random.sample(range(200_000, 300_000), 30)
    for user in late:
        queue.join(redis, concert, user, settings)
    assert line_of(redis, concert) == draw.order(SEED, users) + late


def test_the_lot_is_the_rank_of_the_sha1_of_seed_and_user():
    users = list(range(1, 200))
    by_hash = sorted(users, key=lambda u: hashlib.sha1(f"{SEED}:{u}".encode()).hexdigest())
    assert draw.order(SEED, users) == by_hash


def test_nobody_learns_of_an_order_before_the_draw(redis, concert, settings):
    places = gather(redis, concert, settings, range(1, 40))
    for place in places.values():
        for told in (place, queue.poll(redis, place.token, settings)):
            assert (told.state, told.position, told.ahead, told.wait_seconds) == (
                ("waiting", None, None, None)
            )
            assert 16 <= told.poll_seconds <= 24  # of no use to tell a place near the front
        admission = queue.check(redis, place.token, settings)
        assert admission.position is None
        with pytest.raises(errors.NotAdmitted, match="drawn by lot at the start"):
            queue.require_admitted(admission)
    shown = queue.show(redis, concert, settings, 100)
    assert (shown.waiting, shown.line.waiting, shown.line.state) == ((), 39, "pre")
    assert queue.admit(redis, concert, settings).admitted == 0


def test_the_stub_of_a_drawn_place_says_nothing_of_the_lot_and_gives_it_back(
    redis, concert, settings
):
    users = list(range(1, 30))
    places = gather(redis, concert, settings, users)
    queue.configure(redis, concert, settings, state="paused")
    redis.delete(*redis.scan_iter(f"{{concert:{concert}}}:*"))
    begin(redis, concert, base=2**32, lost=True, seed=SEED, settings={"state": "paused"})
    queue.admit_holders(redis, concert, settings, [])
    queue.join(redis, concert, 99, settings)
    for user in random.sample(users, len(users)):
        assert queue.restore(redis, places[user].token, places[user].stub, settings)
    assert line_of(redis, concert) == [*draw.order(SEED, users), 99]


def test_who_left_and_came_again_has_the_same_lot_and_a_new_place(redis, concert, settings):
    places = gather(redis, concert, settings, range(1, 10))
    queue.leave(redis, places[5].token, settings)
    again = queue.join(redis, concert, 5, settings)
    assert queue.leave(redis, places[5].token, settings).replayed
    assert queue.poll(redis, again.token, settings).state == "waiting"
    queue.configure(redis, concert, settings, state="paused")
    assert line_of(redis, concert) == draw.order(SEED, range(1, 10))


def test_there_is_one_draw_and_only_for_a_queue_that_nobody_is_in(redis, concert, settings):
    place = queue.join(redis, concert, 1, settings)
    with pytest.raises(errors.DrawRefused, match="in this queue already"):
        queue.configure(redis, concert, settings, state="pre", seed=SEED)
    queue.leave(redis, place.token, settings)
    gather(redis, concert, settings, [1, 2])
    assert queue.configure(redis, concert, settings, state="pre", seed="another") is None
    assert queue.configure(redis, concert, settings, state="open") == 2
    assert queue.configure(redis, concert, settings, state="open") is None
    with pytest.raises(errors.DrawRefused):
        queue.configure(redis, concert, settings, state="pre", seed=SEED)


def test_the_draw_of_twenty_thousand_costs_the_server_a_millisecond(redis, concert, settings):
    """Every place has its order from the moment it is taken, so there is nothing to sort."""
    gather(redis, concert, settings, [])
    names = [f"{{concert:{concert}}}:{name}" for name in ("waiting", "seen", "places")]
    now = redis.time()[0] * 1000
    for first in range(1, WAITING, 5_000):
        redis.eval(FILL, 3, *names, first, first + 4_999, now, SEED)
    redis.config_resetstat()
    assert queue.configure(redis, concert, settings, state="open") == WAITING
    calls = redis.info("commandstats")
    assert calls["cmdstat_zcount"]["calls"] == 1
    assert not {"cmdstat_sort", "cmdstat_zadd", "cmdstat_zrangestore"} & calls.keys()
    assert calls["cmdstat_hset"]["calls"] < 10
    assert line_of(redis, concert) == draw.order(SEED, range(1, WAITING + 1))


def test_the_seed_is_committed_to_before_and_told_after_on_the_record(world):
    concert = str(world.concert)
    with pytest.raises(errors.DrawNotFound):
        world.office.queue_draw(concert)
    assert world.office.configure_queue(concert, state="pre").state == "pre"
    anybody = world.box.office(role="customer", user="user1")
    before = anybody.queue_draw(concert)
    assert (before.state, before.seed, before.drawn) == ("pre", None, None)
    for user in ("user1", "user2", "user3"):
        assert world.office.enqueue(concert, user, key=key()).position is None
    assert anybody.queue_draw(concert) == before
    world.office.configure_queue(concert, state="paused")
    after = anybody.queue_draw(concert)
    assert (after.commitment, after.drawn) == (before.commitment, 3)
    assert draw.verify(before.commitment, after.seed)
    assert not draw.verify(before.commitment, after.seed[::-1])
    shown = [waiter.user for waiter in world.office.show_queue(world.concert).waiting]
    assert shown == draw.order(after.seed, world.users)
    with pytest.raises(errors.DrawRefused):
        world.office.configure_queue(concert, state="pre")
    audited = world.box.rows("SELECT detail::text FROM audit WHERE action = 'configure queue'")
    assert not [detail for (detail,) in audited if after.seed in detail]


def test_a_draw_is_never_changed_in_the_database(world):
    world.office.configure_queue(str(world.concert), state="pre")
    for statement in (
        "UPDATE draws SET seed = 'x', commitment = encode(sha256('x'), 'hex')",
        "DELETE FROM draws",
        "INSERT INTO draws (concert_id, seed, commitment) VALUES (1, 'x', 'y')",
    ):
        with pytest.raises(Exception, match="draw"):
            world.box.execute(statement)


def test_a_draw_survives_the_loss_of_redis_before_it_and_is_held_once(world):
    concert = str(world.concert)
    world.office.configure_queue(concert, state="pre")
    before = world.office.queue_draw(concert)
    places = [world.office.enqueue(concert, user, key=key()) for user in ("user1", "user2")]
    with world.office.stores.redis() as redis:
        redis.flushall()
    for place in places:
        assert world.office.position(place.token, stub=place.stub).position is None
    world.office.configure_queue(concert, state="open")
    after = world.office.queue_draw(concert)
    assert (after.commitment, after.drawn) == (before.commitment, 2)


# --- whoever ends `pre` may be cut off after Postgres was told, and before the queue was ---


@pytest.fixture
def cut_off(world):
    """Three places to be drawn, and an operator who told only Postgres that the queue opens."""
    concert = str(world.concert)
    world.office.configure_queue(concert, state="pre")
    places = [
        world.office.enqueue(concert, user, key=key()) for user in ("user1", "user2", "user3")
    ]
    with world.office.stores.transaction() as connection:
        assert memory.keep_settings(connection, world.concert, {"state": "open", "capacity": 1})
    return world, concert, places


def check_draw(world, concert, commitment, drawn):
    """The draw was held, by the seed that was committed to, and gave the order that it says."""
    held = world.office.queue_draw(concert)
    assert (held.commitment, held.drawn) == (commitment, drawn)
    assert draw.verify(commitment, held.seed)
    with pytest.raises(errors.DrawRefused):
        world.office.configure_queue(concert, state="pre")
    view = world.office.show_queue(world.concert)
    people = [*view.admitted, *view.waiting]
    assert [each.user for each in people] == draw.order(held.seed, world.users)


def test_cut_off_the_draw_stays_to_be_held_and_its_seed_a_secret(cut_off):
    world, concert, places = cut_off
    before = world.office.queue_draw(concert)
    assert (before.state, before.seed, before.drawn) == ("pre", None, None)
    world.office.configure_queue(concert, burst=5)
    assert world.office.queue_draw(concert) == before
    assert world.office.position(places[0].token).position is None
    world.office.configure_queue(concert, state="open", capacity=1)
    check_draw(world, concert, before.commitment, 3)


def test_cut_off_and_then_lost_the_draw_is_the_same_and_is_told(cut_off):
    world, concert, places = cut_off
    before = world.office.queue_draw(concert)
    with world.office.stores.redis() as redis:
        redis.flushall()
    for place in places:
        assert world.office.position(place.token, stub=place.stub).position is not None
    check_draw(world, concert, before.commitment, None)


def test_cut_off_and_then_told_again_the_queue_holds_the_draw_itself(cut_off):
    world, concert, _ = cut_off
    before = world.office.queue_draw(concert)
    with world.office.stores.redis() as redis:
        recovery.recall(world.office.stores, world.office.settings, world.concert, redis)
    check_draw(world, concert, before.commitment, 3)


def test_an_attempt_at_a_draw_that_the_queue_refused_reveals_nothing(world):
    concert = str(world.concert)
    world.office.enqueue(concert, "user1", key=key())
    with pytest.raises(errors.DrawRefused):
        world.office.configure_queue(concert, state="pre")
    world.office.configure_queue(concert, state="open")
    assert world.office.queue_draw(concert).seed is None
