"""An installation from before the queue's memory: its settings stay, its places are taken anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from boxoffice.core import errors, schema, tokens
from boxoffice.core.database import make_engine
from boxoffice.core.queue.scripts import token_key
from boxoffice.core.stores import Stores
from tests.conftest import key

MIGRATIONS = Path(schema.__file__).parent / "migrations"
CHANGES = [
    (1, {"state": "pre", "capacity": 7, "burst": 9}),
    (2, {"rate_per_minute": 30.5}),
    (1, {"state": "paused", "burst": None}),
    (2, {"rate_per_minute": None}),
    (3, {"capacity": 5}),  # of no concert
]


@pytest.fixture
def before(box):
    """The database as the version before left it: two concerts, and what was done to queues."""
    box.execute("DROP SCHEMA public CASCADE")
    box.execute("CREATE SCHEMA public")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = make_engine(box.settings, box.settings.database_url, 1)
    with engine.execution_options(isolation_level="READ COMMITTED").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.commit()
    engine.dispose()
    box.execute("ALTER TABLE concerts DISABLE TRIGGER ALL")
    for name in ("one", "two"):
        box.execute("INSERT INTO concerts (venue_id, name, currency) VALUES (1, %s, 'EUR')", name)
    for concert, changes in CHANGES:
        detail = json.dumps({"concert": concert, **changes})
        box.execute(
            "INSERT INTO audit (action, principal, detail) VALUES ('configure queue', 'a', %s)",
            detail,
        )
    stores = Stores(box.settings, connections=1)
    yield stores
    stores.close()


def test_settings_that_stood_in_redis_alone_are_those_of_the_record(box, before):
    assert before.migrate() == schema.REVISION
    assert box.rows("SELECT concert_id, settings, founded_at FROM queues ORDER BY 1") == [
        (1, {"state": "paused", "capacity": 7}, None),
        (2, {}, None),
    ]


def test_places_of_the_former_version_are_no_ghosts_in_the_line(world):
    name = f"{{concert:{world.concert}}}"
    token = tokens.make(world.concert, world.users[0], tokens.new_salt(), "")
    with world.office.stores.redis() as redis:
        now = redis.time()[0] * 1000
        redis.hset(f"{name}:settings", mapping={"state": "open", "capacity": 1})
        redis.hset(f"{name}:line", mapping={"time": now, "state": "open", "number": 3})
        redis.zadd(f"{name}:admitted", {world.users[0]: now + 600_000})
        redis.hset(f"{name}:places", world.users[0], f"1:1:{now + 900_000}")
        redis.zadd(f"{name}:waiting", {world.users[1]: 2, world.users[2]: 3})
        redis.zadd(f"{name}:seen", {world.users[1]: now, world.users[2]: now})
        redis.set(token_key(world.concert, tokens.fingerprint(token)), f"{world.users[0]}:1")
    with pytest.raises(errors.TokenInvalid):
        world.office.position(token)
    line = world.office.show_queue(world.concert).line
    assert (line.waiting, line.admitted) == (0, 0)
    for user in ("user3", "user1"):
        assert world.office.enqueue(str(world.concert), user, key=key()).state == "admitted"
    assert world.office.verify() == ()
