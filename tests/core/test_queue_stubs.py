"""How long a stub is good for: as long as its token would be, and no longer than its place."""

from __future__ import annotations

import dataclasses
import hmac

import pytest

from boxoffice.core import errors, queue, tokens
from boxoffice.core.model import Caller
from boxoffice.core.queue import stubs
from boxoffice.core.references import encode
from tests.conftest import PRICE, key
from tests.core.conftest import STUB_KEY, begin

BASE = 2**32
DAY = 86_400
HOUR = 3_600


def lose(redis, concert, settings, *, payers=(), kept=None):
    """Lose all of a queue, and tell it what Postgres knows."""
    redis.delete(*redis.scan_iter(f"{{concert:{concert}}}:*"))
    begin(redis, concert, base=BASE, lost=True, settings=kept or {"state": "paused"})
    queue.note_payers(redis, concert, settings, payers)
    queue.admit_holders(redis, concert, settings, [])


def aged(place, seconds, stub_key=STUB_KEY):
    """The stub of a place as it would be had it been issued so much earlier."""
    held = stubs.read(place.stub, place.concert, place.token, stub_key)
    older = dataclasses.replace(held, issued=held.issued - seconds)
    return stubs.write(older, place.concert, place.token, stub_key)


@pytest.fixture
def place(redis, concert, settings):
    queue.configure(redis, concert, settings, state="paused")
    return queue.join(redis, concert, 1, settings)


def restored(redis, place, stub, settings):
    return queue.restore(redis, place.token, stub, settings)


def test_a_stub_is_good_for_the_day_that_its_token_lives_unused(redis, place, settings):
    for seconds, good in ((DAY + 60, False), (DAY - 60, True)):
        lose(redis, place.concert, settings)
        assert restored(redis, place, aged(place, seconds), settings) == good


def test_its_age_is_counted_to_the_loss_and_not_to_the_coming_back(redis, place, settings):
    lose(redis, place.concert, settings)
    line = f"{{concert:{place.concert}}}:line"
    redis.hincrby(line, "lost_at", -2 * DAY * 1000)  # it was paused for two days since
    assert not restored(redis, place, aged(place, 3 * DAY + 60), settings)
    assert restored(redis, place, aged(place, 2 * DAY + HOUR), settings)


def test_a_poll_gives_a_fresh_stub_for_one_that_is_old_or_of_no_use(redis, place, settings):
    for shown in (None, place.stub, aged(place, HOUR - 60)):
        assert queue.poll(redis, place.token, settings, shown).stub is None
    for shown in (aged(place, HOUR), aged(place, 30 * DAY), aged(place, -DAY), "S0", "x", "\u00e9"):
        fresh = queue.poll(redis, place.token, settings, shown)
        own = stubs.read(fresh.stub, place.concert, place.token, STUB_KEY)
        first = stubs.read(place.stub, place.concert, place.token, STUB_KEY)
        assert own == dataclasses.replace(first, issued=own.issued)
        assert 0 <= own.issued - first.issued < HOUR
    lose(redis, place.concert, settings)
    assert restored(redis, place, fresh.stub, settings)


def test_the_stub_of_an_admitted_place_is_fresh_as_well(redis, place, settings):
    queue.configure(redis, place.concert, settings, state="open")
    told = queue.poll(redis, place.token, settings, aged(place, 2 * HOUR))
    assert (told.state, told.stub is None) == ("admitted", False)


def test_a_stub_of_the_former_format_is_no_other_place(redis, place, settings):
    held = stubs.read(place.stub, place.concert, place.token, STUB_KEY)
    packed = ((held.user << 53 | held.number) << 32 | held.terminal) << 1 | held.drawn
    signed = f"{place.concert}:{packed}:{tokens.fingerprint(place.token)}".encode()
    signature = hmac.digest(bytes.fromhex(STUB_KEY), signed, "sha256")[:16]
    former = stubs.MARK + encode(packed << 128 | int.from_bytes(signature))
    assert stubs.read(former, place.concert, place.token, STUB_KEY) is None
    assert queue.poll(redis, place.token, settings, former).stub is not None


def test_a_stub_of_before_the_payment_is_spent_and_one_of_after_it_is_not(redis, place, settings):
    paid_a_minute_ago = [(1, 60_000)]
    for seconds, good in ((120, False), (0, True)):
        lose(redis, place.concert, settings, payers=paid_a_minute_ago)
        assert restored(redis, place, aged(place, seconds), settings) == good
    lose(redis, place.concert, settings, payers=[(2, 0)])
    assert restored(redis, place, aged(place, 120), settings)


def test_who_paid_in_one_database_is_somebody_else_in_another(redis, place, settings):
    queue.note_payers(redis, place.concert, settings, [(1, 0)])
    queue.found(
        redis, place.concert, queue.Founding(database="another", stub_key=STUB_KEY, base=BASE)
    )
    assert not redis.exists(f"{{concert:{place.concert}}}:payers")


def test_who_paid_just_before_the_loss_comes_back_as_anybody_new(world):
    world.office.charge(PRICE, "user1", key=key())
    world.office.configure_queue(str(world.concert), capacity=1)
    paid, other = (
        world.office.enqueue(str(world.concert), user, key=key()) for user in ("user1", "user2")
    )
    customer = world.box.office(role="customer")
    caller = Caller(token=paid.token)
    held = customer.reserve(world.performance, caller, seats=["A-1"], key=key())
    customer.pay(held.reservation, caller, key=key())
    assert customer.position(other.token).state == "admitted"
    with world.office.stores.redis() as redis:
        redis.flushall()
    stub = aged(paid, 120, world.box.one("SELECT stub_key FROM queue_identity"))
    with pytest.raises(errors.TokenInvalid):
        customer.position(paid.token, stub=stub)
    again = world.office.enqueue(
        str(world.concert), "user1", token=paid.token, stub=stub, key=key()
    )
    assert again.token != paid.token
    assert customer.position(other.token, stub=other.stub).position == 1
    assert customer.position(again.token).position == 2
