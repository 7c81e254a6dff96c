"""The wire fails where it says: around the statement that decides, and nowhere else."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import pytest

from boxoffice.core import errors
from boxoffice.core.office import Office
from tests.conftest import PRICE, key, staff
from tests.faults import scene
from tests.faults.levers import Levers
from tests.faults.proxy import PORT, Proxy
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
DONE = "SELECT count(*) FROM operations WHERE key = %s AND state = 'done'"
ANN = "user1"


def listens(path):
    """Tell whether it takes connections; between bind and listen it is there and refuses them."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


@contextmanager
def office_behind(world, fault):
    """Lend an office whose every decision meets one fault, and the levers to mend it."""
    url = urlsplit(world.office.settings.database_url)
    server = f"{parse_qs(url.query)['host'][0]}/.s.PGSQL.{PORT}"
    levers = Levers(1)
    with TemporaryDirectory(prefix="bo-") as name:
        folder = Path(name)
        proxy = Proxy(folder, server, levers, "seed")
        process = get_context("fork").Process(target=proxy.run, daemon=True)
        process.start()
        wait_until(lambda: listens(proxy.path), "the proxy listens")
        office = Office(scene.through(world.office.settings, folder, url.path[1:]))
        levers.set_rates({fault: 1.0})
        try:
            yield office, levers
        finally:
            office.close()
            process.kill()
            process.join()


def is_done(world, name):
    return world.box.one(DONE, name) == 1


@pytest.mark.parametrize("fault", ["cut before", "cut after", "half open"])
def test_a_cut_wire_is_told_as_unknown_and_the_key_says_what_happened(world, fault):
    name = key()
    with office_behind(world, fault) as (office, levers):
        with pytest.raises(errors.OutcomeUnknown):
            office.charge(PRICE, ANN, key=name)
        assert is_done(world, name) == (fault != "cut before")
        levers.set_rates({})
        assert office.charge(PRICE, ANN, key=name).replayed == (fault != "cut before")


@pytest.mark.parametrize("fault", ["cut at once", "late"])
def test_a_statement_that_is_still_under_way_arrives(world, fault):
    name = key()
    with office_behind(world, fault) as (office, _):
        with pytest.raises(errors.OutcomeUnknown):
            office.charge(PRICE, ANN, key=name)
        wait_until(lambda: is_done(world, name), "the statement arrives")


def test_a_statement_that_arrives_after_its_key_was_settled_does_nothing(world):
    name = key()
    with office_behind(world, "late") as (office, levers):
        with pytest.raises(errors.OutcomeUnknown):
            office.charge(PRICE, ANN, key=name)
        settled = world.office.settle(name).state
        wait_until(lambda: not levers.late.value, "the statement has arrived")
    assert is_done(world, name) == (settled == "done")
    assert world.balances() == (PRICE if settled == "done" else 0)


def test_the_commit_of_a_transaction_is_what_decides_in_it(world):
    world.office.charge(10 * PRICE, ANN, key=key())
    held = world.office.reserve(world.performance, staff(ANN), seats=["A-1"], key=key())
    world.office.pay(held.reservation, staff(ANN), key=key())
    name = key()
    with office_behind(world, "cut before") as (office, levers):
        with pytest.raises(errors.OutcomeUnknown):
            office.exchange(held.reservation, staff(ANN), seats=["A-2"], key=name)
        assert levers.faults()["cut before"] == 1
    wait_until(lambda: world.office.settle(name), "the transaction is rolled back")
    assert not is_done(world, name)


def test_a_stalled_statement_is_answered_late_and_looking_meets_no_fault(world):
    with office_behind(world, "stall") as (office, levers):
        assert office.charge(PRICE, ANN, key=key()).balance.amount == PRICE
        assert office.balance(ANN).balance.amount == PRICE
        assert levers.faults()["stall"] == 1
