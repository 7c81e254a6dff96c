"""A counter on the private servers starts again by itself what has died."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from tests.conftest import Box, make_world, plain
from tests.invariants import assert_consistent
from tests.tui.live.selling import pays_cash
from tests.tui.live.watching import link_is
from tests.tui.sell.desk import at_map, labels, sells
from tests.tui.stage import played


@pytest.fixture
def private(pair, tmp_path):
    """A small sale in the one database of these servers, which the counter knows by a folder."""
    with psycopg.connect(plain(pair.servers.named("template")), autocommit=True) as connection:
        connection.execute("DROP DATABASE boxoffice WITH (FORCE)")
        connection.execute("CREATE DATABASE boxoffice TEMPLATE template STRATEGY wal_log")
    seen = replace(pair.settings, database_url=pair.servers.database_url,
                   redis_url=pair.servers.redis_url, role="admin")  # fmt: skip
    box = Box(environment={}, settings=seen, home=tmp_path)
    yield make_world(box)
    for office in box.opened:
        office.close()


@pytest.mark.parametrize(("server", "meanwhile"), [("postgres", "offline"), ("redis", "polling")])
@played
async def test_a_private_server_that_died_is_started_again_and_selling_goes_on(
    private, pair, server, meanwhile
):
    async with at_map(private, settings=pair.settings) as stage:
        await link_is(stage, "live")
        await sells(stage, "space", seats=1)
        seats = set(stage.app.screen.till.seats)
        {"postgres": pair.lose_postgres, "redis": pair.lose_redis}[server]()
        await link_is(stage, meanwhile)
        await link_is(stage, "live")
        assert labels(private, "held") == seats
        await pays_cash(stage)
        assert labels(private, "sold") == seats
    assert_consistent(private.box)
