"""The worker's jobs: taken by one, done, shown; and nothing is deleted that somebody needs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from boxoffice.core import errors, jobs
from tests.clock import end_holds
from tests.conftest import PRICE, key, staff
from tests.waiting import wait_until

ONE = staff("user1")


def buy(world, seat: str) -> str:
    """Sell a seat; return its event."""
    world.office.charge(PRICE, "user1", key=key())
    held = world.office.reserve(world.performance, ONE, seats=[seat], key=key()).reservation
    world.office.pay(held, ONE, key=key())
    return f"pay:{held}"


def work(world, **settings):
    """Let a worker do every job once; return what it had to say."""
    notes = []
    world.box.execute("UPDATE jobs SET due_at = now()")
    world.box.office(connections=4, **settings).worker(notes.append).once()
    return notes


def age(world, days: int) -> None:
    """Let everything that happened so far have happened so many days earlier."""
    earlier = f"- interval '{days} days'"
    world.box.execute(
        f"UPDATE operations SET created_at = created_at {earlier};"
        f"UPDATE outbox SET created_at = created_at {earlier}, sent_at = sent_at {earlier};"
        f"UPDATE reservations SET created_at = created_at {earlier};"
        "ALTER TABLE ledger_entries DISABLE TRIGGER USER;"
        f"UPDATE ledger_entries SET created_at = created_at {earlier}"
    )


def test_one_turn_sweeps_relays_and_delivers_and_says_so(world):
    event = buy(world, "A-1")
    held = world.office.reserve(world.performance, ONE, seats=["B-1"], key=key())
    end_holds(world.box, held.reservation)
    notes = work(world)
    assert [(note.what, note.job, note.count) for note in notes] == [
        ("done", "sweep", 1),
        ("done", "relay", 1),
        ("done", "file", 1),
    ]
    assert event in (world.box.home / "events.jsonl").read_text()
    assert (world.seats("held"), world.seats("sold")) == (0, 1)
    assert work(world) == []


def test_blocked_seats_are_released_when_their_time_has_come(world):
    number = world.performance
    world.office.block_seats(number, row="A", kind="house", key=key())
    world.office.block_seats(number, row="B", kind="technical", key=key())
    assert "releases" not in [note.job for note in work(world)]
    world.box.execute("UPDATE seat_blocks SET release_at = now() WHERE kind = 'house'")
    assert ("releases", 10) in [(note.job, note.count) for note in work(world)]
    assert (world.seats("free"), world.seats("blocked")) == (40, 10)


def test_of_many_that_ask_for_a_job_one_gets_it_and_nobody_waits(world):
    work(world)
    world.box.execute("UPDATE jobs SET due_at = now()")
    together = threading.Barrier(8)
    offices = [world.box.office() for _ in range(8)]

    def ask(number: int) -> bool:
        with offices[number].stores.database() as connection:
            together.wait(30)
            return jobs.take(connection, "sweep", f"w{number}", lease_seconds=60)[0]

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_a_job_whose_worker_died_is_due_again_after_its_lease(world):
    work(world)
    with world.office.stores.database() as connection:
        world.box.execute("UPDATE jobs SET due_at = now()")
        assert jobs.take(connection, "sweep", "dead", lease_seconds=60)[0]
        taken, seconds = jobs.take(connection, "sweep", "other", lease_seconds=60)
        assert (taken, 50 < seconds <= 60) == (False, True)
        world.box.execute("UPDATE jobs SET due_at = now() WHERE name = 'sweep'")
        assert jobs.take(connection, "sweep", "other", lease_seconds=60)[0]
        jobs.end(connection, "sweep", "dead", done=9, error=None, next_seconds=0)
    assert world.box.one("SELECT done FROM jobs WHERE name = 'sweep'") == 0


def test_the_status_names_jobs_failures_and_what_is_still_to_be_told(world):
    buy(world, "A-1")
    (world.box.home / "events.jsonl").mkdir()
    with pytest.raises(errors.QueueUnavailable):
        work(world, redis_url="unix:///nonexistent/socket")
    found = world.office.worker_status()
    relay = next(job for job in found.jobs if job.job == "relay")
    assert (relay.failures, relay.error) == (1, "the queue cannot be reached")
    assert (found.unsent, found.waiting, found.oldest_seconds >= 0) == (1, 0, True)
    work(world)
    found = world.office.worker_status()
    told = {job.job: (job.failures, job.done) for job in found.jobs}
    well = dict.fromkeys(("releases", "retention", "sweep"), (0, 0))
    assert told == {"relay": (0, 1), "file": (1, 0)} | well
    assert (found.unsent, found.oldest_seconds, found.retrying) == (0, None, 1)


def test_the_status_tells_who_is_late_and_that_nobody_is_at_work(world):
    def state():
        found = world.office.worker_status()
        return found.state, [job.job for job in found.jobs if job.late]

    assert state() == ("away", [])  # there never was a worker
    work(world)
    assert state() == ("working", [])
    world.box.execute("UPDATE jobs SET due_at = now() - interval '3 minutes' WHERE name = 'sweep'")
    assert state() == ("late", ["sweep"])
    world.box.execute(
        "UPDATE jobs SET served_at = now() - interval '3 minutes',"
        " due_at = now() - interval '3 minutes'"
    )
    assert state() == ("away", ["relay", "releases", "retention", "sweep", "file"])
    world.box.execute("UPDATE jobs SET served_at = now() - interval '8 days' WHERE name = 'file'")
    assert "file" not in state()[1]  # a sink that was given up


def test_looking_is_for_operators_and_working_for_admins(world):
    for role, acts in {
        "customer": ("worker_status", "list_outbox"),
        "clerk": (),
        "reader": ("list_outbox",),
    }.items():
        office = world.box.office(role=role, user="user1")
        for act in acts:
            with pytest.raises(errors.Forbidden):
                getattr(office, act)()
        for change in (
            lambda office: office.worker(print),
            lambda office: office.retry_deliveries(None, key=key()),
            lambda office: office.discard_deliveries(["pay:x"], key=key()),
        ):
            with pytest.raises(errors.Forbidden):
                change(office)
    with pytest.raises(errors.InputInvalid):
        world.office.list_outbox("lost")


def test_keys_and_events_that_are_old_enough_go_and_verify_misses_nothing(world):
    buy(world, "A-1")
    world.office.settle("never sent")
    work(world)
    age(world, 91)
    young = buy(world, "A-2")
    before = world.box.one("SELECT count(*) FROM operations")
    assert world.office.verify() == ()
    work(world)
    assert world.box.rows("SELECT dedupe_key FROM outbox") == [(young,)]
    assert world.box.one("SELECT count(*) FROM operations") == 3 < before
    assert world.office.verify() == ()


def test_keys_go_before_events_and_verify_misses_nothing_between(world):
    buy(world, "A-1")
    work(world)
    age(world, 31)
    work(world)
    assert world.box.one("SELECT count(*) FROM operations") == 0
    assert world.box.one("SELECT count(*) FROM outbox") == 1
    assert world.office.verify() == ()


def test_what_waits_for_a_sink_that_nobody_serves_is_given_up_and_kept(world):
    (world.box.home / "events.jsonl").mkdir()
    event = buy(world, "A-1")
    work(world)
    world.box.execute("UPDATE jobs SET served_at = now() - interval '6 days' WHERE sink")
    work(world, event_command="true")
    assert [one.state for one in world.office.list_outbox()] == ["retrying"]
    world.box.execute("UPDATE jobs SET served_at = now() - interval '8 days' WHERE name = 'file'")
    work(world, event_command="true")
    (one,) = world.office.list_outbox("dead")
    assert (one.event, one.sink) == (event, "file")
    assert one.error == "no worker served this sink for a week"


def test_the_key_of_a_live_hold_stays_and_says_the_same_again(world):
    first = world.office.reserve(world.performance, ONE, seats=["A-1"], key="the hold")
    ended = world.office.reserve(world.performance, staff("user2"), seats=["A-2"], key="another")
    end_holds(world.box, ended.reservation)
    age(world, 31)
    work(world)
    assert world.box.rows("SELECT key FROM operations") == [("the hold",)]
    again = world.office.reserve(world.performance, ONE, seats=["A-1"], key="the hold")
    assert again == replace(first, replayed=True)


def test_an_event_that_was_not_delivered_to_all_is_never_deleted(world):
    event = buy(world, "A-1")
    (world.box.home / "events.jsonl").mkdir()
    work(world)
    age(world, 1_000)
    work(world)
    assert world.box.rows("SELECT dedupe_key FROM outbox") == [(event,)]


def test_old_rows_go_in_bounded_batches_until_none_is_left(world):
    world.box.execute(
        "INSERT INTO operations (key, command, request, result, created_at)"
        " SELECT 'old' || n, 'charge', '', '{\"x\": 1}', now() - interval '31 days'"
        " FROM generate_series(1, 10001) n"
    )
    office = world.box.office()
    assert [office.forget_old() for _ in range(3)] == [(5_000, True), (5_000, True), (1, False)]


def test_a_worker_whose_servers_fail_says_so_once_and_works_again_when_they_do(world):
    """Every connection is cut again and again, until each job has met it."""
    notes = []
    office = world.box.office(connections=4)
    hand = office.worker(notes.append)
    working = threading.Thread(target=hand.run)
    working.start()
    try:
        world.box.execute("ALTER TABLE jobs RENAME TO elsewhere")
        wait_until(lambda: [n for n in notes if n.what == "trouble"], "the trouble is told")
        world.box.execute("ALTER TABLE elsewhere RENAME TO jobs")
        wait_until(lambda: [n for n in notes if n.what == "over"], "its end is told")
        world.office.close()
        world.box.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        event = buy(world, "A-1")
        path = world.box.home / "events.jsonl"
        wait_until(lambda: path.exists() and event in path.read_text(), "the event is told")
    finally:
        hand.stop()
        working.join()
    said = [note.message for note in notes if note.what == "trouble"]
    assert len(said) == len(set(said)), "each trouble once"
