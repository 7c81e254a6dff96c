"""Events: written with the payment, told at least once, each repeat recognisable."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from boxoffice.core import errors
from boxoffice.core.events import HINT_CHANNEL, STREAM
from tests.conftest import PRICE, key, staff

ONE = staff("user1")


@pytest.fixture
def held(world):
    world.office.charge(PRICE, "user1", key=key())
    return world.office.reserve(world.performance, ONE, seats=["A-1"], key=key()).reservation


def sent(world):
    """Return the id and type of what is in the stream."""
    with world.office.stores.redis() as redis:
        return [(e[b"id"].decode(), e[b"type"].decode()) for _, e in redis.xrange(STREAM)]


def unsent(world):
    return world.box.one("SELECT count(*) FROM outbox WHERE sent_at IS NULL")


def test_an_event_is_written_with_the_payment_and_with_the_refund_and_with_nothing_else(
    world, held
):
    assert unsent(world) == 0
    world.office.pay(held, ONE, key=key())
    world.office.cancel(held, ONE, key=key())
    other = world.office.reserve(world.performance, ONE, seats=["A-2"], key=key())
    world.office.cancel(other.reservation, ONE, key=key())
    assert world.box.rows("SELECT type, dedupe_key FROM outbox ORDER BY id") == [
        ("reservation.paid", f"pay:{held}"),
        ("reservation.refunded", f"cancel:{held}"),
    ]


def test_no_payment_no_event(world, held):
    world.office.cancel(held, ONE, key=key())
    with pytest.raises(errors.AlreadyCancelled):
        world.office.pay(held, ONE, key=key())
    penniless = world.office.reserve(world.performance, staff("user2"), seats=["A-2"], key=key())
    with pytest.raises(errors.InsufficientBalance):
        world.office.pay(penniless.reservation, staff("user2"), key=key())
    assert unsent(world) == 0


def test_the_event_tells_who_paid_what_for_which_seats(world, held):
    paid = world.office.pay(held, ONE, key=key())
    assert world.office.relay_events() == 1
    with world.office.stores.redis() as redis:
        ((_, event),) = redis.xrange(STREAM)
    payload = json.loads(event[b"payload"])
    assert payload["user"] == world.users[0]
    assert payload["seats"] == ["A-1"]
    assert payload["paid"] == {"amount": PRICE, "currency": "KRW"}
    assert payload["payment"] == paid.payment


def test_each_event_is_relayed_in_its_order_and_then_no_more(world, held):
    world.office.pay(held, ONE, key=key())
    world.office.cancel(held, ONE, key=key())
    assert world.office.relay_events() == 2
    assert world.office.relay_events() == 0
    assert sent(world) == [
        (f"pay:{held}", "reservation.paid"),
        (f"cancel:{held}", "reservation.refunded"),
    ]
    assert unsent(world) == 0


class Died(Exception):
    """The end of a relay, after sending and before its commit."""


def test_a_relay_that_dies_before_its_commit_loses_nothing_and_repeats_the_same_id(world, held):
    world.office.pay(held, ONE, key=key())
    from boxoffice.core import events

    stores = world.office.stores
    with suppress(Died), stores.redis() as redis, stores.transaction() as connection:
        assert events.relay(connection, redis, events_max=10) == 1
        raise Died
    assert unsent(world) == 1
    assert world.office.relay_events() == 1
    assert [event for event, _ in sent(world)] == [f"pay:{held}"] * 2


def test_an_event_that_could_not_be_sent_stays_unsent_and_the_failure_is_told(world, held):
    world.office.pay(held, ONE, key=key())
    broken = world.box.office(redis_url="unix:///nonexistent/socket")
    with pytest.raises(errors.QueueUnavailable):
        broken.relay_events()
    with world.office.stores.redis() as redis:
        redis.set(STREAM, "not a stream")
        with pytest.raises(errors.QueueUnavailable):
            world.office.relay_events()
        redis.delete(STREAM)
    assert unsent(world) == 1
    assert world.office.relay_events() == 1


def test_two_relays_at_once_take_different_events(world, held):
    world.office.pay(held, ONE, key=key())
    world.office.cancel(held, ONE, key=key())
    from boxoffice.core import events

    first, second = world.box.office().stores, world.box.office().stores
    with first.redis() as redis, first.transaction() as one, second.transaction() as two:
        assert events.relay(one, redis, events_max=1) == 1
        assert events.relay(two, redis, events_max=10) == 1
    assert sorted(event for event, _ in sent(world)) == [f"cancel:{held}", f"pay:{held}"]
    assert unsent(world) == 0


def test_events_that_committed_out_of_order_are_all_sent(world, held):
    """A lower number may commit after a higher one was sent; it is unsent, so it is found."""
    world.office.pay(held, ONE, key=key())
    world.office.relay_events()
    world.box.execute(
        "INSERT INTO outbox (performance_id, id, dedupe_key, type, payload)"
        " OVERRIDING SYSTEM VALUE VALUES (%s, 0, 'late', 'test', '{}')",
        world.performance,
    )
    assert world.office.relay_events() == 1
    assert sent(world)[-1] == ("late", "test")


def test_every_change_of_a_seat_is_hinted_after_the_commit_by_label_where_it_is_known(world):
    world.office.charge(PRICE, "user1", key=key())
    with world.box.office().stores.redis() as redis:
        channel = redis.pubsub(ignore_subscribe_messages=True)
        channel.subscribe(HINT_CHANNEL)
        channel.get_message(timeout=5)
        held = world.office.reserve(world.performance, ONE, seats=["A-1"], key=key())
        world.office.pay(held.reservation, ONE, key=key())
        world.office.cancel(held.reservation, ONE, key=key())
        heard = [channel.get_message(timeout=5) for _ in range(3)]
        channel.close()
    seat, any_seat = f"{world.performance}\nA-1".encode(), str(world.performance).encode()
    assert [message["data"] for message in heard] == [seat, seat, any_seat]


def test_a_hint_that_cannot_be_sent_harms_no_sale_and_is_not_tried_again_at_once(world):
    office = world.box.office(redis_url="unix:///nonexistent/socket")
    for label in ("A-1", "A-2"):
        held = office.reserve(world.performance, ONE, seats=[label], key=key())
        assert replace(held, seats=()).state == "held"
    assert world.seats("held") == 2
