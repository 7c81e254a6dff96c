"""The queue on a Redis Cluster of three masters, one of which is killed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from boxoffice.core import cluster, errors, queue
from boxoffice.core.model import LinkChanged, SeatsChanged, SeatsRead
from tests.conftest import PRICE, SHOW, key, make_world, staff
from tests.portability.masters import SLOTS, Masters, master_of, master_of_key

ONE = staff("user1")
NAMES = "{directory}"  # the hash tag of core/directory.py
DAY = timedelta(days=1)
HINTED_SECONDS = 1.5  # less than the two seconds after which a watch looks by itself


@pytest.fixture
def masters(daemons):
    return Masters(daemons)


@pytest.fixture
def clustered(box, masters):
    """Put the cluster in the place of the one Redis."""
    changes = {"redis_url": masters.url, "allow_insecure": "redis"}
    environment = {f"BOXOFFICE_{name.upper()}": value for name, value in changes.items()}
    return replace(
        box, environment=box.environment | environment, settings=replace(box.settings, **changes)
    )


def one_concert_each(world):
    """Make concerts until each master has the queue of one; return them, by master."""
    found = {master_of(world.concert): world.concert}
    while len(found) < len(SLOTS):
        made = world.office.create_concert(f"Concert {key()}", "Room", key=key()).id
        found.setdefault(master_of(made), made)
    return found


def queue_up(office, concerts):
    """Let one person into each concert, and two wait for it; return the places by master."""
    found = {}
    for master, concert in concerts.items():
        office.configure_queue(str(concert), capacity=1)
        found[master] = [office.enqueue(str(concert), f"user{n}", key=key()) for n in (1, 2, 3)]
    return found


def positions(office, places):
    return [(at.state, at.position) for at in (office.position(place.token) for place in places)]


STANDING = [("admitted", None), ("waiting", 1), ("waiting", 2)]


def test_a_queue_goes_on_wherever_its_concert_is(clustered):
    world = make_world(clustered)
    concerts = one_concert_each(world)
    for master, places in queue_up(world.office, concerts).items():
        assert positions(world.office, places) == STANDING
        assert world.office.leave(places[0].token).state == "left"
        assert world.office.position(places[1].token).state == "admitted"
        again = world.office.enqueue(str(concerts[master]), "user2", token=places[1].token)
        assert (again.state, again.token) == ("admitted", places[1].token)
    assert world.office.inspect().queue == "checked"
    assert world.office.verify() == ()


def buy(office, performance, seat):
    """Sell a seat at the counter."""
    office.charge(PRICE, "user1", key=key())
    held = office.reserve(performance, ONE, seats=[seat], key=key())
    return office.pay(held.reservation, ONE, key=key())


def test_live_maps_and_events_reach_whoever_listens_to_a_cluster(clustered):
    world = make_world(clustered)
    with closing(clustered.office().watch(world.performance)) as watch:
        assert watch.next(5) == LinkChanged(state="live")
        assert isinstance(watch.next(5), SeatsRead)
        buy(world.office, world.performance, "A-1")
        assert isinstance(watch.next(HINTED_SECONDS), SeatsChanged)
    assert [concert.id for concert in world.office.list_concerts()] == [world.concert]
    assert world.office.relay_events() == 1


def test_a_master_that_dies_closes_its_queues_and_no_other_and_stops_no_sale(clustered, masters):
    world = make_world(clustered, users=4)
    concerts = one_concert_each(world)
    places = queue_up(world.office, concerts)
    lost = master_of_key(NAMES)  # so the names of all users are lost as well
    masters.kill(lost)
    for master, concert in concerts.items():
        ran = clustered.run("enqueue", str(concert), "--user", "user4", "--json")
        if master == lost:
            assert (ran.code, ran.error["code"]) == (6, "queue_unavailable")
        else:
            assert ran.json["position"] == 3
            assert positions(world.office, places[master]) == STANDING
        performance = world.office.create_performance(
            str(concert), SHOW + DAY * (master + 1), prices={"Standard": PRICE}, key=key()
        ).performance
        assert buy(world.office, performance, "A-1").state == "paid"
    masters.start(lost)
    masters.wait_whole()
    assert positions(world.office, places[lost]) == STANDING
    assert world.office.verify() == ()


def test_an_address_of_a_cluster_names_its_nodes_with_all_that_one_needs():
    assert cluster.nodes_of("redis://one:1") == []
    assert cluster.nodes_of("redis+cluster://one,two:2") == ["redis://one", "redis://two:2"]
    assert cluster.nodes_of("rediss+cluster://me:pw@one:1,two:2?ssl_ca_certs=ca.pem") == [
        "rediss://me:pw@one:1?ssl_ca_certs=ca.pem",
        "rediss://me:pw@two:2?ssl_ca_certs=ca.pem",
    ]


@pytest.mark.parametrize("url", ["redis+cluster://", "unix+cluster:///s", "redis+cluster://a:x"])
def test_what_is_no_address_of_a_cluster_is_refused_without_repeating_it(url):
    with pytest.raises(errors.InputInvalid) as refusal:
        queue.connect(url)
    assert url not in refusal.value.message
