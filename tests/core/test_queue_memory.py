"""The queue with both stores at hand: what Postgres gives back, and staff beside the line."""

from __future__ import annotations

import math
import multiprocessing

import pytest

from boxoffice.core import errors
from boxoffice.core.allowance import session_of
from boxoffice.core.audit import Principal
from boxoffice.core.model import Caller
from tests.conftest import PRICE, key, make_world, staff
from tests.invariants import assert_consistent

NOWHERE = "unix:///nonexistent/socket"
NO_DATABASE = "postgresql://boxoffice@/boxoffice?host=/nonexistent"
FORK = multiprocessing.get_context("fork")


def flush(world):
    with world.office.stores.redis() as redis:
        redis.flushall()


def enqueue(world, user, **options):
    return world.office.enqueue(str(world.concert), user, key=key(), **options)


def end_recovery(world):
    with world.office.stores.redis() as redis:
        redis.hdel(f"{{concert:{world.concert}}}:line", "recover_from")


def test_settings_of_a_queue_survive_the_loss_of_redis(world):
    world.office.configure_queue(str(world.concert), state="paused", capacity=3)
    world.office.configure_queue(str(world.concert), capacity=None, rate_per_minute=77)
    flush(world)
    line = world.office.show_queue(world.concert).line
    assert (line.capacity, line.rate_per_minute) == (world.office.settings.queue_capacity, 77)
    end_recovery(world)
    assert world.office.show_queue(world.concert).line.state == "paused"


def test_after_the_loss_tokens_go_on_with_their_stubs_and_the_order_is_the_old_one(world):
    world.office.configure_queue(str(world.concert), capacity=1)
    first, second, third = (enqueue(world, user) for user in ("user1", "user2", "user3"))
    flush(world)
    with pytest.raises(errors.TokenInvalid):
        world.office.position(third.token)
    for place, position in ((third, 1), (second, 1), (first, 1)):
        told = world.office.position(place.token, stub=place.stub)
        assert (told.state, told.position, told.token) == ("waiting", position, place.token)
    assert world.office.position(third.token).position == 3
    assert world.office.show_queue(world.concert).line.state == "recover"
    end_recovery(world)
    assert world.office.position(first.token).state == "admitted"


def test_who_holds_seats_pays_at_once_after_the_loss(world):
    world.office.charge(PRICE, "user1", key=key())
    place = enqueue(world, "user1")
    customer = world.box.office(role="customer")
    caller = Caller(token=place.token, stub=place.stub)
    held = customer.reserve(world.performance, caller, seats=["A-1"], key=key())
    flush(world)
    customer.pay(held.reservation, caller, key=key())
    assert world.seats("sold") == 1
    with pytest.raises(errors.PlaceNotFound):  # the payment ended the place, as ever
        customer.position(place.token)
    assert_consistent(world.box)


def test_a_second_loss_and_several_callers_at_once_give_everybody_one_place(world):
    places = [enqueue(world, user) for user in ("user1", "user2", "user3")]
    for _ in range(2):
        flush(world)
        callers = [FORK.Process(target=ask_again, args=(world.box, p)) for p in places * 2]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(60)
        assert [caller.exitcode for caller in callers] == [0] * 6
        view = world.office.show_queue(world.concert)
        assert [waiter.user for waiter in view.waiting] == list(world.users)


def ask_again(box, place):
    assert box.office().position(place.token, stub=place.stub).state == "waiting"


def test_enqueue_with_token_and_stub_gives_the_same_place_and_token_again(world):
    world.office.configure_queue(str(world.concert), state="paused")
    first, _ = enqueue(world, "user1"), enqueue(world, "user2")
    flush(world)
    new = enqueue(world, "user3")
    again = enqueue(world, "user1", token=first.token, stub=first.stub)
    assert (again.token, again.position) == (first.token, 1)
    assert world.office.position(new.token).position == 2


def test_without_postgres_a_lost_queue_says_so_and_a_restarted_one_goes_on(world):
    place = enqueue(world, "user1")
    office = world.box.office(database_url=NO_DATABASE)
    with office.stores.redis() as redis:
        line = f"{{concert:{world.concert}}}:line"
        redis.hset(line, mapping={"recall": 0})  # as a restart leaves it
        assert office.position(place.token).state == "admitted"
        redis.delete(line)
    with pytest.raises(errors.DatabaseUnavailable):
        office.position(place.token)


def test_a_queue_of_another_database_gives_nobody_rights_in_this_one(box):
    """The database was replaced under a Redis that was kept: its users are other people."""
    old = make_world(box)
    place = enqueue(old, "user1")
    box.execute("UPDATE queues SET number_base = 9 * number_base")
    with old.office.stores.redis() as redis:
        redis.flushall()
    assert old.office.position(place.token, stub=place.stub).state == "waiting"
    end_recovery(old)
    box.execute("TRUNCATE queue_identity, draws, queues")
    customer = box.office(role="customer")
    caller = Caller(token=place.token, stub=place.stub)
    with pytest.raises(errors.TokenInvalid, match="another database"):
        customer.balance(token=place.token)
    with pytest.raises(errors.TokenInvalid):
        customer.reserve(old.performance, caller, seats=["A-1"], key=key())
    assert old.seats("free") == 50
    held = old.office.reserve(old.performance, staff("user1"), seats=["A-1"], key=key())
    for act in (
        lambda office: office.reserve(old.performance, caller, seats=["A-2"], key=key()),
        lambda office: office.cancel(held.reservation, caller, key=key()),
        lambda office: office.list_reservations(token=place.token),
        lambda office: office.position(place.token, stub=place.stub),
    ):
        with pytest.raises(errors.TokenInvalid):
            act(box.office(role="customer"))
    again = box.office().enqueue(str(old.concert), "user1", key=key())
    with old.office.stores.redis() as redis:
        base = int(redis.hget(f"{{concert:{old.concert}}}:line", "base"))
    assert again.state == "admitted"
    assert box.one("SELECT number_base FROM queues") >= base


def test_a_name_known_from_another_database_is_asked_for_again(world):
    enqueue(world, "user1")
    with world.office.stores.redis() as redis:
        for entry in redis.scan_iter("{directory}:*"):
            redis.set(entry, "3@elsewhere")
    assert enqueue(world, "user2").user == world.users[1]


def test_whose_token_it_is_is_asked_of_the_queues_own_database(world):
    place = enqueue(world, "user1")
    with world.office.stores.redis() as redis:
        redis.set("{directory}:user:user1", f"{world.users[2]}@elsewhere")
        redis.set("{directory}:user:user3", f"{world.users[0]}@elsewhere")
    own = world.box.office(role="customer", user="user1")
    assert own.position(place.token).state == "admitted"
    with pytest.raises(errors.TokenInvalid, match="another user"):
        world.box.office(role="customer", user="user3").position(place.token)


def test_a_hold_near_the_end_of_the_longest_admission_does_not_outlive_it(world):
    limits = {"admission_seconds": 30, "admission_seconds_max": 40, "hold_seconds": 300}
    place = world.box.office(**limits).enqueue(str(world.concert), "user1", key=key())
    customer = world.box.office(role="customer", **limits)
    caller = Caller(token=place.token)
    held = customer.reserve(world.performance, caller, seats=["A-1"], key=key())
    assert held.held_until < customer.position(place.token).admitted_until
    short = world.box.office(role="customer", **limits | {"admission_seconds_max": 12})
    with world.office.stores.redis() as redis:
        name = f"{{concert:{world.concert}}}"
        number = redis.hget(f"{name}:places", world.users[0]).decode().split(":")[0]
        end = redis.time()[0] * 1000 + 12_000
        redis.zadd(f"{name}:admitted", {world.users[0]: end})
        redis.hset(f"{name}:places", world.users[0], f"{number}:1:{end}:1:0:0")
    with pytest.raises(errors.NotAdmitted, match="too soon to hold seats"):
        short.reserve(world.performance, caller, seats=["A-2"], key=key())
    assert world.seats("held") == 1


# --- staff beside the line ---


@pytest.fixture
def crowded(world):
    """A concert whose whole allowance is used by somebody else."""
    world.office.configure_queue(str(world.concert), staff_allowance=1)
    with world.office.stores.redis() as redis:
        name = f"{{concert:{world.concert}}}:staff"
        redis.zadd(name, {"somebody else": redis.time()[0] * 1000})
    return world


def sell(office, world, seat, the_key=None):
    return office.reserve(world.performance, staff("user1"), seats=[seat], key=the_key or key())


def test_staff_sell_beside_the_line_as_far_as_the_allowance_goes(crowded):
    with pytest.raises(errors.StaffAllowanceUsed, match="1 others"):
        sell(crowded.office, crowded, "A-1")
    assert crowded.seats("free") == 50
    crowded.office.configure_queue(str(crowded.concert), staff_allowance=2)
    assert sell(crowded.office, crowded, "A-1").state == "held"
    crowded.office.configure_queue(str(crowded.concert), staff_allowance=1)
    assert sell(crowded.office, crowded, "A-2").state == "held"  # it counts already


def test_a_session_counts_for_a_minute_after_its_last_sale(crowded):
    with crowded.office.stores.redis() as redis:
        name = f"{{concert:{crowded.concert}}}:staff"
        redis.zadd(name, {"somebody else": (redis.time()[0] - 61) * 1000})
    sell(crowded.office, crowded, "A-1")
    with crowded.office.stores.redis() as redis:
        assert 0 < redis.pttl(name) <= 60_000
        assert redis.zcard(name) == 1


def test_a_session_that_was_counted_a_moment_ago_is_not_counted_at_every_sale(crowded):
    crowded.office.configure_queue(str(crowded.concert), staff_allowance=2)
    sell(crowded.office, crowded, "A-1")
    counted = crowded.office._access._allowance._counted_until
    name = f"{{concert:{crowded.concert}}}:staff"
    with crowded.office.stores.redis() as redis:
        redis.delete(name)
        counted.update(dict.fromkeys(counted, math.inf))
        sell(crowded.office, crowded, "A-2")
        assert not redis.exists(name)
        counted.update(dict.fromkeys(counted, 0))
        sell(crowded.office, crowded, "A-3")
        assert redis.exists(name)


def test_what_was_sold_is_answered_again_though_the_allowance_is_used_by_now(crowded):
    crowded.office.configure_queue(str(crowded.concert), staff_allowance=2)
    held = sell(crowded.office, crowded, "A-1", "the key")
    with crowded.office.stores.redis() as redis:
        name = f"{{concert:{crowded.concert}}}:staff"
        redis.delete(name)
        now = redis.time()[0] * 1000
        redis.zadd(name, {"one": now, "two": now})
    again = sell(crowded.box.office(), crowded, "A-1", "the key")
    assert (again.reservation, again.replayed) == (held.reservation, True)


def test_every_login_counts_once_whatever_it_runs():
    kim, lee = (Principal(name=f"clerk:{name}", terminal=None) for name in ("kim", "lee"))
    assert session_of(kim) == session_of(kim)
    at_desk = Principal(name="clerk:kim", terminal="/dev/pts/7")
    assert len({session_of(kim), session_of(lee), session_of(at_desk)}) == 3


def test_without_redis_staff_sell_on_and_the_record_says_so(world):
    office = world.box.office(redis_url=NOWHERE)
    sell(office, world, "A-1", "first")
    sell(office, world, "A-2", "second")  # and Redis is not waited for again
    assert world.seats("held") == 2
    noted = world.box.rows(
        "SELECT operation_key, user_id, detail FROM audit"
        " WHERE action = 'sell without the queue' ORDER BY id"
    )
    about = {"performance": world.performance, "queue": "away"}
    assert noted == [("first", world.users[0], about), ("second", world.users[0], about)]
    sell(world.office, world, "A-3")
    assert len(noted) == 2
