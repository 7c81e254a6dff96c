"""Many processes at one queue, some of them killed: the order and the capacity hold."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time

import pytest

from boxoffice.core import queue
from boxoffice.core.errors import PlaceNotFound, TokenInvalid

DEADLINE_SECONDS = 90
CAPACITY = 5
FORK = multiprocessing.get_context("fork")


def key(concert, name):
    return f"{{concert:{concert}}}:{name}"


def client_of(redis_url):
    return queue.connect(redis_url, connect_seconds=20, answer_seconds=60)


def run_all(target, arguments):
    processes = [FORK.Process(target=target, args=each) for each in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(DEADLINE_SECONDS)
    assert [process.exitcode for process in processes] == [0] * len(processes)


def highest_admitted(redis, concert, settings, alive):
    """Watch the queue, moving it as well, and return the most that were ever admitted."""
    highest = 0
    while alive():
        highest = max(highest, queue.admit(redis, concert, settings).admitted)
        highest = max(highest, redis.zcard(key(concert, "admitted")))
    return highest


def join_many(redis_url, concert, settings, users):
    client = client_of(redis_url)
    for user in users:
        queue.join(client, concert, user, settings, take_over=True)


def visit(redis_url, concert, settings, user, log):
    """Go through the whole queue as one customer, repeatable after a kill at any moment.

    The line is written before the admission is ended, so that a killed visitor's admission
    may be written twice but an unwritten one has never been ended by a visitor.
    """
    client = client_of(redis_url)
    name = f"visitor {user}"
    try:
        place = queue.join(client, concert, user, settings, key=name)
        while place.state != "admitted":
            place = queue.poll(client, place.token, settings)
    except PlaceNotFound:
        return  # killed after finish, before the end of the process
    os.write(log, f"{user}\n".encode())
    queue.finish(client, place.token, settings)


def test_twenty_processes_joining_give_every_user_one_place_and_number(
    redis_url, redis, concert, settings
):
    queue.configure(redis, concert, settings, state="paused")
    users = list(range(400))
    shares = [users[at::10] for at in range(10)] * 2  # everybody joins twice
    run_all(join_many, [(redis_url, concert, settings, share) for share in shares])
    numbers = [score for _, score in redis.zrange(key(concert, "waiting"), 0, -1, withscores=True)]
    assert numbers == list(range(1, 401))


def poll_as_told(redis_url, concert, settings, users, log):
    """Join and poll every user until admitted, ending each admission at once."""
    client = client_of(redis_url)
    tokens = {user: queue.join(client, concert, user, settings).token for user in users}
    while tokens:
        for user, token in list(tokens.items()):
            if queue.poll(client, token, settings).state == "admitted":
                assert client.zcard(key(concert, "admitted")) <= CAPACITY
                os.write(log, f"{user}\n".encode())
                assert queue.finish(client, token, settings)
                del tokens[user]


def test_many_pollers_and_admitters_never_pass_the_capacity(
    redis_url, redis, concert, settings, tmp_path
):
    queue.configure(redis, concert, settings, capacity=CAPACITY)
    log = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    arguments = [
        (redis_url, concert, settings, range(at * 25, at * 25 + 25), log) for at in range(8)
    ]
    processes = [FORK.Process(target=poll_as_told, args=each) for each in arguments]
    for process in processes:
        process.start()
    deadline = time.monotonic() + DEADLINE_SECONDS

    def alive():
        assert time.monotonic() < deadline
        return any(process.is_alive() for process in processes)

    assert 1 < highest_admitted(redis, concert, settings, alive) <= CAPACITY
    assert [process.exitcode for process in processes] == [0] * 8
    os.close(log)
    admitted = [int(line) for line in (tmp_path / "log").read_text().split()]
    assert sorted(admitted) == list(range(200))  # everybody, and nobody twice


def admit_steadily(redis_url, concert, settings, stop):
    client = client_of(redis_url)
    while not stop.is_set():
        queue.admit(client, concert, settings)


def test_several_admitters_are_as_good_as_one(redis_url, redis, concert, settings):
    """Eight workers admit in the order of coming, no faster than the burst, up to the capacity."""
    queue.configure(redis, concert, settings, state="paused")
    users = random.sample(range(1000), 300)
    join_many(redis_url, concert, settings, users)
    stop = FORK.Event()
    workers = [
        FORK.Process(target=admit_steadily, args=(redis_url, concert, settings, stop))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    order = []
    queue.configure(
        redis, concert, settings, capacity=40, burst=100, rate_per_minute=1, state="open"
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(order) < 100:
        assert time.monotonic() < deadline
        heads = [int(user) for user in redis.zrange(key(concert, "admitted"), 0, -1)]
        assert len(heads) <= 40
        new = sorted((user for user in heads if user not in order), key=users.index)
        assert new == users[len(order) : len(order) + len(new)]
        order += new
        if heads:
            redis.zadd(key(concert, "admitted"), dict.fromkeys(heads, 1))  # their time is over
    stop.set()
    for worker in workers:
        worker.join(DEADLINE_SECONDS)
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert order == users[:100]


def test_kill_9_between_any_two_calls_loses_nobody_and_admits_no_more_than_the_capacity(
    redis_url, redis, concert, settings, tmp_path
):
    queue.configure(redis, concert, settings, capacity=CAPACITY)
    log = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    to_start, running, kills, highest = list(range(60)), {}, 0, 0
    deadline = time.monotonic() + DEADLINE_SECONDS
    while to_start or running:
        assert time.monotonic() < deadline
        while to_start and len(running) < 12:
            user = to_start.pop(0)
            running[user] = FORK.Process(
                target=visit, args=(redis_url, concert, settings, user, log)
            )
            running[user].start()
        if kills < 120:
            time.sleep(random.uniform(0, 0.005))
            victim = random.choice(list(running))
            running[victim].kill()
        highest = max(highest, redis.zcard(key(concert, "admitted")))
        for user, process in list(running.items()):
            if not process.is_alive():
                process.join()
                del running[user]
                if process.exitcode != 0:
                    assert process.exitcode == -signal.SIGKILL
                    to_start.append(user)
                    kills += 1
    os.close(log)
    line = queue.admit(redis, concert, settings)
    assert (line.waiting, line.admitted) == (0, 0)
    assert highest <= CAPACITY
    assert {int(each) for each in (tmp_path / "log").read_text().split()} == set(range(60))


def test_twenty_processes_with_one_key_share_one_place_and_token(
    redis_url, redis, concert, settings, tmp_path
):
    queue.configure(redis, concert, settings, state="paused")
    log = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    run_all(enqueue_and_write, [(redis_url, concert, settings, log)] * 20)
    os.close(log)
    lines = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert len(lines) == 20
    assert len({token for token, _, _ in lines}) == 1
    assert {position for _, position, _ in lines} == {"1"}
    assert [replayed for _, _, replayed in lines].count("False") == 1
    assert redis.zcard(key(concert, "waiting")) == 1


def enqueue_and_write(redis_url, concert, settings, log):
    place = queue.join(client_of(redis_url), concert, 1, settings, key="the same key")
    os.write(log, f"{place.token} {place.position} {place.replayed}\n".encode())


@pytest.mark.parametrize("moment", range(5))
def test_a_user_is_never_waiting_and_admitted_at_once(redis_url, redis, concert, settings, moment):
    """Forty users join and leave from four processes; the server compares the two sets."""
    queue.configure(redis, concert, settings, capacity=3 + moment)
    both = "return #redis.call('ZINTER', 2, KEYS[1], KEYS[2])"
    processes = [
        FORK.Process(target=come_and_go, args=(redis_url, concert, settings, seed + moment * 10))
        for seed in range(4)
    ]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        assert redis.eval(both, 2, key(concert, "waiting"), key(concert, "admitted")) == 0
        assert redis.zcard(key(concert, "admitted")) <= 3 + moment
    for process in processes:
        process.join(DEADLINE_SECONDS)
        assert process.exitcode == 0


def come_and_go(redis_url, concert, settings, seed):
    client = client_of(redis_url)
    dice = random.Random(seed)
    for _ in range(300):
        user = dice.randrange(40)
        place = queue.join(client, concert, user, settings, take_over=True)
        try:
            if dice.random() < 0.5:
                queue.leave(client, place.token, settings)
            else:
                queue.finish(client, place.token, settings)
        except (PlaceNotFound, TokenInvalid):
            pass  # another process ended the same place in between, or took it over
