"""Processes killed at any moment: what they were doing happened wholly or not at all."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from boxoffice.core import errors
from boxoffice.core.office import Office
from tests.conftest import PRICE, key, staff
from tests.invariants import assert_consistent
from tests.races.crowd import DEADLINE_SECONDS, FORK
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

KILLS = 60
ACKNOWLEDGED_MIN = KILLS
WORKERS = 4
LIFE_SECONDS_MAX = 0.6


def book_for_ever(settings, performance, user, log):
    """Reserve, pay and cancel until killed, writing down each payment that was acknowledged."""
    random.seed()
    office, caller = Office(settings), staff(user)
    while True:
        try:
            office.charge(3 * PRICE, user, key=key())
            seats = random.sample([f"A-{number}" for number in range(1, 9)], 2)
            held = office.reserve(performance, caller, seats=seats, key=key())
            office.pay(held.reservation, caller, key=key())
            os.write(log, f"pay:{held.reservation}\n".encode())
            office.cancel(held.reservation, caller, key=key())
            os.write(log, f"cancel:{held.reservation}\n".encode())
        except (errors.SeatTaken, errors.InsufficientBalance):
            office.sweep()


def test_kill_9_at_any_moment_leaves_nothing_half_done_and_loses_nothing_acknowledged(
    world, tmp_path
):
    box, settings = world.box, world.office.settings
    world.office.close()
    path = tmp_path / "acknowledged"
    log = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def start(number):
        arguments = (settings, world.performance, f"user{number % 3 + 1}", log)
        process = FORK.Process(target=book_for_ever, args=arguments)
        process.start()
        return process

    workers = [start(number) for number in range(WORKERS)]
    for kill in range(KILLS):
        time.sleep(random.uniform(0, LIFE_SECONDS_MAX / WORKERS))  # a moment, not a condition
        victim = workers.pop(0)
        victim.kill()
        victim.join(DEADLINE_SECONDS)
        assert victim.exitcode == -signal.SIGKILL
        workers.append(start(kill))
        if kill % 5 == 0:
            assert_consistent(box)
    # A slow machine acknowledges little between two kills: who is left works until it is enough.
    wait_until(lambda: len(path.read_text().split()) >= ACKNOWLEDGED_MIN, "enough was acknowledged")
    for worker in workers:
        worker.kill()
        worker.join(DEADLINE_SECONDS)
    os.close(log)
    acknowledged = set(path.read_text().split())
    assert acknowledged <= {event for (event,) in box.rows("SELECT dedupe_key FROM outbox")}
    assert_consistent(box)
