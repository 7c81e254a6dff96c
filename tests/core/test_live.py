"""Watching a performance: every change is told, with Redis or without, and after any outage."""

from __future__ import annotations

import os
import random
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from boxoffice.core import embedded, errors
from boxoffice.core.config import load
from boxoffice.core.live import LOOK_SECONDS
from boxoffice.core.model import FREE, HELD, SOLD, LinkChanged, SeatsChanged, SeatsRead
from tests.clock import end_holds
from tests.conftest import PRICE, Box, key, make_world, staff
from tests.waiting import DEADLINE_SECONDS, wait_until

ONE = staff("user1")
NOWHERE = "unix:///nonexistent/socket"
NO_DATABASE = "postgresql://boxoffice@/boxoffice?host=/nonexistent"
LETTER = "CASE WHEN status = 'held' AND held_until <= now() THEN 'f' ELSE left(status, 1) END"
STATES = f"SELECT string_agg({LETTER}, '' ORDER BY seat_no) FROM performance_seats"
# Told by a hint long before a look would have found it, on any machine.
SHORTLY_SECONDS = 0.75 * LOOK_SECONDS


@dataclass
class Eyes:
    """A copy of the map, kept by nothing but what the watch tells."""

    watch: object
    states: bytearray = field(default_factory=bytearray)
    told: list = field(default_factory=list)

    def look(self):
        told = self.watch.next(0.25)
        if isinstance(told, SeatsRead):
            self.states = bytearray(told.states)
        elif isinstance(told, SeatsChanged):
            for index, state in told.changes:
                assert self.states[index] != state, "nothing is told that is known"
                self.states[index] = state
        if told is not None:
            self.told.append(told)
        return told

    def until(self, condition, what):
        wait_until(lambda: condition() or (self.look() and False), what)

    def until_told(self, told):
        self.until(lambda: told in self.told, f"{told} is told")

    @property
    def links(self):
        return [told.state for told in self.told if isinstance(told, LinkChanged)]

    def kinds(self):
        return [type(told) for told in self.told if not isinstance(told, LinkChanged)]


@contextmanager
def watching(office, performance):
    watch = office.watch(performance)
    try:
        yield Eyes(watch)
    finally:
        watch.close()
        watch.next(0)


def states(world):
    return bytearray(world.box.one(STATES).encode())


def hold(world, *seats):
    return world.office.reserve(world.performance, ONE, seats=seats, key=key()).reservation


def settled(eyes, world):
    """Let the eyes look until they see what the database holds."""
    eyes.until(lambda: eyes.states == states(world), "the copy is the map")


# --- what is told ---


def test_the_first_thing_told_is_the_link_and_then_the_whole_map(world):
    hold(world, "A-2")
    with watching(world.office, world.performance) as eyes:
        assert eyes.look() == LinkChanged(state="live")
        read = eyes.look()
        assert read == SeatsRead(states=world.office.seat_states(world.performance).states)
        assert (read.states[1], read.states.count(FREE)) == (HELD, 49)
        assert eyes.watch.next(0) is None


def test_a_change_is_told_by_its_seats_shortly_after_it_was_made(world):
    import time

    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        quickest = float("inf")
        for label in ("A-1", "A-2", "A-3", "A-4", "A-5"):
            eyes.told.clear()
            hold(world, label)
            began = time.monotonic()
            settled(eyes, world)
            if eyes.kinds() == [SeatsChanged]:
                quickest = min(quickest, time.monotonic() - began)
        assert quickest < SHORTLY_SECONDS


def test_whoever_doubts_the_map_is_told_all_of_it_in_the_order_of_what_happened(world):
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        eyes.told.clear()
        eyes.watch.doubt()
        hold(world, "A-2")
        eyes.until(lambda: SeatsRead in eyes.kinds(), "all is told")
        settled(eyes, world)
        assert eyes.kinds().count(SeatsRead) == 1


def test_every_kind_of_change_is_told_as_the_database_has_it(world):
    office = world.office
    office.charge(9 * PRICE, "user1", key=key())
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        reservation = hold(world, "A-1", "A-2")
        settled(eyes, world)
        for act in (
            lambda: office.add_seats(reservation, ONE, seats=["A-3"], key=key()),
            lambda: office.release_seats(reservation, ONE, seats=["A-1"], key=key()),
            lambda: office.extend_hold(reservation, ONE, seconds=900, key=key()),
            lambda: office.pay(reservation, ONE, key=key()),
            lambda: office.exchange(reservation, ONE, seats=["A-3", "A-4"], key=key()),
        ):
            act()
            settled(eyes, world)
        assert eyes.states[:4] == bytes([FREE, FREE, SOLD, SOLD])
        office.cancel(office.find_orders("A-4")[0].reservation, ONE, key=key())
        settled(eyes, world)
        assert eyes.states.count(FREE) == 50


def test_any_number_of_changes_at_once_leaves_the_copy_the_map(world):
    """Whatever was told by hint and whatever by a look, and in whatever order."""
    box, mine = world.box, []
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        for _ in range(60):
            label = f"{random.choice('ABCDE')}-{random.randint(1, 10)}"
            try:
                mine.append(hold(world, label))
            except errors.SeatTaken:
                gone = mine.pop(random.randrange(len(mine)))
                random.choice([lambda gone=gone: end_holds(box, gone), world.office.sweep])()
            if random.random() < 0.3:
                eyes.look()
        settled(eyes, world)


def test_what_happens_in_another_performance_is_not_told(world):
    other = world.office.create_performance(
        str(world.concert),
        world.office.show_concert("Concert").dates[0].date.replace(year=2098),
        prices={"Standard": PRICE},
        key=key(),
    ).performance
    with watching(world.office, world.performance) as eyes:
        eyes.until(eyes.kinds, "the map was read")
        eyes.told.clear()
        world.office.reserve(other, ONE, seats=["A-1"], key=key())
        hold(world, "A-2")
        eyes.until(eyes.kinds, "the change is told")
        assert eyes.states.count(FREE) == 49
        assert eyes.states[1] == HELD


def test_a_hint_of_seats_that_are_unknown_or_unchanged_is_no_news(world):
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        for labels in (["nowhere"], ["A-1"], ["A-1", "\x1b", "é"]):
            world.office.stores.hint(world.performance, labels)
        reservation = hold(world, "A-3")
        settled(eyes, world)
        world.office.stores.hint(world.performance)  # of any seat: all is read
        eyes.told.clear()
        eyes.until(lambda: SeatsRead in eyes.kinds(), "the map is read")
        world.office.cancel(reservation, ONE, key=key())
        settled(eyes, world)


# --- what no hint tells ---


def test_a_change_whose_hint_was_lost_is_found_by_the_next_look(world):
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        world.box.execute(
            "UPDATE performance_seats SET status = 'blocked', version = version + 1"
            " WHERE seat_no = 7"
        )
        settled(eyes, world)
        assert eyes.links == ["live"]
        assert eyes.kinds() == [SeatsRead, SeatsRead]


def test_a_hold_that_ends_turns_free_though_nothing_was_written(world):
    office = world.box.office(hold_seconds=0.3)
    with watching(world.office, world.performance) as eyes:
        office.reserve(world.performance, ONE, seats=["A-1", "A-2"], key=key())
        eyes.until(lambda: eyes.states and eyes.states[0] == HELD, "the hold is seen")
        eyes.until(lambda: eyes.states[:2] == bytes([FREE, FREE]), "its end is seen")
        assert world.seats("held") == 2
        assert world.box.one("SELECT max(version) FROM performance_seats") == 1


def test_without_redis_the_map_follows_by_looking(world):
    office = world.box.office(redis_url=NOWHERE)
    with watching(office, world.performance) as eyes:
        settled(eyes, world)
        hold(world, "A-1")
        settled(eyes, world)
        assert eyes.links == ["polling"]
        assert eyes.kinds() == [SeatsRead, SeatsRead]


def test_hints_that_were_missed_while_the_connection_was_cut_cost_no_change(world):
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        for seat in (3, 4, 5):
            eyes.told.clear()
            with world.office.stores.redis() as redis:
                assert redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
            world.box.execute(
                "UPDATE performance_seats SET status = 'blocked', version = version + 1"
                " WHERE seat_no = %s",
                seat,
            )
            settled(eyes, world)
            eyes.until(lambda: not eyes.links or eyes.links[-1] == "live", "it listens again")
            assert SeatsRead in eyes.kinds()
            hinted = wait_until(lambda: listeners(world), "somebody listens")
            assert hinted == 1
        eyes.told.clear()
        hold(world, "A-1")
        settled(eyes, world)


def listeners(world):
    with world.office.stores.redis() as redis:
        ((_, count),) = redis.pubsub_numsub("boxoffice:seats")
    return count


# --- being let go ---


@pytest.mark.parametrize(
    "away", [{}, {"redis_url": NOWHERE}, {"redis_url": NOWHERE, "database_url": NO_DATABASE}]
)
def test_a_watch_that_is_closed_lets_its_reader_go(world, away):
    watch = world.box.office(**away).watch(world.performance)
    while watch.next(0.1) is not None:
        pass
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(watch.next, 2 * DEADLINE_SECONDS)
        watch.close()
        assert reading.result(DEADLINE_SECONDS) is None
    assert watch.next(2 * DEADLINE_SECONDS) is None
    wait_until(lambda: listeners(world) == 0, "nobody listens any more")


def test_a_wait_ends_when_nothing_happens(world):
    with watching(world.office, world.performance) as eyes:
        while eyes.look() is not None:
            pass
        assert eyes.watch.next(0.01) is None


# --- outages ---


@pytest.fixture
def pair():
    """A world on servers of its own, which may be killed: by URL, and as embedded."""
    with tempfile.TemporaryDirectory(prefix="bo-live-") as home:
        Path(home).chmod(0o755)
        settings = load({"BOXOFFICE_HOME": home})
        servers = embedded.start(settings)
        named = load(
            {
                "BOXOFFICE_HOME": home,
                "BOXOFFICE_DATABASE_URL": servers.database_url,
                "BOXOFFICE_REDIS_URL": servers.redis_url,
                "BOXOFFICE_ROLE": "admin",
            }
        )
        box = Box(environment={}, settings=named, home=Path(home))
        box.office().stores.migrate()
        try:
            yield make_world(box), settings
        finally:
            for office in box.opened:
                office.close()
            embedded.reset(settings)


def kill(settings, server):
    """Kill one of the pair without a word, as a crash would."""
    os.kill(getattr(embedded.status(settings), server).pid, signal.SIGKILL)


def test_a_map_goes_offline_with_postgres_and_comes_back_whole(pair):
    world, settings = pair
    hold(world, "A-1")
    with watching(world.office, world.performance) as eyes:
        eyes.until(lambda: eyes.states, "the map was read")
        kill(settings, "postgres")
        eyes.until_told(LinkChanged(state="offline"))
        seen = bytes(eyes.states)
        world.office.stores.hint(world.performance, ["A-1"])  # cannot be read, and does no harm
        assert eyes.look() in (None, LinkChanged(state="offline"))
        assert bytes(eyes.states) == seen
        embedded.start(settings)
        eyes.told.clear()
        eyes.until(eyes.kinds, "the map is read again")
        assert eyes.links[-1] == "live"
        assert eyes.kinds() == [SeatsRead]
        settled(eyes, world)
        world.office.close()
        hold(replace(world, office=world.box.office()), "A-2")
        settled(eyes, world)
        assert eyes.states[:2] == bytes([HELD, HELD])


def test_a_map_goes_on_polling_without_redis_and_is_live_again_with_it(pair):
    world, settings = pair
    with watching(world.office, world.performance) as eyes:
        settled(eyes, world)
        kill(settings, "valkey")
        eyes.until_told(LinkChanged(state="polling"))
        world.box.office(redis_url=NOWHERE).reserve(
            world.performance, ONE, seats=["B-1"], key=key()
        )
        settled(eyes, world)
        embedded.start(settings)
        eyes.told.clear()
        eyes.until_told(LinkChanged(state="live"))
        assert eyes.links == ["live"]


def test_a_watch_starts_embedded_servers_again(pair):
    world, settings = pair
    from boxoffice.core.office import Office

    office = Office(settings)
    with watching(office, world.performance) as eyes:
        settled(eyes, world)
        embedded.stop(settings)
        eyes.until_told(LinkChanged(state="offline"))
        eyes.told.clear()
        eyes.until(lambda: eyes.links[-1:] == ["live"], "it is live again")
        eyes.until(eyes.kinds, "the map is read again")
        assert eyes.states == office.seat_states(world.performance).states
        assert len(eyes.states) == 50
    office.close()
