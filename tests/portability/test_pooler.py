"""A pooler that gives each transaction another server connection."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from boxoffice.core import errors
from boxoffice.core.database import LIMITS, SESSION
from tests.conftest import key, make_world, plain
from tests.portability.pooling import keep_limits_in_database, start_pooler

PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def pooled(daemons, box):
    keep_limits_in_database(box)
    return start_pooler(daemons, box)


def prepares_after(office) -> int | None:
    """Return after how many executions the office's connection prepares a statement."""
    with office.stores.database() as connection:
        return connection.connection.driver_connection.prepare_threshold


def test_nothing_is_prepared_where_a_pooler_stands_between(box, pooled):
    assert prepares_after(box.office()) == box.settings.prepare_threshold
    assert prepares_after(pooled.office()) is None
    world = make_world(pooled)
    for _ in range(10):
        world.office.charge(1, "user1", key=key())
    assert pooled.one(PREPARED) == 0


def connect(stack, box, threshold):
    return stack.enter_context(
        psycopg.connect(
            plain(box.settings.database_url), autocommit=True, prepare_threshold=threshold
        )
    )


def asked(connection, number):
    """Ask for a number, as psycopg asks: with a name for the statement where it prepares."""
    return connection.execute(f"SELECT {number}, pg_backend_pid()").fetchone()


def test_what_psycopg_prepares_is_another_clients_statement_behind_a_pooler(daemons, box):
    pooled = start_pooler(daemons, box, connections=2)
    with ExitStack() as stack:
        ours, theirs, other = (connect(stack, pooled, threshold) for threshold in (0, 0, None))
        with ours.transaction():
            _, first_server = asked(ours, 1)
            with theirs.transaction():
                asked(theirs, 2)
        with other.transaction():
            taken = asked(other, 3)[1] == first_server
            moved, wanted = (ours, 1) if taken else (theirs, 2)
            told, _ = asked(moved, wanted)
    assert told == 3 - wanted


def test_the_limits_of_the_database_hold_behind_a_pooler(daemons, box):
    keep_limits_in_database(box)
    box.execute(f"ALTER DATABASE {box.one('SELECT current_database()')} SET lock_timeout = '50ms'")
    world = make_world(start_pooler(daemons, box))
    with world.office.stores.database() as connection:
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in SESSION}
    assert found == SESSION | {"lock_timeout": "50ms"}
    with psycopg.connect(plain(box.settings.database_url)) as holder:
        holder.execute("LOCK TABLE accounts")
        with pytest.raises(errors.DatabaseUnavailable, match="busy"):
            world.office.charge(1, "user1", key=key())


@pytest.mark.parametrize("name", LIMITS)
def test_without_a_limit_nothing_is_begun_behind_a_pooler(daemons, box, name):
    keep_limits_in_database(box)
    box.execute(f"ALTER DATABASE {box.one('SELECT current_database()')} RESET {name}")
    pooled = start_pooler(daemons, box)
    with pytest.raises(errors.DatabaseUnavailable, match=name) as refusal:
        pooled.office().list_concerts()
    assert SESSION[name] in refusal.value.advice


def test_a_pooler_that_refuses_options_is_told_as_a_database_that_cannot_be_reached(daemons, box):
    pooled = start_pooler(daemons, box, ignored="extra_float_digits")
    with pytest.raises(errors.DatabaseUnavailable):
        pooled.office().list_concerts()
