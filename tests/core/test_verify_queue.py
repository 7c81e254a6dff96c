"""`verify` on the queues: every check finds its violation, and looking moves nobody."""

from __future__ import annotations

import pytest

from boxoffice.core import verify_queue

TAG = "{concert:1}"
NUMBER_MAX = 2**53
EVER = 9_000_000_000_000  # an end, in milliseconds, that nobody comes to
NO_REDIS = "unix:///nonexistent/socket"

# What is done to a queue of two admitted and one waiting, and all that its check tells then.
SEEDS = {
    "queue_capacity": (
        [("ZADD", f"{TAG}:admitted", EVER, 0), ("HSET", f"{TAG}:places", 0, "9:0:0")],
        [{}],
    ),
    "queue_waiting_and_admitted": (
        [("ZADD", f"{TAG}:waiting", 1, 1), ("ZADD", f"{TAG}:seen", EVER, 1)],
        [{"user": 1}],
    ),
    "queue_records": (
        [
            ("HDEL", f"{TAG}:places", 2),
            ("HSET", f"{TAG}:places", 404, "9:0:0:1:0:0", 405, "9:0:0:1:0:0"),
            ("DEL", f"{TAG}:seen"),
        ],
        [{"user": 2}, {"user": 404}, {"user": 405}, {}],
    ),
    "queue_numbers": ([("ZADD", f"{TAG}:waiting", NUMBER_MAX, 3)], [{}]),
    "queue_strangers": (
        [
            ("ZADD", f"{TAG}:waiting", 2, 404),
            ("ZADD", f"{TAG}:seen", EVER, 404),
            ("HSET", f"{TAG}:places", 404, "2:0:0:1:0:0"),
        ],
        [{"user": 404}],
    ),
}


@pytest.fixture
def line(world):
    """A queue in which users 1 and 2 are admitted and user 3 waits."""
    world.office.configure_queue("1", capacity=2)
    for user in ("user1", "user2", "user3"):
        world.office.enqueue("1", user)
    return world


def act(world, commands) -> None:
    with world.office.stores.redis() as redis:
        for command in commands:
            redis.execute_command(*command)


def everything(world) -> dict[bytes, bytes]:
    with world.office.stores.redis() as redis:
        return {key: redis.dump(key) for key in redis.scan_iter()}


def test_every_check_of_the_queue_has_a_violation_that_shows_it_at_work():
    assert SEEDS.keys() == set(verify_queue.CHECKS)


@pytest.mark.parametrize("check", SEEDS)
def test_each_check_of_the_queue_finds_its_violation_with_its_keys(line, check):
    commands, keys = SEEDS[check]
    office = line.box.office(queue_capacity=2)
    office.configure_queue("1", capacity=None)
    assert office.verify() == ()
    act(line, commands)
    found = office.verify()
    assert {violation.check for violation in found} == {check}
    assert [v.keys for v in found] == [{"concert": 1, **rest} for rest in keys]


def test_looking_at_a_queue_leaves_it_as_it_was(line):
    before = everything(line)
    assert line.office.verify() == ()
    assert everything(line) == before


def test_who_was_admitted_under_a_larger_capacity_may_stay(line):
    line.office.configure_queue("1", capacity=1)
    assert line.office.verify() == ()


def test_who_is_in_a_queue_of_no_concert_is_a_stranger(line):
    tag = "{concert:77}"
    act(line, [("ZADD", f"{tag}:waiting", 0, 1), ("ZADD", f"{tag}:seen", EVER, 1)])
    act(line, [("HSET", f"{tag}:places", 1, "0:0:0:1:0:0")])
    (found,) = line.office.verify()
    assert (found.check, found.keys) == ("queue_strangers", {"concert": 77, "user": 1})
    assert line.office.repair().dropped == 1
    assert line.office.verify() == ()


def test_a_queue_that_another_database_began_in_the_same_redis_is_left_alone(line):
    act(line, [("ZADD", f"{TAG}:waiting", 2, 404), ("HSET", f"{TAG}:line", "database", "other")])
    before = everything(line)
    assert line.office.verify() == ()
    assert line.office.repair().dropped == 0
    assert everything(line) == before


def test_without_redis_the_database_is_checked_and_the_queue_is_told_to_be_away(line):
    line.box.execute("UPDATE accounts SET balance = 0")
    inspected = line.box.office(redis_url=NO_REDIS).inspect()
    assert (inspected.queue, inspected.violations) == ("away", ())
    assert inspected.checks < line.office.inspect().checks
