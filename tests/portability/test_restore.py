"""A backup brings everything back but the line of people, which begins anew."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from boxoffice.core import config
from boxoffice.core.embedded import binaries
from boxoffice.core.embedded.users import server_user
from tests.conftest import PRICE, key, make_world, plain, staff

ONE, TWO = staff("user1"), staff("user2")
COUNTS = """
    SELECT (SELECT count(*) FROM operations), (SELECT count(*) FROM ledger_entries),
           (SELECT count(*) FROM audit), (SELECT count(*) FROM outbox),
           (SELECT sum(balance)::bigint FROM accounts),
           (SELECT count(*) FROM performance_seats WHERE status = 'sold')"""


@pytest.fixture
def fresh(servers, box):
    """A second, empty database on the same server."""
    name = f"{box.one('SELECT current_database()')}_restored"
    servers.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    url = servers.named(name)
    yield replace(
        box,
        environment=box.environment | {"BOXOFFICE_DATABASE_URL": url},
        settings=replace(box.settings, database_url=url),
    )
    for office in box.opened:
        office.close()
    servers.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def programs(tmp_path):
    settings = config.load({"BOXOFFICE_HOME": str(tmp_path)})
    return binaries.find_postgres(settings, server_user(tmp_path / "none")).path.parent


def run(*argv):
    """Run a program of Postgres as docs/operations.md says."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def trade(world):
    """Leave something of everything behind: sold, held, cancelled; return hold and payment."""
    office = world.office
    for user in ("user1", "user2"):
        office.charge(3 * PRICE, user, key=key())
    first = office.reserve(world.performance, ONE, seats=["A-1"], key=key())
    paid = office.pay(first.reservation, ONE, key="paid before")
    second = office.reserve(world.performance, TWO, seats=["A-2"], key=key())
    office.pay(second.reservation, TWO, key=key())
    office.cancel(second.reservation, TWO, key=key())
    return office.reserve(world.performance, TWO, seats=["B-1", "B-2"], key=key()), paid


def test_a_restored_database_is_whole_and_the_sale_goes_on(box, fresh, programs, tmp_path):
    world = make_world(box)
    held, paid = trade(world)
    world.office.enqueue(str(world.concert), "user3", key=key())
    before = box.rows(COUNTS)
    dump = tmp_path / "boxoffice.dump"
    source, target = (plain(each.settings.database_url) for each in (box, fresh))
    run(programs / "pg_dump", "--format=custom", f"--file={dump}", source)
    run(
        *(programs / "pg_restore", "--exit-on-error", "--single-transaction"),
        *("--no-owner", "--no-acl", f"--dbname={target}", dump),
    )
    with world.office.stores.redis() as redis:
        redis.flushall()

    office = fresh.office()
    assert fresh.rows(COUNTS) == before
    assert fresh.run("verify").code == 0
    replayed = office.pay(paid.reservation, ONE, key="paid before")
    assert replayed == replace(paid, replayed=True)
    assert office.pay(held.reservation, TWO, key=key()).seats == ("B-1", "B-2")
    assert office.enqueue(str(world.concert), "user3", key=key()).token
    assert office.verify() == ()
